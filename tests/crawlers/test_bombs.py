"""Small inputs that stand for enormous ones, and values that are code elsewhere."""

from __future__ import annotations

import gzip
import json
import resource
import zipfile
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.codec import decode
from crawlers.news_volume import read_timeline
from crawlers.table_rows import BadRow
from demo.hotline import COLUMNS
from domain.errors import BadInput
from domain.sources import GapReason

HEADER = list(COLUMNS[:8])
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
PUBLISHED = format_datetime(datetime.now(UTC))


def feed(prologue: str, text: str) -> bytes:
    return (
        f'<?xml version="1.0"?>{prologue}<rss version="2.0"><channel><title>x</title><item>'
        f"<guid>g</guid><title>通报</title><pubDate>{PUBLISHED}</pubDate>"
        f"<description>{text}</description></item></channel></rss>"
    ).encode()


@pytest.mark.parametrize(
    ("prologue", "text"),
    [
        (f'<!DOCTYPE x [<!ENTITY l0 "哈">{LAUGHS}]>', "&l9;"),
        ('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>', "&f;"),
        ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>', "x"),
    ],
)
def test_entities_are_never_expanded(
    crawl: Any, local_site: Any, page: Any, prologue: str, text: str
) -> None:
    local_site.pages["/rss"] = page(feed(prologue, text))
    run = crawl.run(crawl.declare("feed", urls=[f"{local_site.url}/rss"]))
    assert (run.gap, run.new) == (GapReason.BAD_BODY, 0)
    assert local_site.paths == ["/rss"]


@pytest.mark.parametrize("kind", ["feed", "mastodon", "hearings"])
def test_a_gzip_bomb_is_not_unpacked(crawl: Any, local_site: Any, page: Any, kind: str) -> None:
    bomb = page(gzip.compress(b" " * 60_000_000), headers={"Content-Encoding": "gzip"})
    keys: dict[str, Any] = {
        "feed": {"urls": [f"{local_site.url}/x"]},
        "mastodon": {"platform": "forum", "instance": local_site.url, "tags": ["x"]},
        "hearings": {"endpoint": f"{local_site.url}/x"},
    }
    local_site.pages |= {"/x": bomb, "/api/v1/timelines/tag/x": bomb}
    assert crawl.run(crawl.declare(kind, **keys[kind])).gap is GapReason.TOO_LARGE


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread(
    tmp_path: Path, ticket: list[str], write_book: Any, read_tickets: Any
) -> None:
    path = tmp_path / "a.xlsx"
    write_book(path, [HEADER, ticket])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        part = zipfile.ZipInfo("xl/worksheets/sheet9.xml")
        with archive.open(part, "w", force_zip64=True) as content:
            for _ in range(9):
                content.write(bytes(64 * 1024 * 1024))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(BadInput, match="far too much"):
        read_tickets(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@pytest.mark.parametrize(
    "formula",
    ['=HYPERLINK("http://x.example","点")', "=1+1", "@SUM(A1)", "+1", "=cmd|' /C calc'!A0"],
)
def test_formulas_are_text_or_stored_values_and_never_evaluated(
    tmp_path: Path, formula: str, ticket: list[str], write_book: Any, read_tickets: Any
) -> None:
    path = tmp_path / "a.xlsx"
    write_book(path, [HEADER, [*ticket[:6], formula, ticket[7]]])
    [row] = read_tickets(path)
    assert row.cells["诉求内容"] in (None, formula), "what it would come to is never worked out"
    table = tmp_path / "a.csv"
    quoted = '"' + formula.replace('"', '""') + '"'
    table.write_text(
        f"{','.join(HEADER)}\r\n{','.join(ticket[:6])},{quoted},{ticket[7]}\r\n", "utf-8"
    )
    [row] = read_tickets(table)
    assert row.cells["诉求内容"] == formula


@pytest.mark.parametrize("number", ["1" * 5000, "1e400", "-1e400", "9" * 400])
def test_huge_numbers_cost_the_row(
    tmp_path: Path, number: str, ticket: list[str], read_tickets: Any
) -> None:
    path = tmp_path / "a.jsonl"
    record = json.dumps(dict(zip(HEADER, ticket, strict=True)))
    path.write_text(record.replace('"GD1"', number) + "\n" + record, encoding="utf-8")
    first, second = read_tickets(path)
    assert not isinstance(second, BadRow)
    assert isinstance(first, BadRow) or first.cells["工单号"] is not None
    document = '{"query_details":{"date_resolution":"day"},"timeline":[{"data":[{"date":"20261101T000000Z","value":%s}]}]}'
    with pytest.raises((BadInput, ValueError)):
        read_timeline(json.loads(document % number))


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000, "[" * 900 + "]" * 900])
def test_deep_json_is_refused(tmp_path: Path, deep: str, read_tickets: Any) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(deep, encoding="utf-8")
    assert all(isinstance(row, BadRow) for row in read_tickets(path))
    with pytest.raises(BadInput):
        decode(deep.encode())

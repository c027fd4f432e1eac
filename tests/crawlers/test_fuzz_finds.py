"""What fuzzing found (bench/fuzz.py), each as the smallest input that did it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from courtpulse.case_files import read_cases
from crawlers import push_events
from crawlers.column_mapping import load_mapping
from crawlers.declarations import load
from crawlers.documents import check_weibo, whole
from crawlers.failures import SourceBlind
from crawlers.quarantine import Quarantine
from crawlers.table_header import read_header
from demo.hotline import COLUMNS
from domain.errors import BadInput, ConfigurationError
from domain.sources import GapReason
from text.urls import canonical_url

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HEADER = ",".join(COLUMNS[:8])


def workbook(**parts: bytes) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    held, made = io.BytesIO(), io.BytesIO()
    book.save(held)
    with zipfile.ZipFile(held) as whole, zipfile.ZipFile(made, "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, parts.get(Path(name).stem, whole.read(name)))
    return made.getvalue()


@pytest.mark.parametrize("part", ["sheet1", "workbook", "styles"])
def test_a_part_of_a_workbook_that_is_no_xml(tmp_path: Path, part: str, read_tickets: Any) -> None:
    """lxml's syntax error is not the standard library's."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(**{part: b"no xml"}))
    with pytest.raises(BadInput, match=r"no readable XLSX|breaks off"):
        read_tickets(path)


def test_a_zip_directory_that_points_before_the_file(tmp_path: Path, read_tickets: Any) -> None:
    content = bytearray(workbook())
    entry = content.index(b"PK\x01\x02")
    content[entry + 42 : entry + 46] = b"\xff\xff\xff\x7f"  # where the first part begins
    end = content.rindex(b"PK\x05\x06")
    content[end + 16 : end + 20] = b"\xff\xff\xff\x7f"  # where the directory begins
    path = tmp_path / "a.xlsx"
    path.write_bytes(bytes(content))
    with pytest.raises(BadInput, match="no readable XLSX"):
        read_tickets(path)


@pytest.mark.parametrize(
    "first_line", [f"{HEADER}\rx", HEADER.replace("来电人", '"来电人"x'), f'{HEADER},"']
)
def test_a_first_line_that_cannot_be_split(
    tmp_path: Path, first_line: str, read_tickets: Any
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{first_line}\r\n", encoding="utf-8", newline="")
    with pytest.raises(BadInput, match="first line can't be split"):
        read_tickets(path)


def test_a_header_alone_is_read_by_the_same_rules(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(workbook(sheet1=b"no xml"))
    (tmp_path / "a.csv").write_bytes(b"a\rb,c\n1,2\n")
    for name in ("a.xlsx", "a.csv"):
        with pytest.raises(BadInput):
            read_header(tmp_path / name)


def _declaration(path: Path) -> object:
    return load(path)


def _mapping(path: Path) -> object:
    return load_mapping(path)


def _cases(path: Path) -> object:
    return read_cases(path, NOW)


@pytest.mark.parametrize("read", [_declaration, _mapping, _cases])
@pytest.mark.parametrize(
    "content",
    [
        "[" * 5000,
        "a: " + "{b: " * 200,
        "a: &a [*a]",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
        "a: 2026-13-45",
        "a: 1\na: 2",
        "? [1, 2]\n: 3",
    ],
)
def test_yaml_that_is_deep_holds_itself_or_cannot_be_read(
    tmp_path: Path, read: Any, content: str
) -> None:
    path = tmp_path / "trial.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"trial\.yml"):
        read(path)


def test_a_first_line_in_the_quarantine_that_is_too_deep(tmp_path: Path) -> None:
    (tmp_path / f"{'0' * 32}.item").write_bytes(b"[" * 100_000 + b"\nsealed")
    with pytest.raises(ConfigurationError, match="first line can't be read"):
        Quarantine(tmp_path, lambda: NOW).get("0" * 32)


@pytest.mark.parametrize(
    "url",
    [
        "http://a]:[http:/",
        "http://[http:]/",
        "http://[::1]x:[/",
        "http://a:b:c:/",
        "https://[::1]@[http://",
    ],
)
def test_an_address_whose_brackets_hold_none(url: str) -> None:
    with pytest.raises(BadInput, match=r"malformed|no valid port"):
        canonical_url(url)


def test_a_link_among_attributes_no_document_may_have(
    crawl: Any, local_site: Any, page: Any
) -> None:
    """The selector library copies all attributes, and one with a control character ended it."""
    local_site.pages["/list"] = page(b'<a \x01x="1" href="/a.html">x</a>')
    source = crawl.declare("site", urls=[f"{local_site.url}/list"], selectors={"link": "a"})
    run = crawl.run(source)
    assert "/a.html" in local_site.paths
    assert "解析程序出错" not in run.detail


@pytest.mark.parametrize("event", [[], {}, None, 7])
def test_a_pushed_line_whose_event_is_no_word(event: object) -> None:
    line = {"id": 1, "text": {"type": "status", "event": event, "status": {}}}
    assert push_events.read_event(line) is push_events.Event.POST
    with pytest.raises(BadInput, match="event"):
        push_events.post_of(line, push_events.Stream("trial", 1.0, NOW))


@pytest.mark.parametrize("digits", ["1" * 4301, "9" * 21])
def test_a_code_or_total_of_thousands_of_digits_is_none(digits: str) -> None:
    """Python refuses to make a number of them."""
    assert whole(digits) is None
    check_weibo({"error_code": digits}, "trial")
    with pytest.raises(SourceBlind):
        check_weibo({"error_code": "10023"}, "trial")


@pytest.mark.parametrize("body", [b"123", b'"x"', b"null", b"[]"])
def test_a_list_page_that_is_json(crawl: Any, local_site: Any, page: Any, body: bytes) -> None:
    """The selector library took such a body for JSON and refused to look for links."""
    local_site.pages["/list"] = page(body)
    source = crawl.declare("site", urls=[f"{local_site.url}/list"], selectors={"link": "a"})
    run = crawl.run(source)
    assert (run.gap, run.new) == (GapReason.BLANK_PAGE, 0)


@pytest.mark.parametrize("body", [b"\x00", b"   ", b"&#0;"])
def test_a_feed_that_is_nothing(crawl: Any, local_site: Any, page: Any, body: bytes) -> None:
    """feedparser leaves out the version of what it could not even begin to read."""
    local_site.pages["/rss"] = page(body)
    run = crawl.run(crawl.declare("feed", urls=[f"{local_site.url}/rss"]))
    assert run.gap is GapReason.BAD_BODY
    assert "解析程序出错" not in run.detail

"""Imports: three formats, two encodings, every way a file can be wrong."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawlers.column_mapping import FOLDER, Mapping, load_mapping
from crawlers.imports import ImportReport, import_file
from crawlers.inbox import Inbox
from crawlers.ingest import Ingest
from crawlers.quarantine import Quarantine
from crawlers.tokens import TokenKeys
from demo.hotline import COLUMNS
from domain.errors import BadInput, ConfigurationError
from domain.posts import CollectedPost, Platform, PostKind

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HEADER = list(COLUMNS[:8])


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inbox = Inbox(str(folder / "inbox"), self.clock)
        self.quarantine = Quarantine(folder / "quarantine", self.clock)
        tokens = TokenKeys(folder / "keys", self.clock)
        self.ingest = Ingest(self.inbox, tokens, self.quarantine, self.clock)

    def clock(self) -> datetime:
        return NOW

    def load(self, path: Path, mapping: Mapping | None = None) -> ImportReport:
        return import_file(path, mapping or load_mapping("hotline_12368"), self.ingest, self.clock)

    def posts(self) -> list[CollectedPost]:
        return [post for name in self.ingest.commit() for post in self.inbox.read(name)]

    def errors(self) -> dict[str, str]:
        return {item.where: item.error for item in self.quarantine.list()}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def table(*rows: list[str], header: list[str] = HEADER, delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue()


def numbered(ticket: list[str], count: int) -> list[list[str]]:
    return [
        [f"GD{number}", *ticket[1:6], f"第{number}次反映", ticket[7]] for number in range(count)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_any_encoding(
    bench: Bench, tmp_path: Path, encoding: str, delimiter: str, ticket: list[str]
) -> None:
    path = tmp_path / "tickets.csv"
    path.write_bytes(table(ticket, delimiter=delimiter).encode(encoding))
    report = bench.load(path)
    assert (report.rows, report.new, report.rejected) == (1, 1, 0)
    assert report.first == report.last == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    (collected,) = bench.posts()
    post = collected.post
    assert (post.source, post.platform, post.kind) == (
        "hotline_12368",
        Platform.HOTLINE,
        PostKind.TICKET,
    )
    assert post.title == "云岫区人民法院 · 投诉"
    assert post.text.startswith("立案\n系统打不开")
    assert "19900004321" not in post.text
    assert "川女士" not in post.full_text
    assert len(collected.author_tokens) == 1


def test_jsonl_and_xlsx_give_what_csv_gives(
    tmp_path: Path, ticket: list[str], write_book: Any
) -> None:
    rows = numbered(ticket, 30)
    (tmp_path / "a.csv").write_text(table(*rows), encoding="utf-8")
    lines = [json.dumps(dict(zip(HEADER, row, strict=True))) for row in rows]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    write_book(tmp_path / "a.xlsx", [list(HEADER), *(list(row) for row in rows)])
    found = []
    for suffix in ("csv", "jsonl", "xlsx"):
        bench = Bench(tmp_path / suffix)
        assert bench.load(tmp_path / f"a.{suffix}").new == 30
        found.append([collected.post for collected in bench.posts()])
    assert found[0] == found[1] == found[2]


def test_importing_twice_changes_nothing(bench: Bench, tmp_path: Path, ticket: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(table(*numbered(ticket, 5)), encoding="utf-8")
    assert bench.load(path).new == 5
    assert bench.load(path).duplicates == 5
    first = {post.post.id for post in bench.posts()}
    bench.load(path)
    assert {post.post.id for post in bench.posts()} in (first, set())


def test_bad_rows_are_named_and_the_rest_goes_on(
    bench: Bench, tmp_path: Path, ticket: list[str]
) -> None:
    good = numbered(ticket, 3)
    lines = table(good[0]).encode("utf-8").splitlines(keepends=True)
    lines += [
        b"GD7,2026-11-20,too,few\r\n",
        b"GD8," + "没有时间".encode() + b",a,1,b,c,d,e\r\n",
        b"GD9,2026-11-20,\xff\xfe,1,b,c,d,e\r\n",
        b'GD10,"quote"broken,a,1,b,c,d,e\r\n',
        b"\r\n",
        b"GD11,2026-11-20,a,1,b,,,e\r\n",
        b"GD12," + b"x" * 1_200_000 + b"\r\n",
        table(good[1]).encode().splitlines(keepends=True)[1],
    ]
    path = tmp_path / "a.csv"
    path.write_bytes(b"".join(lines))
    report = bench.load(path)
    assert (report.rows, report.new, report.rejected) == (8, 2, 6)
    errors = bench.errors()
    assert set(errors) == {f"a.csv row {number}" for number in (3, 4, 5, 6, 8, 9)}
    assert "4 cells" in errors["a.csv row 3"]
    assert "utf-8" in errors["a.csv row 5"]
    assert "no text" in errors["a.csv row 8"]
    assert "longer than" in errors["a.csv row 9"]


@pytest.mark.parametrize("place", [1, 1000, 2000])
def test_a_quote_that_is_never_closed_costs_one_row(
    bench: Bench, tmp_path: Path, place: int, ticket: list[str]
) -> None:
    rows = table(*numbered(ticket, 2000)).splitlines(keepends=True)
    rows[place] = rows[place].replace(",", ',"', 1)
    path = tmp_path / "a.csv"
    path.write_text("".join(rows), encoding="utf-8", newline="")
    report = bench.load(path)
    assert (report.rows, report.new, report.rejected) == (2000, 1999, 1)
    assert set(bench.errors()) == {f"a.csv row {place + 1}"}


def test_text_over_several_lines_is_one_row(
    bench: Bench, tmp_path: Path, ticket: list[str]
) -> None:
    path = tmp_path / "a.csv"
    long = [*ticket[:6], "第一行\n第二行，有逗号\n“引号”", ticket[7]]
    path.write_text(table(long, ["GD2", *ticket[1:]]), encoding="utf-8", newline="")
    assert bench.load(path).new == 2
    assert "第二行，有逗号" in bench.posts()[0].post.text


def test_jsonl_with_bad_lines(bench: Bench, tmp_path: Path, ticket: list[str]) -> None:
    good = json.dumps(dict(zip(HEADER, ticket, strict=True)))
    lines = [
        good,
        "{",
        "[1]",
        "[" * 5000,
        '{"surprise": 1}',
        good.replace("GD1", "GD2"),
        '"\\ud800"',
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    report = bench.load(path)
    assert (report.new, report.rejected) == (2, 5)
    assert "surprise" in bench.errors()["a.jsonl row 5"]


def test_xlsx_dates_numbers_and_formulas_are_values(
    bench: Bench, tmp_path: Path, write_book: Any
) -> None:
    path = tmp_path / "a.xlsx"
    moment = datetime(2026, 11, 20, 9, 30)  # noqa: DTZ001 - as a spreadsheet keeps it
    formula = '=HYPERLINK("http://evil.example","点我")'
    write_book(path, [
        list(HEADER),
        [20261120001, moment, "a", 19900001234, "投诉", "立案", "打不开", "云岫区人民法院", None],
        ["GD2", moment, None, None, None, formula, "有公式", None],
        [],
        ["GD3", moment, None, None, None, None, formula, None],
        ["GD4", moment, None, None, None, None, "多一格", None, "多余"],
    ])  # fmt: skip
    report = bench.load(path)
    assert (report.rows, report.new, report.rejected) == (4, 2, 2)
    posts = [collected.post for collected in bench.posts()]
    assert posts[0].published_at == datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert posts[1].text == "有公式"
    assert not any("HYPERLINK" in post.text for post in posts)
    assert "no text" in bench.errors()["a.xlsx row 5"]
    assert "more cells" in bench.errors()["a.xlsx row 6"]


@pytest.mark.parametrize("kind", ["bomb", "parts", "entities", "text", "cut"])
def test_a_hostile_xlsx_is_refused_before_it_is_parsed(
    bench: Bench,
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    ticket: list[str],
    write_book: Any,
) -> None:
    path = tmp_path / "a.xlsx"
    write_book(path, [list(HEADER), list(ticket)])
    content = path.read_bytes()
    if kind == "bomb":
        monkeypatch.setattr("crawlers.table_rows.MAX_UNPACKED", 10_000_000)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/media/bomb.bin", b"\0" * 11_000_000)
    elif kind == "parts":
        monkeypatch.setattr("crawlers.table_rows.MAX_PARTS", 3)
    elif kind == "entities":
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("xl/evil.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    elif kind == "text":
        path.write_bytes(b"PK no zip")
    else:
        path.write_bytes(content[: len(content) // 2])
    with pytest.raises(BadInput) as caught:
        bench.load(path)
    assert caught.value.where == "a.xlsx"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("工单号,受理时间\nGD1,2026\n", "columns are missing"),
        (table(["x"] * 9, header=[*HEADER, "诉求内容"]), "twice"),
        (table(["x"] * 9, header=[*HEADER, "身份证号"]), "身份证号"),
        ("", "missing"),
    ],
)
def test_a_file_with_other_columns_is_refused(
    bench: Bench, tmp_path: Path, content: str, problem: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match=problem):
        bench.load(path)
    assert bench.posts() == []


def test_a_file_without_a_header_does_not_show_its_data(
    bench: Bench, tmp_path: Path, ticket: list[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        table(ticket, header=["GD0", "川女士", "川女士", *ticket[3:]]), encoding="utf-8"
    )
    with pytest.raises(BadInput, match="columns are missing") as caught:
        bench.load(path)
    assert "川女士" not in str(caught.value)
    assert "19900001234" not in str(caught.value)


def test_files_that_cannot_be_read_say_why(bench: Bench, tmp_path: Path, ticket: list[str]) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    (tmp_path / "b.csv").write_bytes(table(ticket).encode("utf-16"))
    with pytest.raises(BadInput, match=r"\.pdf"):
        bench.load(tmp_path / "a.pdf")
    with pytest.raises(BadInput, match="UTF-16"):
        bench.load(tmp_path / "b.csv")
    with pytest.raises(BadInput, match="no such file"):
        bench.load(tmp_path / "c.csv")


def test_progress_reaches_the_end(bench: Bench, tmp_path: Path, ticket: list[str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(table(*numbered(ticket, 50)), encoding="utf-8")
    calls: list[tuple[int, int]] = []
    mapping = load_mapping("hotline_12368")
    import_file(path, mapping, bench.ingest, bench.clock, lambda *call: calls.append(call))
    assert calls[-1] == (path.stat().st_size, path.stat().st_size)
    assert calls == sorted(calls)


def test_every_shipped_mapping_is_valid_once_licensed() -> None:
    names = {path.stem for path in FOLDER.glob("*.yml")}
    assert {"hotline_12368", "vendor_weibo"} <= names
    for name in names:
        assert load_mapping(name, "contract 2026-7").license_ref == "contract 2026-7"


def test_vendor_counts_are_read(bench: Bench, tmp_path: Path) -> None:
    header = ["mid", "created_at", "text", "uid", "reposts_count", "comments_count", "like_count"]
    row = [
        "5367257342596743",
        "Fri Nov 20 09:15:32 +0800 2026",
        "开庭了",
        "1000000001",
        "1.2万",
        "",
        "0",
    ]
    path = tmp_path / "a.csv"
    path.write_text(table(row, header=header), encoding="utf-8")
    assert bench.load(path, load_mapping("vendor_weibo", "contract 2026-7")).new == 1
    engagement = bench.posts()[0].post.engagement
    assert (engagement.reposts, engagement.comments, engagement.likes) == (12000, None, 0)


GOOD = """
license_ref: contract 2026-7
platform: mailbox
kind: post
columns: {native_id: 编号, published_at: 时间, text: 内容}
"""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("license_ref: contract 2026-7", ""), "license_ref"),
        (("license_ref: contract 2026-7", "license_ref: ' '"), "license_ref"),
        (("platform: mailbox", "platform: fax"), "platform"),
        (("kind: post", "kind: rumour"), "kind"),
        (("kind: post", "kind: post\nlabels: {}"), "unknown key labels"),
        (("native_id: 编号", "nativ_id: 编号"), "unknown field nativ_id"),
        (("native_id: 编号, ", ""), "identifies"),
        (("published_at: 时间, ", ""), "published_at"),
        (("text: 内容", "text: 内容, url: [甲, 乙]"), "several columns"),
        (("kind: post", "kind: post\nconstants: {verified_type: king}"), "verified_type"),
        (("kind: post", "kind: post\nconstants: {text: x}"), "unknown constant"),
        (("kind: post", "kind: post\nencoding: latin1"), "encoding"),
        (("kind: post", "kind: post\nsample_rate: 0"), "sample_rate"),
        (("columns:", "columns: ["), "YAML"),
        ((GOOD, "- 1"), "not a YAML mapping"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], problem: str
) -> None:
    path = tmp_path / "mailbox.yml"
    path.write_text(GOOD, encoding="utf-8")
    assert load_mapping(path).name == "mailbox"
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_mapping(path)
    assert "mailbox.yml" in str(caught.value)


def test_an_unknown_mapping_names_those_that_ship() -> None:
    with pytest.raises(ConfigurationError, match="hotline_12368"):
        load_mapping("hotline")


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=400), suffix=st.sampled_from([".csv", ".jsonl", ".xlsx"]))
def test_any_bytes_are_rows_or_a_clear_error(
    bench: Bench, tmp_path: Path, content: bytes, suffix: str
) -> None:
    path = tmp_path / f"any{suffix}"
    head = table().encode() if suffix == ".csv" else b""
    path.write_bytes(head + content)
    before = bench.ingest.tally.rejected
    try:
        report = bench.load(path)
    except BadInput:
        return  # the whole file was refused, with a reason
    assert report.new + report.edited + report.duplicates + report.rejected == report.rows
    assert bench.ingest.tally.rejected - before == report.rejected

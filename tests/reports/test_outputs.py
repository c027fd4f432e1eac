"""The weekly as files: read back, hostile titles, refusals, whole files or none."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import docx
import pypdf
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from domain.alerts import Level
from domain.errors import BadInput, ConfigurationError, NotAllowed
from reports import docx as word
from reports import html, pdf
from reports.aggregates import Issue
from reports.check import check
from reports.model import Paragraph, Section, WeeklyModel
from reports.period import Week
from reports.weekly import build_weekly
from reports.write import html_texts, write_weekly


@pytest.fixture
def model(world: Any, topics: Any, clock: Any, issue: Issue) -> WeeklyModel:
    return build_weekly(world.store, world.records, topics, clock, issue)


_DRAWN: dict[str, bytes] = {}


@pytest.fixture
def drawn(model: WeeklyModel) -> bytes:
    """The DOCX, drawn once for the same aggregates."""
    key = model.aggregates["digest"]
    if key not in _DRAWN:
        _DRAWN[key] = word.render(model)
    return _DRAWN[key]


@pytest.fixture
def document(drawn: bytes) -> Any:
    return docx.Document(BytesIO(drawn))


def test_page_is_a4_with_office_margins(document: Any) -> None:
    page = document.sections[0]
    sides = (page.page_width, page.page_height, page.top_margin, page.bottom_margin,
             page.left_margin, page.right_margin)  # fmt: skip
    wanted = tuple(map(Mm, (210, 297, 37, 35, 28, 26)))
    assert all(abs(a - b) < Mm(0.1) for a, b in zip(sides, wanted, strict=True))


@pytest.mark.parametrize(
    ("style", "font", "points", "line"),
    [
        ("Normal", "仿宋_GB2312", 16, 28),
        ("Title", "方正小标宋简体", 22, 34),
        ("Heading 1", "黑体", 16, 28),
        ("Heading 2", "楷体_GB2312", 16, 28),
        ("Page Number", "宋体", 14, None),
    ],
)
def test_fonts_and_lines(
    document: Any, style: str, font: str, points: int, line: int | None
) -> None:
    found = document.styles[style]
    assert found.element.rPr.rFonts.get(qn("w:eastAsia")) == font
    assert found.font.size == Pt(points)
    if line:
        assert found.paragraph_format.line_spacing_rule == WD_LINE_SPACING.EXACTLY
        assert found.paragraph_format.line_spacing == Pt(line)


def test_first_line_is_indented_two_characters(document: Any) -> None:
    indent = document.styles["Normal"].element.pPr.ind
    assert indent.get(qn("w:firstLineChars")) == "200"
    assert document.styles["Title"].element.pPr.ind.get(qn("w:firstLineChars")) == "0"


def test_title_is_centred_and_the_name_is_red(document: Any) -> None:
    assert document.styles["Title"].paragraph_format.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert str(document.styles["Masthead"].font.color.rgb) == "C00000"
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert texts[:4] == [
        "内部资料 注意保存", "舆情周报", "第12期", "江澜市中级人民法院新闻办公室\t2026年11月20日",
    ]  # fmt: skip
    assert texts[-3:] == [
        "报：院领导",
        "送：江澜市高级人民法院新闻办公室",
        "发：各基层法院，本院各部门",
    ]


def test_page_numbers_odd_right_even_left(document: Any) -> None:
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        paragraph = footer.paragraphs[0]
        assert paragraph.alignment == side
        assert paragraph.text == "—  —"
        assert [node.text for node in paragraph._p.iter(qn("w:instrText"))] == [" PAGE "]


def test_font_table_names_what_stands_in(drawn: bytes) -> None:
    with ZipFile(BytesIO(drawn)) as archive:
        table = ElementTree.fromstring(archive.read("word/fontTable.xml"))
    names = {
        font.get(qn("w:name")): font.find(qn("w:altName")).get(qn("w:val"))  # type: ignore[union-attr]
        for font in table
    }
    assert names["仿宋_GB2312"] == "FangSong"
    assert names["黑体"] == "SimHei"
    assert names["楷体_GB2312"] == "KaiTi"


def test_tables_fit_the_page_and_repeat_their_heads(document: Any) -> None:
    assert len(document.tables) == 3
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        width = sum(column.width for column in table.columns)
        assert abs(width - Mm(156)) < Mm(1)


def test_pictures_carry_words(document: Any) -> None:
    assert len(document.inline_shapes) == 2
    for shape in document.inline_shapes:
        assert "帖" in shape._inline.docPr.get("descr")
        assert shape.width <= Mm(156)


def test_no_trace_of_the_template(document: Any) -> None:
    properties = document.core_properties
    assert properties.author == properties.last_modified_by == "江澜市中级人民法院新闻办公室"
    assert properties.comments == ""
    assert properties.title.startswith("江澜市中级人民法院一周舆情")


def test_all_formats_say_the_same(model: WeeklyModel, drawn: bytes) -> None:
    page, document = html_texts(html.render(model)), word.texts(drawn)
    for section in model.sections:
        assert section.title in page
        assert section.title in document
        for block in section.blocks:
            if isinstance(block, Paragraph):
                assert any(block.text in text for text in page)
                assert block.shown in document
    assert check(page) == check(document) == []


def test_html_stands_alone(model: WeeklyModel) -> None:
    page = html.render(model)
    assert '<html lang="zh-CN">' in page
    assert page.count("<svg") == 2
    for outside in ("<script", "<link", "<img", "url(", "@import"):
        assert outside not in page


HOSTILE = '=HYPERLINK("http://evil.example")<script>alert(1)</script>{{ 7*7 }}\x0b﻿'


def test_hostile_case_title_is_only_text(
    world: Any, topics: Any, clock: Any, issue: Issue, week: Week,
    make_case: Callable[..., Any], make_alert: Callable[..., Any], tmp_path: Path,
) -> None:  # fmt: skip
    world.records.cases.save(make_case("evil", HOSTILE, week))
    world.records.alerts.save(make_alert("evil", Level.RED, week), "raised")
    model = build_weekly(world.store, world.records, topics, clock, issue)
    page = html.render(model)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7*7 }}" in page
    written = word.render(model)
    headings = [text for text in word.texts(written) if text.startswith("（一）")]
    assert headings[0].startswith('（一）=HYPERLINK("http://evil.example")<script>')
    with ZipFile(BytesIO(written)) as archive:
        body = archive.read("word/document.xml").decode()
        assert "w:hyperlink" not in body
        assert "fldSimple" not in body
        assert "evil.example" not in archive.read("word/_rels/document.xml.rels").decode()


def test_identifier_in_a_title_stops_everything(
    world: Any, topics: Any, clock: Any, issue: Issue, week: Week,
    make_case: Callable[..., Any], make_alert: Callable[..., Any], tmp_path: Path,
) -> None:  # fmt: skip
    world.records.cases.save(make_case("leak", "来电13812345678一案", week))
    world.records.alerts.save(make_alert("leak", Level.RED, week), "raised")
    model = build_weekly(world.store, world.records, topics, clock, issue)
    with pytest.raises(NotAllowed, match="identifier"):
        write_weekly(model, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_bare_percentage_stops_everything(model: WeeklyModel, tmp_path: Path) -> None:
    first = model.sections[0]
    forged = Section(first.number, first.heading, (*first.blocks, Paragraph("负面占 61%。")))
    wrong = dataclasses.replace(model, sections=(forged, *model.sections[1:]))
    with pytest.raises(NotAllowed, match="percentage without n"):
        write_weekly(wrong, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_files_are_written_whole_and_again(model: WeeklyModel, tmp_path: Path) -> None:
    written = write_weekly(model, tmp_path)
    assert sorted(written) == ["docx", "html", "json"]
    assert json.loads(Path(written["json"]).read_text(encoding="utf-8")) == model.aggregates
    Path(written["html"]).write_text("half", encoding="utf-8")
    assert write_weekly(model, tmp_path) == written
    assert Path(written["html"]).read_text(encoding="utf-8").endswith("</html>\n")
    assert sorted(path.name for path in tmp_path.iterdir() if "sqlite" not in path.name) == sorted(
        Path(path).name for path in written.values()
    )


def test_unknown_format_is_refused(model: WeeklyModel, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no report format 'odt'"):
        write_weekly(model, tmp_path, ("odt",))


def test_pdf_says_what_the_document_says(
    drawn: bytes, require: Callable[[object, str], None]
) -> None:
    require(pdf.office(), "LibreOffice is not installed")
    pages = pypdf.PdfReader(BytesIO(pdf.convert(drawn))).pages
    said = "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")
    assert float(pages[0].mediabox.width) == pytest.approx(595.3, abs=1)
    for heading in ("一、本周要情", "三、关切话题榜", "七、数据说明", "—1—", "—2—"):
        assert heading in said
    assert "公开信息抽样，不代表全体民意" in said


def test_pdf_without_libreoffice_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match="install the package libreoffice-writer"):
        pdf.convert(b"")

"""The weekly as a Word document in the office layout."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from reports import drawing
from reports.docx_layout import TEXT_WIDTH, apply, border, element
from reports.model import Block, Heading, Masthead, Paragraph, Picture, Table, WeeklyModel
from reports.words import UNCHECKED
from text.normalise import clean

_CHINESE = "一二三四五六七八九十"
_BROWN = RGBColor(0x8A, 0x4B, 0x00)
_SHADE = "F2F2F2"
#: 1 mm in twentieths of a point: eight columns have to fit 156 mm.
_CELL_MARGIN = 57
#: A table up to this long isn't torn by a page; a longer one repeats its head.
_ROWS_TOGETHER = 6


def render(model: WeeklyModel) -> bytes:
    """The document. No seal, no signature: those belong to people."""
    document = docx.Document()
    apply(document)
    _properties(document, model)
    _masthead(document, model.masthead)
    title = document.add_paragraph(style="Title")
    for number, line in enumerate(model.title.split("\n")):
        if number:
            title.add_run().add_break()
        title.add_run(clean(line))
    for section in model.sections:
        document.add_paragraph(section.title, style="Heading 1")
        _blocks(document, section.blocks)
    _tail(document, model.masthead)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _properties(document: Document, model: WeeklyModel) -> None:
    properties = document.core_properties
    made = datetime.fromisoformat(model.aggregates["created_at"]).astimezone(UTC)
    properties.title = clean(model.title).replace("\n", "")
    properties.author = properties.last_modified_by = clean(model.masthead.issuer)
    properties.created = properties.modified = made.replace(tzinfo=None)
    properties.language, properties.comments = "zh-CN", ""
    properties.identifier = model.aggregates["digest"]


def _masthead(document: Document, masthead: Masthead) -> None:
    document.add_paragraph(masthead.secrecy, style="Secrecy")
    name = document.add_paragraph(style="Masthead").add_run(clean(masthead.name))
    name._r.get_or_add_rPr().append(element("spacing", val=160))
    document.add_paragraph(f"第{masthead.number}期", style="Issue")
    line = document.add_paragraph(f"{clean(masthead.issuer)}\t{masthead.issued}", style="Issuer")
    line.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    border(line, 18, "bottom", colour="C00000")


def _blocks(document: Document, blocks: tuple[Block, ...]) -> None:
    headings = 0
    for block in blocks:
        if isinstance(block, Heading):
            words = f"（{_CHINESE[headings]}）{clean(block.text)}"
            document.add_paragraph(words, style="Heading 2")
            headings += 1
        elif isinstance(block, Paragraph):
            paragraph = document.add_paragraph(clean(block.text))
            if block.unchecked:
                paragraph.add_run(UNCHECKED).font.color.rgb = _BROWN
        elif isinstance(block, Picture):
            _picture(document, block)
        else:
            _table(document, block)


def _picture(document: Document, picture: Picture) -> None:
    paragraph = document.add_paragraph(style="Picture")
    shape = paragraph.add_run().add_picture(BytesIO(drawing.png(picture)), width=Mm(TEXT_WIDTH - 4))
    properties = shape._inline.docPr
    properties.set("descr", clean(picture.alt))
    properties.set("name", picture.name)


def _table(document: Document, block: Table) -> None:
    document.add_paragraph(clean(block.caption), style="Table Caption")
    table = document.add_table(rows=0, cols=len(block.columns), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    margins = element("tblCellMar")
    for side in ("left", "right"):
        margins.append(element(side, w=_CELL_MARGIN, type="dxa"))
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")
    for column, entry in zip(table.columns, block.columns, strict=True):
        column.width = Mm(entry.width)
    _row(table, block, tuple(column.head for column in block.columns), head=True)
    together = len(block.rows) <= _ROWS_TOGETHER
    for number, row in enumerate(block.rows, start=1):
        _row(table, block, row, keep=together and number < len(block.rows))
    document.add_paragraph(style="Table Text")  # air below


def _row(
    table: Any, block: Table, texts: tuple[str, ...], *, head: bool = False, keep: bool = False
) -> None:
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    properties.append(element("cantSplit"))
    if head:
        properties.append(element("tblHeader"))
    for cell, column, text in zip(row.cells, block.columns, texts, strict=True):
        cell.width = Mm(column.width)
        paragraph = cell.paragraphs[0]
        paragraph.style = "Table Head" if head else "Table Text"
        paragraph.add_run(clean(text))
        paragraph.paragraph_format.keep_with_next = head or keep
        if column.right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        if head:
            shade = element("shd", val="clear", color="auto", fill=_SHADE)
            cell._tc.get_or_add_tcPr().append(shade)


def _tail(document: Document, masthead: Masthead) -> None:
    lines = masthead.tail
    if not lines:
        return
    document.paragraphs[-1].paragraph_format.keep_with_next = True  # the tail never stands alone
    for number, (word, names) in enumerate(lines):
        paragraph = document.add_paragraph(f"{word}：{clean(names)}", style="Tail")
        paragraph.paragraph_format.keep_with_next = number < len(lines) - 1
        paragraph.paragraph_format.space_before = Pt(0 if number else 12)
        border(paragraph, 8, "top", "bottom", "between")


def texts(document: bytes) -> list[str]:
    """Every text of a DOCX in reading order: what its check reads."""
    body = docx.Document(BytesIO(document)).element.body
    return [
        "".join(part.text or "" for part in paragraph.iter(qn("w:t")))
        for paragraph in body.iter(qn("w:p"))
    ]

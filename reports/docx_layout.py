"""The office layout of a 简报 (practice.md §5): page, styles, fonts, page numbers.

方正小标宋, 仿宋_GB2312 and 楷体_GB2312 are proprietary: they are named, never bundled; the font
table names what stands in for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

TITLE_FONT = "方正小标宋简体"
BODY_FONT = "仿宋_GB2312"
#: Proprietary or Windows fonts → what stands in for them.
STAND_INS = {
    TITLE_FONT: "SimSun",
    BODY_FONT: "FangSong",
    "楷体_GB2312": "KaiTi",
    "黑体": "SimHei",
    "宋体": "SimSun",
}
LATIN_FONT = "Times New Roman"
LINE = Pt(28)
RED = RGBColor(0xC0, 0x00, 0x00)
#: Text width of the page, mm: 210 − 28 − 26.
TEXT_WIDTH = 156


@dataclass(frozen=True, slots=True)
class Look:
    """How a paragraph style looks; `line` None is single spacing (pictures, the large name)."""

    name: str
    font: str
    points: float
    align: WD_ALIGN_PARAGRAPH | None = None
    indent: bool = False
    line: float | None = 28
    outline: int | None = None
    space_before: float = 0
    space_after: float = 0


_CENTRE, _JUSTIFY = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY
LOOKS = (
    Look("Normal", BODY_FONT, 16, _JUSTIFY, indent=True),
    Look("Title", TITLE_FONT, 22, _CENTRE, line=34, space_before=14, space_after=14),
    Look("Heading 1", "黑体", 16, indent=True, outline=0),
    Look("Heading 2", "楷体_GB2312", 16, indent=True, outline=1),
    Look("Secrecy", "黑体", 16),
    Look("Masthead", TITLE_FONT, 48, _CENTRE, line=None),
    Look("Issue", BODY_FONT, 16, _CENTRE),
    Look("Issuer", BODY_FONT, 16),
    Look("Table Head", "黑体", 10.5, line=15),
    Look("Table Text", BODY_FONT, 10.5, line=15),
    Look("Table Caption", "黑体", 12, line=22, space_before=6),
    Look("Picture", BODY_FONT, 12, _CENTRE, line=None, space_before=8, space_after=8),
    Look("Page Number", "宋体", 14, line=None),
    Look("Tail", BODY_FONT, 14, line=24),
)


def apply(document: Document) -> None:
    """Make the page, the styles, the font table and the page numbers."""
    _page(document)
    for look in LOOKS:
        _style(document, look)
    _language(document)
    _font_table(document)
    _page_numbers(document)


def element(tag: str, **attributes: object) -> Any:
    """A `w:` element with `w:` attributes."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def border(paragraph: Any, size: int, *sides: str, colour: str = "000000") -> None:
    """Rules at `sides` of a paragraph ("top", "bottom", "between"), in eighths of a point."""
    borders = element("pBdr")
    for side in sides:
        borders.append(element(side, val="single", sz=size, space=1, color=colour))
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    # GB/T 9704: the page number stands 7 mm below the text.
    section.header_distance, section.footer_distance = Mm(15), Mm(22)


def _style(document: Document, look: Look) -> None:
    styles = document.styles
    known = {style.name for style in styles}
    style = (
        styles[look.name]
        if look.name in known
        else styles.add_style(look.name, WD_STYLE_TYPE.PARAGRAPH)
    )
    assert isinstance(style, ParagraphStyle)
    for old in (style.element.pPr, style.element.rPr):
        if old is not None:  # the template's blue headings and rules
            style.element.remove(old)
    if look.name != "Normal":
        style.base_style = styles["Normal"]
    style.quick_style = True
    style.font.size, style.font.name = Pt(look.points), LATIN_FONT
    style.font.color.rgb = RED if look.name == "Masthead" else RGBColor(0, 0, 0)
    style.element.get_or_add_rPr().rFonts.set(qn("w:eastAsia"), look.font)
    shape = style.paragraph_format
    shape.alignment = look.align if look.align is not None else WD_ALIGN_PARAGRAPH.LEFT
    shape.space_before, shape.space_after = Pt(look.space_before), Pt(look.space_after)
    if look.line is None:
        shape.line_spacing = 1.0
    else:
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.line)
    shape.keep_with_next = look.outline is not None or look.name == "Table Caption"
    _indent(style, look)
    if look.outline is not None:
        style.element.get_or_add_pPr().append(element("outlineLvl", val=look.outline))


def _indent(style: ParagraphStyle, look: Look) -> None:
    """First line two characters, whatever the font that stands in."""
    characters = 2 if look.indent else 0
    shape = style.paragraph_format
    shape.first_line_indent = Pt(characters * look.points)
    style.element.pPr.ind.set(qn("w:firstLineChars"), str(100 * characters))


def _language(document: Document) -> None:
    for properties in document.styles.element.iter(qn("w:rPrDefault")):
        for language in properties.iter(qn("w:lang")):
            language.set(qn("w:eastAsia"), "zh-CN")


def _font_table(document: Document) -> None:
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in STAND_INS.items()
    )
    table = f'<?xml version="1.0" encoding="UTF-8"?><w:fonts {nsdecls("w")}>{entries}</w:fonts>'
    for part in document.part.package.iter_parts():
        if part.partname == "/word/fontTable.xml":
            part._blob = table.encode()
            return
    raise AssertionError("python-docx's template has a font table")


def _page_numbers(document: Document) -> None:
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    sides = (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left"),
    )
    for footer, align, side in sides:
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style, paragraph.alignment = document.styles["Page Number"], align
        # one character in from the edge of the text
        shape = paragraph.paragraph_format
        shape.first_line_indent = Pt(0)
        shape.right_indent, shape.left_indent = (
            (Pt(14), Pt(0)) if side == "right" else (Pt(0), Pt(14))
        )
        paragraph._p.pPr.ind.set(qn(f"w:{side}Chars"), "100")
        paragraph.add_run("— ")
        for kind in ("begin", "", "end"):
            run = paragraph.add_run()
            if kind:
                run._r.append(element("fldChar", fldCharType=kind))
            else:
                instruction = element("instrText")
                instruction.text = " PAGE "
                run._r.append(instruction)
        paragraph.add_run(" —")

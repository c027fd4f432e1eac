"""A report as it is read: sections of blocks. HTML and DOCX draw the same blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from reports.words import UNCHECKED


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `unchecked` ones end with 〔待核〕, because a machine wrote them."""

    text: str
    unchecked: bool = False

    @property
    def shown(self) -> str:
        """The text with its mark."""
        return self.text + UNCHECKED if self.unchecked else self.text


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading below a section's, numbered （一）（二） by the report."""

    text: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: head, width in mm on A4 (156 mm in all), and alignment of numbers."""

    head: str
    width: float
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; each row has one text per column."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def width(self) -> float:
        """Sum of the columns, mm."""
        return sum(column.width for column in self.columns)


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its data, and what it says in words for those who don't see it."""

    name: str
    spec: dict[str, Any] = field(compare=False)
    alt: str


Block = Paragraph | Heading | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A section; `number` is 一、二、…"""

    number: str
    heading: str
    blocks: tuple[Block, ...]

    @property
    def title(self) -> str:
        """E.g. “一、本周要情”."""
        return f"{self.number}、{self.heading}"


@dataclass(frozen=True, slots=True)
class Masthead:
    """报头 and 报尾."""

    name: str
    number: int
    issuer: str
    issued_on: date
    secrecy: str = "内部资料 注意保存"
    report_to: str = ""
    send_to: str = ""
    hand_out: str = ""

    @property
    def tail(self) -> list[tuple[str, str]]:
        """报、送、发 as far as there are any."""
        lines = (("报", self.report_to), ("送", self.send_to), ("发", self.hand_out))
        return [(word, names) for word, names in lines if names]

    @property
    def issued(self) -> str:
        """The date as the office writes it."""
        day = self.issued_on
        return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True, slots=True)
class WeeklyModel:
    """The weekly, ready to be drawn. Made from `aggregates` alone."""

    masthead: Masthead
    title: str
    sections: tuple[Section, ...]
    aggregates: dict[str, Any] = field(compare=False, repr=False)

    def blocks(self) -> Iterator[Block]:
        """All blocks in order."""
        for section in self.sections:
            yield from section.blocks

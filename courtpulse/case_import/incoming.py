"""One row of a court's export as what it says of a case; nothing in a cell is ever evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from courtpulse.case_import.mapping import CaseMapping
from courtpulse.case_import.titles import masked_title
from domain.cases import Litigant, Stage
from domain.errors import BadInput
from domain.openness import check_link
from domain.registry import KeyDateKind
from text import case_numbers, causes
from text.masking import mask_person
from text.normalise import clean

#: Characters of a text column of the registry (records.models.CaseRow).
_LONGEST = 200
_SPLIT = re.compile(r"[、,，\n]+")
_GROUPS = re.compile(r"[;；\n]+")
_ROLE = re.compile(r"^([一-鿿]{2,12}?)\s*[:：]\s*(.+)$")
_VERSUS = re.compile(r"^(.{2,40}?)诉(.{2,40})$")
_DAY = re.compile(r"((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_DIGITS = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
_YES = frozenset(("是", "y", "yes", "1", "true", "√", "关注"))
_NO = frozenset(("", "否", "n", "no", "0", "false", "×"))
#: From a number's kind to the stage, the first that fits (practice.md §3).
_STAGES = (
    ("诉前调", Stage.PRE_MEDIATION), ("赔", Stage.STATE_COMPENSATION), ("破", Stage.BANKRUPTCY),
    ("清", Stage.BANKRUPTCY), ("执", Stage.ENFORCEMENT), ("核", Stage.REVIEW),
    ("初", Stage.FIRST_INSTANCE), ("终", Stage.SECOND_INSTANCE), ("申", Stage.RETRIAL_REVIEW),
    ("抗", Stage.RETRIAL_REVIEW), ("监", Stage.RETRIAL_REVIEW), ("再", Stage.RETRIAL),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a row says; "" and () where it says nothing.

    Attributes:
        key: names the case in the court's system: its own id, else its first whole number.
        rows: the rows it was put together from.
        watch: None when the file has no word on it.
    """

    key: str
    rows: tuple[int, ...]
    numbers: tuple[str, ...] = ()
    title: str = ""
    court: str = ""
    cause: str = ""
    stage: Stage | None = None
    litigants: tuple[Litigant, ...] = ()
    links: tuple[str, ...] = ()
    dates: tuple[tuple[KeyDateKind, date], ...] = ()
    watch: bool | None = None
    warnings: tuple[str, ...] = ()

    def joined(self, other: Incoming) -> Incoming:
        """With a further row on the same case: one a litigant, or one a hearing."""
        warnings = [*self.warnings, *other.warnings]
        for name in ("title", "court", "cause", "stage"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine and theirs and mine != theirs:
                warnings.append(
                    f"第 {other.rows[0]} 行写“{theirs}”，用了第 {self.rows[0]} 行的“{mine}”"
                )
        return replace(
            self,
            rows=self.rows + other.rows,
            numbers=tuple(dict.fromkeys(self.numbers + other.numbers)),
            title=self.title or other.title,
            court=self.court or other.court,
            cause=self.cause or other.cause,
            stage=self.stage or other.stage,
            litigants=tuple(dict.fromkeys(self.litigants + other.litigants)),
            links=tuple(dict.fromkeys(self.links + other.links)),
            dates=tuple(sorted(set(self.dates + other.dates))),
            watch=self.watch if other.watch is None else other.watch or bool(self.watch),
            warnings=tuple(dict.fromkeys(warnings)),
        )


@dataclass(slots=True)
class _Cells:
    """A row's cells by the mapping's fields."""

    cells: Mapping[str, object]
    mapping: CaseMapping
    warnings: list[str] = field(default_factory=list)

    def texts(self, name: str) -> list[str]:
        """The cells of a field that hold something, in the mapping's order."""
        return [
            text for column in self.mapping.columns.get(name, ()) if (text := self.text(column))
        ]

    def first(self, name: str) -> str:
        return next(iter(self.texts(name)), "")

    def text(self, column: str) -> str:
        value = self.cells.get(column)
        text = "" if value is None else clean(str(value)).strip()
        if text.startswith("="):
            raise BadInput(f"“{column}”是公式", remedy="在表格里粘贴为数值后再导出")
        if len(text) > _LONGEST * 10:
            raise BadInput(f"“{column}”过长", remedy="检查这一行的引号和换行")
        return text


def read_row(number: int, cells: Mapping[str, object], mapping: CaseMapping) -> Incoming:
    """What row `number` says.

    Raises:
        BadInput: it names no case, or a cell can't be understood; says which and what to do.
    """
    row = _Cells(cells, mapping)
    numbers = _numbers(row)
    key = row.first("key") or (numbers[0] if numbers else "")
    if not key:
        raise BadInput(
            "没有完整案号，也没有案件标识" + (f"（{row.warnings[0]}）" if row.warnings else ""),
            remedy="填写完整案号，或在文件里加一列案件标识",
        )
    litigants = _litigants(row)
    cause = row.first("cause")
    found = causes.find(cause)
    if cause and found.cause is None:
        near = f"，最接近“{found.nearest}”" if found.nearest else ""
        row.warnings.append(f"案由“{cause[:40]}”不在目录中{near}；按原文保留")
    return Incoming(
        key=_short("案件标识", key),
        rows=(number,),
        numbers=numbers,
        title=_short("名称", masked_title(row.first("title"), litigants)),
        court=_short("法院", row.first("court")),
        cause=_short("案由", cause),
        stage=_stage(row, numbers),
        litigants=litigants,
        links=tuple(check_link(one) for text in row.texts("links") for one in text.split()),
        dates=_dates(row),
        watch=_yes(row, "watch"),
        warnings=tuple(row.warnings),
    )


def _short(field: str, text: str) -> str:
    """`text`, which must fit the registry; cut, two cases might become one."""
    if len(text) > _LONGEST:
        raise BadInput(
            f"{field}有 {len(text)} 字，最多 {_LONGEST} 字（“{text[:20]}…”）",
            remedy=f"在文件里把{field}写短，再导入这一行",
        )
    return text


def made_title(one: Incoming) -> str:
    """What a case without a name is called: 梁某故意伤害案."""
    known = causes.find(one.cause).cause
    cause = (known.name if known else one.cause).removesuffix("罪").removesuffix("纠纷")
    who = mask_person(one.litigants[0].name) if one.litigants else ""
    if cause:
        return f"{who}{cause}案"[:_LONGEST]
    return f"{who}案" if who else one.numbers[0] if one.numbers else one.key


def _numbers(row: _Cells) -> tuple[str, ...]:
    """Whole numbers of all columns; those of the present stage first. Masked ones are told of."""
    found: dict[str, None] = {}
    for name in ("numbers", "other_numbers"):
        for text in row.texts(name):
            numbers = case_numbers.find(text)
            if not numbers:
                raise BadInput(
                    f"案号“{text[:40]}”无法识别",
                    remedy="按“（2026）省份简称＋数字＋类型＋编号＋号”填写",
                )
            for one in numbers:
                if one.masked:
                    row.warnings.append(f"案号“{one.normal}”有遮盖，没有采用")
                else:
                    found.setdefault(one.normal)
    return tuple(found)


def _litigants(row: _Cells) -> tuple[Litigant, ...]:
    minor = bool(_yes(row, "minor"))
    named: list[tuple[str, str]] = []
    for text in row.texts("litigants"):
        for group in filter(None, map(str.strip, _GROUPS.split(text))):
            if match := _ROLE.match(group):
                named += [(name, match[1]) for name in _SPLIT.split(match[2])]
            elif match := _VERSUS.match(group):
                named += [(name, "原告") for name in _SPLIT.split(match[1])]
                named += [(name, "被告") for name in _SPLIT.split(match[2])]
            else:
                named += [(name, "当事人") for name in _SPLIT.split(group)]
    for column, role in row.mapping.litigants.items():
        named += [(name, role) for name in _SPLIT.split(row.text(column))]
    return tuple(
        dict.fromkeys(
            Litigant(name.strip()[:60], role, minor) for name, role in named if name.strip()
        )
    )


def _stage(row: _Cells, numbers: Sequence[str]) -> Stage | None:
    written = row.first("stage")
    if written in row.mapping.stages:
        return row.mapping.stages[written]
    if written in list(Stage):
        return Stage(written)
    if written:
        row.warnings.append(f"程序阶段“{written[:20]}”没有对应，按案号判断")
    return stage_of(numbers[0]) if numbers else None


def stage_of(number: str) -> Stage | None:
    """The stage a case number belongs to; None when its kind says nothing of one."""
    kind = number.partition("）")[2]
    return next((stage for mark, stage in _STAGES if mark in kind), None)


def _dates(row: _Cells) -> tuple[tuple[KeyDateKind, date], ...]:
    found: set[tuple[KeyDateKind, date]] = set()
    for column, kind in row.mapping.dates.items():
        value = row.cells.get(column)
        if isinstance(value, (date, datetime)):
            found.add((kind, value.date() if isinstance(value, datetime) else value))
        elif text := row.text(column):
            found.update((kind, day) for day in _days(text, column))
    return tuple(sorted(found))


def _days(text: str, column: str) -> Iterable[date]:
    written = _DAY.findall(text) or _DIGITS.findall(text)
    try:
        days = [date(int(year), int(month), int(day)) for year, month, day in written]
    except ValueError as error:
        raise BadInput(f"“{column}”不是日期：{text[:20]}", remedy="写成 2026-03-17") from error
    if not days:
        raise BadInput(f"“{column}”不是日期：{text[:20]}", remedy="写成 2026-03-17")
    return days


def _yes(row: _Cells, name: str) -> bool | None:
    if not any(column in row.cells for column in row.mapping.columns.get(name, ())):
        return None
    written = row.first(name).lower()
    if written not in _YES | _NO:
        raise BadInput(f"“{written[:20]}”既不是“是”也不是“否”", remedy="写“是”或“否”")
    return written in _YES

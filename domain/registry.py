"""What the registry keeps beside a case: its key dates, its history, what an import brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class KeyDateKind(StrEnum):
    """A day in the course of a case before the court."""

    FILED = "立案"
    HEARING = "开庭"
    PRONOUNCED = "宣判"
    APPEAL_UNTIL = "上诉期满"
    RETRIAL = "再审立案"
    ENFORCEMENT = "执行立案"
    CLOSED = "结案"


class Review(StrEnum):
    """What a person said of something the program or a source proposed."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class KeyDate:
    """One day of a case; only accepted hearings reach `Case.hearings` and so the alert policy.

    Attributes:
        day: in Asia/Shanghai.
        source: who says so: "人工", "导入：<system>", "庭审公开" …
        entered_by, entered_at: who wrote it down; the name of the task for a program.
        decided_by, decided_at: who accepted or refused it; "" and None while proposed.
    """

    id: int
    case_id: str
    kind: KeyDateKind
    day: date
    source: str
    review: Review
    entered_by: str
    entered_at: datetime
    note: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None


class CaseAct(StrEnum):
    """What can happen to a case of the registry."""

    REGISTERED = "registered"
    WATCHED = "watched"
    EDITED = "edited"
    STAGE = "stage"
    IMPORTED = "imported"
    MERGED = "merged"
    CLOSED = "closed"
    REOPENED = "reopened"
    ARCHIVED = "archived"
    RESUMED = "resumed"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One line of a case's history; appended only.

    Attributes:
        by: a person's name, or the task that did it.
        detail: in Chinese, as the page shows it.
    """

    id: int
    case_id: str
    at: datetime
    act: CaseAct
    by: str
    detail: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a court's system said of a case when it was last imported: field → value as text.

    Comparing it with the case shows what people changed here; comparing it with the next file
    shows what the court's system changed. Names of litigants aren't kept: "litigants" is a digest
    (`records.case_imports`), "people" names them as a public ruling does; it is missing for rows
    from before and in imports that name none.
    """

    system: str
    key: str
    case_id: str
    fields: Mapping[str, str]
    at: datetime

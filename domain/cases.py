"""A watched case, or a matter of one court, and the formula that finds its posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Stage(StrEnum):
    """Procedural stage (practice.md §3)."""

    PRE_MEDIATION = "诉前调解"
    FILING = "立案"
    FIRST_INSTANCE = "一审"
    SECOND_INSTANCE = "二审"
    REVIEW = "复核"
    RETRIAL_REVIEW = "再审审查"
    RETRIAL = "再审"
    ENFORCEMENT = "执行"
    BANKRUPTCY = "破产"
    STATE_COMPENSATION = "国家赔偿"
    NONE = "不适用"


class CaseState(StrEnum):
    """What the press office does about a case; not the court's own closing (`KeyDateKind.CLOSED`)."""

    REGISTERED = "registered"  # known from an import; nothing is linked or counted
    WATCHED = "watched"
    CLOSED = "closed"  # over; still linked and counted until `Case.counted_until`, for a relapse
    ARCHIVED = "archived"  # not linked or counted; its posts stay as long as posts are kept


@dataclass(frozen=True, slots=True)
class Litigant:
    """A party of the case: the name as the public writes it, and the role that replaces it.

    Attributes:
        role: what stands in the index instead of the name, e.g. "被告人", "原告".
        minor: the person is under 18; school, village and relatives are redacted as well.
    """

    name: str
    role: str
    minor: bool = False


@dataclass(frozen=True, slots=True)
class MatchFormula:
    """Subject + region + person + event words: one hit in every group that isn't empty.

    A formula with fewer than two groups is refused, because one word alone links strangers' posts.
    A hit in `excludes` forbids a link by formula or alias, never one by case number.
    """

    subjects: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The groups that must each be hit."""
        return tuple(
            group for group in (self.subjects, self.regions, self.persons, self.events) if group
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A case (or a matter such as one court's online filing) the press office watches.

    Attributes:
        id: short stable slug, made once.
        title: what the press office calls it, e.g. "梁某案".
        numbers: normalised case numbers (`text.case_numbers`), several when it moved up.
        aliases: names the public uses; long enough to stand alone.
        watched_since: first instant whose posts are counted, UTC.
        hearings: known hearing days.
        watched: False: only registered, e.g. by an import of all of a court's cases.
        closed_at, counted_until: when the press office closed it, and until when it is still
            counted; both None unless closed.
        links: its pages on the court's openness platforms (`domain.openness`).
    """

    id: str
    title: str
    court: str
    watched_since: datetime
    numbers: tuple[str, ...] = ()
    cause: str = ""
    stage: Stage = Stage.NONE
    aliases: tuple[str, ...] = ()
    litigants: tuple[Litigant, ...] = ()
    formula: MatchFormula = MatchFormula()
    hearings: tuple[date, ...] = ()
    archived_at: datetime | None = None
    watched: bool = True
    closed_at: datetime | None = None
    counted_until: datetime | None = None
    links: tuple[str, ...] = ()

    @property
    def matching(self) -> tuple[object, ...]:
        """What decides which posts belong to it, and what is redacted in them."""
        return self.numbers, self.aliases, self.formula, self.litigants

    @property
    def state(self) -> CaseState:
        """Follows from what is known, so that no two fields can contradict each other."""
        if self.archived_at is not None:
            return CaseState.ARCHIVED
        if not self.watched:
            return CaseState.REGISTERED
        return CaseState.WATCHED if self.closed_at is None else CaseState.CLOSED

    @property
    def counted(self) -> bool:
        """Whether posts are linked to it."""
        return self.state in (CaseState.WATCHED, CaseState.CLOSED)

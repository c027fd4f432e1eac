"""Coverage by source and hour: what was expected, what came, and what share of the hour was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.sources import GapReason

HOUR = timedelta(hours=1)


class Basis(StrEnum):
    """Where an hour's expectation comes from."""

    NONE = "none"  # too little history: no expectation yet
    DECLARED = "declared"  # a day's minimum of the declaration, spread evenly; never alarms
    PAST = "past"  # median of the same hour of the week


class HourState(StrEnum):
    """An hour of a source in one word."""

    PENDING = "pending"  # not over, or its next run is not due yet
    FULL = "full"
    PARTIAL = "partial"
    BLIND = "blind"
    MADE_GOOD = "made_good"  # blind at the time, fetched later
    THIN = "thin"  # seen whole, but far fewer posts than usual


@dataclass(frozen=True, slots=True)
class SourceHour:
    """One hour of one source.

    Attributes:
        start: first instant, UTC.
        got: its posts in the index by publication time; arrived: new items fetched in the hour.
        rate: share of the stream the source delivered then.
        expected: posts of the whole stream (not of the sample), None without an expectation.
        low: fewer than this, of the whole stream, is out of the ordinary; None where zero isn't.
        history: hours of the past the expectation rests on.
        covered: share of the hour (of what has passed of it) that was fetched in the end.
        blind: share of it that lay in a gap at the time, made good or not.
        reason, detail: of the longest gap.
        settled: the hour is over and its runs were due.
    """

    source: str
    start: datetime
    got: int
    arrived: int = 0
    rate: float = 1.0
    expected: float | None = None
    low: float | None = None
    basis: Basis = Basis.NONE
    history: int = 0
    covered: float = 0.0
    blind: float = 0.0
    reason: GapReason | None = None
    detail: str = ""
    settled: bool = True

    @property
    def scaled(self) -> float:
        """Posts of the whole stream, estimated from the sample; `got` itself when rate is 1."""
        return self.got / self.rate

    @property
    def estimated(self) -> bool:
        """Whether `scaled` is an estimate."""
        return self.rate < 1

    @property
    def state(self) -> HourState:
        """The hour in one word."""
        if not self.settled and self.blind == 0:
            return HourState.PENDING
        if self.covered <= 0:
            return HourState.BLIND
        if self.covered < _WHOLE:
            return HourState.PARTIAL
        if self.low is not None and self.scaled < self.low:
            return HourState.THIN
        return HourState.MADE_GOOD if self.blind > 0 else HourState.FULL


#: From this share on an hour counts as seen whole: windows end a moment before the next begins.
_WHOLE = 0.995

"""What some sources tell besides posts: hearings that courts list, and how much news others saw.

None of it is ever a post, is counted as one, or is about a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

#: Kinds of sources that deliver no posts: their silence says nothing of posts.
SEED_KINDS: Final = frozenset({"hearings", "gdelt"})


@dataclass(frozen=True, slots=True)
class ListedHearing:
    """A hearing as a court itself lists it; judge, parties and the title that names them are left out.

    Attributes:
        number: normalised case number (`text.case_numbers`).
        begins_at: UTC.
        link: the hearing's own page.
    """

    number: str
    court: str
    cause: str
    begins_at: datetime
    link: str


@dataclass(frozen=True, slots=True)
class Volume:
    """How many articles an outside news index saw in one bucket of time.

    Attributes:
        start: first instant, UTC; width: length of the bucket.
        articles: those that match the query; monitored: all it looked at, 0 when it didn't say.
    """

    start: datetime
    width: timedelta
    articles: int
    monitored: int = 0


@dataclass(frozen=True, slots=True)
class VolumePoint:
    """One bucket of a cross-check: what the outside index saw, and what our news sources did."""

    start: datetime
    outside: int
    ours: int


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """Our news volume beside an outside index's: a check of our own eyes, nothing else.

    Attributes:
        source: the outside index's declaration; title: its Chinese name.
        since, until: the stretch judged, UTC; what lies before it in `points` is the past.
        outside, ours: articles of that stretch; expected: what the past leads to expect of ours.
        chance: probability of so few if nothing had changed; 1 when there is too little to say.
        blind: our news sources may be blind.
        skipped: buckets left out, because a source of ours is known to have been blind then.
    """

    source: str
    title: str
    at: datetime
    since: datetime
    until: datetime
    outside: int
    ours: int
    expected: float
    chance: float
    blind: bool
    skipped: int = 0
    points: Sequence[VolumePoint] = field(default_factory=tuple)

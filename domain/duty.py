"""Who is on duty, and who is told next when nobody answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


class Days(StrEnum):
    """Which days: all, those worked (make-up Saturdays too), or those off (holidays too)."""

    EVERY = "every"
    WORKING = "working"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be told.

    Attributes:
        id: short slug; name: as the roster page shows it, e.g. "值班员甲".
        channels: names of channels that reach them, in the order tried.
    """

    id: str
    name: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on duty when, Asia/Shanghai.

    Attributes:
        people: ids of persons.
        weekdays: 0 = Monday … 6; empty: every day. The day the shift begins counts.
        days: of these, only those worked or those off, by the holiday table.
        start, end: of the day; an end not after the start is on the next day.
        first, last: days between which the shift holds, both included; None: unbounded.
    """

    name: str
    people: tuple[str, ...]
    weekdays: tuple[int, ...] = ()
    start: time = time(0, 0)
    end: time = time(0, 0)
    first: date | None = None
    last: date | None = None
    days: Days = Days.EVERY

"""Who is on duty: shifts in Asia/Shanghai, over midnight too, on working days or free ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from alerts.workdays import Workdays
from domain.duty import Days, Person, Shift
from domain.time import SHANGHAI

_STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Hours:
    """When something holds; the day a stretch begins counts, and an end before it is the next day.

    Equal `start` and `end` mean the whole day.
    """

    start: time = time(0, 0)
    end: time = time(0, 0)
    days: Days = Days.EVERY
    weekdays: tuple[int, ...] = ()
    first: date | None = None
    last: date | None = None

    def holds(self, at: datetime, workdays: Workdays) -> bool:
        """Whether `at` lies within."""
        local = at.astimezone(SHANGHAI)
        today, clock = local.date(), local.time()
        if self.start < self.end:
            return self.start <= clock < self.end and self._on(today, workdays)
        yesterday = today - timedelta(days=1)
        return (clock >= self.start and self._on(today, workdays)) or (
            clock < self.end and self._on(yesterday, workdays)
        )

    def _on(self, day: date, workdays: Workdays) -> bool:
        if (self.first and day < self.first) or (self.last and day > self.last):
            return False
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        return self.days is Days.EVERY or workdays.works(day) == (self.days is Days.WORKING)


WHOLE_DAY = Hours()


def hours_of(shift: Shift) -> Hours:
    """When `shift` holds."""
    return Hours(shift.start, shift.end, shift.days, shift.weekdays, shift.first, shift.last)


@dataclass(frozen=True, slots=True)
class Roster:
    """People by id, and the shifts in the order of the file."""

    people: Mapping[str, Person]
    shifts: Sequence[Shift] = ()
    workdays: Workdays = field(default_factory=Workdays)

    def on_duty(self, at: datetime, shift: str = "") -> list[Person]:
        """Who is on duty at `at`, in any shift or the one named; each person once."""
        found = [
            person
            for one in self.shifts
            if (not shift or one.name == shift) and hours_of(one).holds(at, self.workdays)
            for person in one.people
        ]
        return [self.people[person] for person in dict.fromkeys(found)]

    def holes(self, since: datetime, days: int = 7) -> list[tuple[datetime, datetime]]:
        """Stretches of the next `days` with nobody on duty, to a quarter of an hour."""
        return stretches(since, days, lambda at: not self.on_duty(at))


def stretches(
    since: datetime, days: int, holds: Callable[[datetime], bool]
) -> list[tuple[datetime, datetime]]:
    """Where in the next `days` something holds, looked at once in every quarter of an hour."""
    found: list[tuple[datetime, datetime]] = []
    at, end = since, since + timedelta(days=days)
    while at < end:
        # Shifts and hours change at quarters of an hour, `since` may lie anywhere.
        after = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0) + _STEP
        if holds(at):
            if found and found[-1][1] == at:
                found[-1] = (found[-1][0], after)
            else:
                found.append((at, after))
        at = after
    return found

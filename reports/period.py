"""The week of a report: seven days that begin at midnight in Shanghai."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.errors import BadInput
from domain.time import SHANGHAI, as_utc

#: `date.weekday()` of the day a week begins with: Friday, because the weekly comes out on Fridays.
FRIDAY = 4
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """since ≤ t < until, UTC, seven Shanghai days."""

    since: datetime
    until: datetime

    @classmethod
    def beginning(cls, day: date) -> Week:
        """The week whose first day is `day`."""
        since = as_utc(datetime.combine(day, time(), SHANGHAI))
        return cls(since, since + _WEEK)

    @classmethod
    def last_complete(cls, now: datetime, begins_on: int = FRIDAY) -> Week:
        """The newest week that is over at `now`.

        Args:
            begins_on: 0 Monday … 6 Sunday.

        Raises:
            BadInput: there is no such weekday.
        """
        if begins_on not in range(7):
            raise BadInput(f"weekday {begins_on}", remedy="use 0 (Monday) to 6 (Sunday)")
        today = as_utc(now).astimezone(SHANGHAI).date()
        end = today - timedelta(days=(today.weekday() - begins_on) % 7)
        return cls.beginning(end - _WEEK)

    @property
    def first_day(self) -> date:
        """First day, Shanghai."""
        return self.since.astimezone(SHANGHAI).date()

    @property
    def last_day(self) -> date:
        """Last day, Shanghai."""
        return (self.until - timedelta(seconds=1)).astimezone(SHANGHAI).date()

    def earlier(self, weeks: int) -> Week:
        """The week `weeks` before this one."""
        return Week(self.since - weeks * _WEEK, self.until - weeks * _WEEK)

    def days(self) -> list[tuple[datetime, datetime]]:
        """The seven days as (since, until), UTC. Shanghai has had no summer time since 1991."""
        day = timedelta(days=1)
        return [(self.since + i * day, self.since + (i + 1) * day) for i in range(7)]

"""Which days are worked in China: public holidays and make-up days, by chinesecalendar's table.

The State Council names the days of a year in the November before. A year the table lacks is
counted Monday to Friday, and whoever shows such a day says that the table is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import chinese_calendar


@dataclass(frozen=True, slots=True)
class Workdays:
    """Working days; `added` are days a person named: worked (True) or off (False)."""

    added: Mapping[date, bool] = field(default_factory=dict)

    def works(self, day: date) -> bool:
        """Whether `day` is worked."""
        if day in self.added:
            return self.added[day]
        if not self.known(day):
            return day.weekday() < 5
        return bool(chinese_calendar.is_workday(day))

    def known(self, day: date) -> bool:
        """Whether a table says so, rather than the weekday."""
        if day in self.added:
            return True
        try:
            chinese_calendar.is_workday(day)
        except NotImplementedError:
            return False
        return True

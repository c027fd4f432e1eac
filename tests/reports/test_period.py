"""The week a report is about."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from reports.period import Week


@pytest.mark.parametrize(
    ("now", "first"),
    [
        ("2026-11-20T00:00+08:00", date(2026, 11, 13)),
        ("2026-11-19T23:59+08:00", date(2026, 11, 6)),
        ("2026-11-19T17:00+00:00", date(2026, 11, 13)),
    ],
)
def test_week_is_friday_to_friday_in_shanghai(now: str, first: date) -> None:
    week = Week.last_complete(datetime.fromisoformat(now))
    assert week.first_day == first
    assert week.until - week.since == timedelta(days=7)
    assert week.last_day == first + timedelta(days=6)

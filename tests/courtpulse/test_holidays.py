"""`courtpulse doctor` asks for next year's public holidays from 1 November on."""

from __future__ import annotations

from datetime import date

import pytest

from alerts.workdays import Workdays
from courtpulse.doctor import holidays

NAMED = Workdays({date(2027, 1, 1): False})


@pytest.mark.parametrize(
    ("today", "workdays", "found"),
    [
        (date(2026, 10, 31), Workdays(), [(2026, True)]),
        (date(2026, 11, 1), Workdays(), [(2026, True), (2027, False)]),
        (date(2026, 11, 1), NAMED, [(2026, True), (2027, True)]),
        (date(2027, 1, 1), Workdays(), [(2027, False)]),
    ],
)
def test_a_missing_table_is_told_in_time(
    today: date, workdays: Workdays, found: list[tuple[int, bool]]
) -> None:
    told = list(holidays(today, workdays))
    assert [(int(one.what[-4:]), one.ok) for one in told] == found
    for one in told:
        assert bool(one.remedy) is not one.ok
        assert not one.broken

"""θ from what a press office accepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.budget import TABLE, at_theta, for_budget

BUDGETS = st.floats(0.01, 200)
CASES = st.integers(0, 20_000)


@given(BUDGETS, CASES)
def test_a_budget_is_kept_wherever_the_table_reaches(budget, cases):
    expected = for_budget(budget, cases)
    assert TABLE[0].theta <= expected.theta <= TABLE[-1].theta
    if not expected.bounded or expected.theta == TABLE[0].theta:
        assert expected.false_alerts_per_week <= budget * 1.001 + 0.001
    assert expected.caught + expected.missed == pytest.approx(1)


@given(BUDGETS, CASES, CASES)
def test_more_cases_need_a_higher_threshold_for_the_same_budget(budget, one, other):
    few, many = sorted((one, other))
    assert for_budget(budget, few).theta <= for_budget(budget, many).theta


@given(BUDGETS, BUDGETS, CASES)
def test_who_accepts_more_misses_less(one, other, cases):
    strict, lax = for_budget(min(one, other), cases), for_budget(max(one, other), cases)
    assert lax.theta <= strict.theta
    assert lax.missed <= strict.missed


@pytest.mark.parametrize("row", TABLE)
def test_a_measured_row_comes_back_as_measured(row):
    expected = at_theta(row.theta, 100)
    assert expected.false_alerts_per_week == pytest.approx(row.false_alarms * 25, abs=1e-3)
    assert (expected.caught, expected.median_minutes) == (row.within_hour, row.median)
    assert not expected.bounded


def test_beyond_the_table_its_edge_is_taken_and_said():
    assert for_budget(0.01, 20_000).bounded
    assert at_theta(TABLE[-1].theta + 5, 10).bounded


@pytest.mark.parametrize(("budget", "cases"), [(0, 1), (-1, 1), (1, -1)])
def test_nonsense_is_refused(budget, cases):
    with pytest.raises(ValueError, match="above 0"):
        for_budget(budget, cases)

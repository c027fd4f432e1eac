"""θ of a court: within bounds, explained step by step, reversible, never for the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.budget import TABLE
from alerts.policy.settings import default_policy
from alerts.policy.thresholds import changes, effective, shift, thresholds
from domain.policy import ThresholdStep
from domain.time import bucket_index

NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
RULES = default_policy().feedback


def step(number, amount, hours=0.0, undone=None):
    return ThresholdStep(
        number, "云岫区人民法院", "a" * 32, "dismissed", amount, "甲", NOW + hours * HOUR,
        None if undone is None else NOW + undone * HOUR,
    )  # fmt: skip


def test_steps_add_up_within_the_bounds():
    assert shift([], RULES, NOW) == 0
    assert shift([step(1, 0.5), step(2, 0.5)], RULES, NOW) == 1.0
    assert shift([step(n, 0.5) for n in range(9)], RULES, NOW) == RULES.most
    assert shift([step(n, -0.25) for n in range(9)], RULES, NOW) == RULES.least


def test_what_a_bound_swallowed_is_not_owed():
    many = [step(n, 0.5, n) for n in range(9)]
    assert shift([*many, step(9, -0.25, 9)], RULES, NOW + 9 * HOUR) == RULES.most - 0.25
    assert shift([step(9, -0.25, 9), *many], RULES, NOW + 9 * HOUR) == RULES.most - 0.25


def test_no_threshold_leaves_what_was_measured():
    least = TABLE[0].theta
    assert effective(least + 2.0, -1.0) == least + 1.0
    assert effective(least + 0.3, -1.0) == least
    assert effective(1.5, -1.0) == 1.5
    assert effective(1.5, 1.0) == 2.5
    first = bucket_index(NOW)
    found = thresholds(least + 0.3, ["东"], {"东": [step(1, -1.0)]}, RULES, first, 12)
    assert found[0, 0] == least + 0.3
    assert (found[1:, 0] == least).all()


def test_every_change_is_told_with_what_made_it():
    told = changes([step(1, 0.5), step(2, 0.5, 1, undone=3)], RULES)
    assert [(one.step.id, one.undone, one.shift) for one in told] == [
        (1, False, 0.5), (2, False, 1.0), (2, True, 0.5),
    ]  # fmt: skip


def test_the_past_keeps_the_threshold_it_had():
    first = bucket_index(NOW)
    steps = {"东": [step(1, 1.0, 1, undone=2)]}
    found = thresholds(5.0, ["东", "西", "东"], steps, RULES, first, 36)
    assert (found[:, 1] == 5.0).all()
    assert (found[:, 0] == found[:, 2]).all()
    assert (found[:13, 0] == 5.0).all()
    assert (found[13:25, 0] == 6.0).all()
    assert (found[25:, 0] == 5.0).all()


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-3, 3, allow_nan=False), st.floats(0, 9), st.none() | st.floats(9, 20)),
        max_size=12,
    )
)
def test_undoing_everything_is_as_if_nothing_had_been(parts):
    steps = [step(n, amount, at, undone) for n, (amount, at, undone) in enumerate(parts)]
    for moment in (NOW, NOW + 10 * HOUR, NOW + 30 * HOUR):
        assert RULES.least <= shift(steps, RULES, moment) <= RULES.most
    undone = [step(n, amount, at, 21) for n, (amount, at, _) in enumerate(parts)]
    assert shift(undone, RULES, NOW + 22 * HOUR) == pytest.approx(0)

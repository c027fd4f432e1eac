"""Two looks at the same hour: the estimate keeps its promises on looks that were simulated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.completeness import LEAST_BOTH, Capture, Looks, chapman, pooled

HOUR = datetime(2026, 11, 23, 4, tzinfo=UTC)


@pytest.mark.parametrize("posts", [40, 200, 2000])
@pytest.mark.parametrize("seen", [(0.5, 0.5), (0.8, 0.9), (0.95, 0.6)])
def test_the_estimate_is_unbiased_and_its_interval_holds(
    posts: int, seen: tuple[float, float]
) -> None:
    """4,000 hours of `posts` posts, each seen by either look with its own chance."""
    chance = np.random.default_rng(20261123)
    one, other = (chance.random((4000, posts)) < share for share in seen)
    first, second, both = one.sum(1), other.sum(1), (one & other).sum(1)
    estimates = [
        found
        for row in zip(first.tolist(), second.tolist(), both.tolist(), strict=True)
        if (found := chapman(*row)) is not None
    ]
    totals = np.array([found.total for found in estimates])
    inside = np.array([found.low <= posts <= found.high for found in estimates])
    assert len(estimates) >= 3600
    assert abs(totals.mean() / posts - 1) < 0.03
    # Where less than one post is unseen, one look often holds the other and nothing is estimated.
    assert inside.mean() >= (0.94 if posts * (1 - seen[0]) * (1 - seen[1]) > 1 else 0.8)


def test_dependent_looks_are_underestimated_as_the_caveat_says() -> None:
    """Half of the posts are easy to see for both looks, half are hard."""
    chance = np.random.default_rng(1)
    easy = np.repeat([0.9, 0.3], 500)
    one, other = (chance.random(1000) < easy for _ in range(2))
    found = chapman(int(one.sum()), int(other.sum()), int((one & other).sum()))
    assert found is not None
    assert found.total < 950


@pytest.mark.parametrize("both", [0, LEAST_BOTH - 1])
def test_too_few_in_both_say_nothing(both: int) -> None:
    assert chapman(500, 400, both) is None


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_the_interval_never_denies_what_is_held(only: int, other: int, both: int) -> None:
    found = chapman(only + both, other + both, both)
    if found is not None:
        held = only + other + both
        assert held <= found.low <= found.total + 1e-9 <= found.high + 1e-6
        assert found.missed >= 0


def test_a_shared_part_larger_than_a_look_is_refused() -> None:
    with pytest.raises(ValueError, match="both"):
        chapman(3, 9, 4)


def test_captures_are_summed_by_source_hour_and_looks(records) -> None:
    one = Capture("weibo_search", HOUR, Looks.WINDOWS, 10, 9, 8)
    later = Capture("weibo_search", HOUR + timedelta(hours=1), Looks.WINDOWS, 5, 5, 5)
    queries = Capture("weibo_search", HOUR, Looks.QUERIES, 20, 10, 9)
    records.captures.add([one, later])
    records.captures.add([one, queries])
    found = records.captures.between(HOUR, HOUR + timedelta(hours=1))
    assert found == [queries, Capture("weibo_search", HOUR, Looks.WINDOWS, 20, 18, 16)]
    assert pooled(found) == (40, 28, 25)
    assert records.captures.delete_before(HOUR + timedelta(hours=1)) == 2
    assert len(records.captures.between(HOUR, HOUR + timedelta(hours=9))) == 1


def test_a_run_that_was_killed_before_it_was_recorded_is_counted_once(records) -> None:
    def look(hours: int, posts: int, since: datetime, looks: Looks = Looks.QUERIES) -> Capture:
        hour = HOUR + timedelta(hours=hours)
        return Capture("weibo_search", hour, looks, posts, posts, posts, since)

    def sums() -> list[int]:
        found = records.captures.between(HOUR, HOUR + timedelta(hours=9))
        return [one.both for one in found]

    before, later = HOUR - timedelta(minutes=5), HOUR + timedelta(minutes=55)
    records.captures.add([look(0, 10, before), look(1, 4, before)])
    # Killed here: the run log doesn't know the run, and the next one begins where it began.
    records.captures.add([look(0, 12, before), look(2, 5, before)])
    assert sums() == [12, 5], "an hour that only the killed run saw is gone as well"
    records.captures.add([look(2, 6, later)])
    assert sums() == [12, 11], "a run that begins elsewhere adds"
    records.captures.add([look(2, 7, later, Looks.WINDOWS)])
    records.captures.add([look(2, 1, later)])
    assert sums() == [12, 6, 7], "the looks are kept apart"

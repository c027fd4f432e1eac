"""What a new case is believed to be like."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.prior import learned
from alerts.surge import Surge
from alerts.tuning import LEVELLED, REFERENCE

DAYS = 2 * 288


def streams(rates, covered=1.0):
    """Cases at these many posts an hour, for two days, evenly."""
    counts = np.repeat(np.asarray(rates, float)[None, :] / 12, DAYS, axis=0)
    return counts * covered, np.full(counts.shape, covered)


@pytest.mark.parametrize(
    ("rates", "prior"),
    [
        ([], 0.5),
        ([4.0] * 5, 0.5),  # five cases against twenty stand-ins
        ([4.0] * 60, 4.0),
        ([0.1] * 60, 0.1),
        ([0.001] * 60, 0.05),
        ([90.0] * 60, 5.0),
    ],
)
def test_many_cases_outweigh_the_stand_ins(rates, prior):
    counts, covered = streams(rates)
    found = learned(LEVELLED, counts, covered, [0] * len(rates))
    assert found.prior_rate == pytest.approx(prior)
    assert found.windows == LEVELLED.windows


def test_a_blind_half_is_no_quiet_half():
    counts, covered = streams([2.0] * 60, covered=0.5)
    assert learned(LEVELLED, counts, covered, [0] * 60).prior_rate == pytest.approx(2.0)


def test_cases_hardly_seen_are_not_asked():
    counts, covered = streams([9.0] * 60)
    assert learned(LEVELLED, counts, covered, [DAYS - 287] * 60).prior_rate == 0.5


def test_one_burst_moves_nothing():
    counts, covered = streams([1.0] * 60)
    counts[-12:, 0] = 50.0
    assert learned(LEVELLED, counts, covered, [0] * 60).prior_rate == 1.0


def test_the_published_method_keeps_its_prior():
    counts, covered = streams([4.0] * 60)
    assert learned(REFERENCE, counts, covered, [0] * 60) is REFERENCE


def test_a_new_case_of_a_busy_court_needs_more():
    highest = {}
    for rate in (0.1, 4.0):
        counts, covered = streams([rate] * 60)
        surge = Surge(learned(LEVELLED, counts, covered, [0] * 60))
        surge.watch("new", 5_900_000)
        highest[rate] = surge.replay(5_900_000, np.full((6, 1), 2.0), None).value.max()
    assert highest[0.1] > highest[4.0] + 1

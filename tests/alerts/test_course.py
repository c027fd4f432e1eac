"""The course of one case in plain numbers is what the detector believes in arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.course import course
from alerts.surge import Surge
from alerts.surge_state import HOUR, shanghai_hour

SINCE = 5_900_000
shares = st.sampled_from([0.0, 0.2, 0.37, 1.0])


def believed_by_the_detector(counts, covered, first=SINCE):
    """Means and sizes of every bucket, read out of the arrays that raise alerts."""
    surge = Surge()
    surge.watch("case", first)
    means, sizes = [], []
    for offset, (count, share) in enumerate(zip(counts, covered, strict=True)):
        surge.advance(first + offset, np.array([count], float), np.array([share], float))
        state = surge._state
        means.append((state.a / state.b * state.profile[shanghai_hour(first + offset)])[0] / HOUR)
        sizes.append(surge._size()[0])
    return means, sizes


def assert_the_same(first, counts, covered):
    means, sizes = believed_by_the_detector(counts, covered, first)
    plain = course(first, counts, covered)
    assert plain.means == pytest.approx(means, rel=1e-9)
    assert plain.sizes == pytest.approx(sizes, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(SINCE, SINCE + 288),
    st.lists(st.tuples(st.integers(0, 40), shares), min_size=1, max_size=120),
)
def test_any_counts_and_any_coverage(first, buckets):
    counts, covered = zip(*buckets, strict=True)
    assert_the_same(first, counts, covered)


def test_nine_days_with_a_burst_and_blind_hours():
    """Long enough for days to fade, and blind for whole hours, which teach no dispersion."""
    random = np.random.default_rng(7)
    counts = random.poisson(0.4, 9 * 288)
    counts[1200:1260] = random.poisson(30, 60)
    covered = np.ones(len(counts))
    covered[300:420], covered[1500:1530], covered[2000:2003] = 0.0, 0.37, 0.0
    assert_the_same(SINCE + 5, counts.tolist(), covered.tolist())


def test_nothing_to_believe():
    assert course(SINCE, [], []).means == []

"""The tail against exact sums."""

from __future__ import annotations

from fractions import Fraction
from math import log10

import numpy as np
import pytest

from alerts.tail import log10_upper_tail, quantile


def geometric_tail(least: int, mean: int) -> float:
    """NB of size 1 is geometric: P(N ≥ n) = (mean / (1 + mean))^n, exactly."""
    return float(least) * log10(Fraction(mean, 1 + mean))


@pytest.mark.parametrize("least", [1, 6, 100, 5_000, 50_000])
@pytest.mark.parametrize("mean", [1, 7, 100])
def test_it_is_exact_for_size_one_however_deep(least, mean):
    (got,) = log10_upper_tail(np.array([float(least)]), np.ones(1), np.array([float(mean)]))
    assert got == pytest.approx(geometric_tail(least, mean), rel=1e-9)


def test_both_ways_of_computing_agree_where_they_meet():
    size, mean = np.full(400, 2.5), np.full(400, 0.8)
    least = np.arange(300.0, 700.0)
    tails = log10_upper_tail(least, size, mean)
    steps = np.diff(tails)
    assert (steps < 0).all()
    assert np.abs(np.diff(steps)).max() < 1e-4


def test_the_quantile_of_a_geometric():
    # P(N ≤ k) = 1 − (2/3)^(k+1) ≥ .975 from k = 9 on.
    assert quantile(0.975, np.array([1.0]), np.array([2.0]))[0] == 9
    assert quantile(0.025, np.array([1.0]), np.array([2.0]))[0] == 0

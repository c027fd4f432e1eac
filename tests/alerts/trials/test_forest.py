"""The random cut forest, where its library is installed."""

from __future__ import annotations

import numpy as np

from alerts.trials.forest import available, forest, subsample
from alerts.trials.panel import Panel


def test_it_hears_a_burst_at_the_end_of_its_hour(require):
    require(available(), "rrcf is not installed (make everything)")
    random = np.random.default_rng(2)
    counts = random.poisson(0.2, (12 * 100, 1)).astype(float)
    counts[12 * 90 : 12 * 90 + 6, 0] += 8
    scores = forest(counts, np.zeros(1, np.int64))
    assert scores.shape == counts.shape
    assert scores[12 * 91 - 1, 0] > 3 * scores[: 12 * 90].max()
    between = np.ones(len(counts), bool)
    between[11::12] = False
    assert not scores[between].any()


def test_a_subsample_has_as_many_quiet_series_as_bursts():
    size = 40
    scenario = np.array(["quiet"] * 20 + ["warm"] * 20)
    takeoff = np.where(scenario == "warm", 100.0, np.nan)
    counts = np.zeros((12, size))
    panel = Panel(
        tuple(str(one) for one in range(size)), scenario, np.zeros(size, np.int64),
        takeoff, takeoff, takeoff, counts, counts,
    )  # fmt: skip
    few = subsample(panel, 5)
    assert (len(few.quiet), len(few.bursts)) == (5, 5)
    assert few.counts.shape == (12, 10)

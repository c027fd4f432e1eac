"""What counts as caught, late and false, on cases worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.trials.measure import caught, delays, reading, threshold
from alerts.trials.methods import METHODS, ears_c2, hourly, moving_z, spike_rule
from alerts.trials.panel import BUCKETS, Panel
from alerts.trials.storm import tripled

HOUR = 12


def panel(scenarios, burst_start=np.nan, takeoff=np.nan, burst_end=np.nan, counts=None):
    size = len(scenarios)
    empty = np.zeros((BUCKETS, size)) if counts is None else counts
    return Panel(
        series=tuple(str(one) for one in range(size)),
        scenario=np.array(scenarios),
        start=np.zeros(size, np.int64),
        burst_start=np.full(size, burst_start),
        takeoff=np.full(size, takeoff),
        burst_end=np.full(size, burst_end),
        counts=empty,
        negative=np.zeros_like(empty),
    )


def scores(size, hot):
    values = np.zeros((BUCKETS, size), np.float32)
    for bucket, column, value in hot:
        values[bucket, column] = value
    return values


def test_an_alert_is_known_at_the_end_of_its_bucket():
    here = panel(["warm"], burst_start=3000, takeoff=3100)
    assert delays(scores(1, [(10, 0, 5)]), here, 5.0).tolist() == [200]
    assert delays(scores(1, [(9, 0, 5)]), here, 5.0).tolist() == [-100]
    assert delays(scores(1, [(8, 0, 5)]), here, 5.0).tolist() == [np.inf]
    assert delays(scores(1, [(10, 0, 4.9)]), here, 5.0).tolist() == [np.inf]


def test_a_day_after_the_takeoff_it_is_a_miss():
    here = panel(["warm"], burst_start=0, takeoff=0)
    assert np.isfinite(delays(scores(1, [(287, 0, 5)]), here, 5.0)).all()
    assert np.isinf(delays(scores(1, [(288, 0, 5)]), here, 5.0)).all()


def test_false_alarms_are_episodes_and_six_hours_apart_they_are_two():
    here = panel(["quiet", "quiet"])
    merged = [(100, 0, 9), (172, 0, 9), (100, 1, 9)]
    assert reading(scores(2, merged), here, 1.0, 5.0).realised == 1.0
    apart = [(100, 0, 9), (173, 0, 9), (100, 1, 9)]
    assert reading(scores(2, apart), here, 1.0, 5.0).realised == 1.5


def test_the_threshold_is_the_lowest_that_keeps_the_rate():
    here = panel(["quiet"] * 10)
    values = scores(10, [(50, column, column + 1) for column in range(10)])
    theta = threshold(values, here, 0.3)
    assert 7 < theta <= 8
    assert reading(values, here, 0.3, theta).realised == pytest.approx(0.3)


def test_missed_bursts_make_the_median_late():
    found = caught(np.array([60.0, 120, 7200, np.inf]))
    assert (found.within_hour, found.within_day) == (0.5, 0.75)
    assert (found.median_minutes, found.p90_minutes) == (2, None)
    assert caught(np.array([])).within_hour is None


def test_a_few_authors_alert_only_while_they_post():
    here = panel(["spam", "spam"], burst_start=3000, burst_end=6000)
    read = reading(scores(2, [(15, 0, 9), (40, 1, 9)]), here, 1.0, 5.0)
    assert (read.few_authors.n, read.few_authors.alerts) == (2, 0.5)
    assert read.groups.alerts is None
    assert read.realised is None


def test_when_all_triple_every_post_does_for_three_hours():
    counts = np.arange(BUCKETS, dtype=float)[:, None]
    louder = tripled(counts, 1000)
    assert (louder[1000:1036] == 3 * counts[1000:1036]).all()
    assert (
        np.delete(louder, range(1000, 1036), 0) == np.delete(counts, range(1000, 1036), 0)
    ).all()


@pytest.mark.parametrize("key", METHODS)
def test_every_method_hears_a_burst_and_not_the_usual(key):
    random = np.random.default_rng(3)
    counts = random.poisson(0.1, (288 * 16, 3)).astype(float)
    counts[288 * 15 : 288 * 15 + 6, 1] += 10
    _, method = METHODS[key]
    found = method(counts, np.zeros(3, np.int64))
    assert found.shape == counts.shape
    at = slice(288 * 15, 288 * 15 + HOUR)
    assert found[at, 1].max() > 2 * found[288 * 8 :, [0, 2]].max()
    # Nothing of the burst is known before it begins.
    assert found[: 288 * 15, 1].max() < found[at, 1].max()


def test_the_rules_by_hand():
    counts = np.zeros((288 * 3, 1))
    counts[:: HOUR * 2] = 4
    counts[-1] = 40
    start = np.zeros(1, np.int64)
    assert hourly(counts)[-1, 0] == 40
    earlier = hourly(counts)[:, 0][[-1 - HOUR * lag for lag in range(3, 27)]]
    by_hand = (40 - earlier.mean()) / max(earlier.std(ddof=1), 0.5)
    assert ears_c2(counts, start)[-1, 0] == pytest.approx(by_hand, rel=1e-5)
    assert spike_rule(counts, start)[-1, 0] == pytest.approx(40 / 4)
    assert moving_z(counts, start)[-1, 0] > 10

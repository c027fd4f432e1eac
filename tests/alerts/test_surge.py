"""Properties of the detector that hold whatever the counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.surge import Surge
from alerts.tuning import LEVELLED

SINCE = 5_900_000
counts_of = st.lists(st.integers(0, 12), min_size=30, max_size=160)


#: Without what cases have in common, each is by itself.
ALONE = replace(LEVELLED, gain=False)


def scores(counts, covered=None, since=SINCE, first=None):
    surge = Surge()
    surge.watch("case", since)
    column = np.array(counts, float)[:, None]
    seen = None if covered is None else np.array(covered, float)[:, None]
    return surge.replay(since if first is None else first, column, seen)


@settings(max_examples=25, deadline=None)
@given(st.lists(counts_of, min_size=2, max_size=4), st.data())
def test_many_cases_in_step_are_as_one_at_a_time(series, data):
    starts = [data.draw(st.integers(0, 20)) for _ in series]
    length = max(len(counts) + start for counts, start in zip(series, starts, strict=True))
    together = Surge(ALONE)
    matrix = np.zeros((length, len(series)))
    for column, (counts, start) in enumerate(zip(series, starts, strict=True)):
        together.watch(f"case-{column}", SINCE + start)
        matrix[start : start + len(counts), column] = counts
    joint = together.replay(SINCE, matrix)
    for column, start in enumerate(starts):
        alone = scores(matrix[start:, column], since=SINCE + start)
        assert np.allclose(joint.value[start:, column], alone.value[:, 0], atol=1e-9)
        assert not joint.value[:start, column].any()


@settings(max_examples=25, deadline=None)
@given(counts_of)
def test_dictionaries_and_arrays_are_the_same(counts):
    by_array = scores(counts)
    surge = Surge()
    surge.watch("case", SINCE)
    for offset, count in enumerate(counts):
        score = surge.step(SINCE + offset, {"case": count})["case"]
        assert score.value == by_array.value[offset, 0]
        assert score.window == by_array.window[offset, 0]
        assert score.observed == by_array.observed[offset, 0]


@settings(max_examples=25, deadline=None)
@given(counts_of, st.lists(st.booleans(), min_size=160, max_size=160))
def test_what_arrives_for_a_blind_bucket_neither_teaches_nor_scores(counts, blind):
    covered = [0.0 if dark else 1.0 for dark in blind[: len(counts)]]
    emptied = [0 if dark else n for n, dark in zip(counts, blind, strict=False)]
    full, without = scores(counts, covered), scores(emptied, covered)
    assert np.array_equal(full.value, without.value)
    assert not full.value[np.array(covered) == 0].any()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rate", [0.05, 1.0, 4.0])
def test_gaps_never_raise(seed, rate):
    """A steady case with random blindness, wholly and in part, stays far below the threshold."""
    generator = np.random.default_rng(seed)
    buckets = 288 * 9
    covered = np.ones(buckets)
    for _ in range(12):
        start, length = generator.integers(288 * 3, buckets), generator.integers(1, 150)
        covered[start : start + length] = generator.choice([0.0, 0.0, 0.3, 0.7])
    counts = generator.poisson(rate * covered)
    # The first days teach how busy the case is: a cold start is no gap.
    assert scores(counts, covered).value[288 * 3 :].max() < 5


def test_blindness_taken_for_silence_would_raise():
    """The contrast: two days of missing posts told as zeros make the return look like a burst."""
    generator = np.random.default_rng(1)
    counts = generator.poisson(1.5, 288 * 16)
    covered = np.ones(len(counts))
    dark = slice(288 * 2, 288 * 14)
    covered[dark] = 0
    counts[dark] = 0
    assert scores(counts, covered).value[288 * 14 :].max() < 5
    assert scores(counts).value[288 * 14 :].max() > 5


def test_half_the_stream_scales_what_is_expected():
    counts = np.full(288 * 4, 2.0)
    half = np.ones(len(counts))
    half[-72:] = 0.5
    seen = counts.copy()
    seen[-72:] = 1
    learned = scores([*counts[:-1], 40], None)
    scaled = scores([*seen[:-1], 40], half)
    assert scaled.expected[-1, 0] == pytest.approx(learned.expected[-1, 0] / 2, rel=0.05)


def test_a_case_watched_later_joins_in_step():
    surge = Surge()
    surge.watch("first", SINCE)
    surge.step(SINCE, {"first": 1})
    surge.watch("second", SINCE + 3)
    assert set(surge.step(SINCE + 1, {})) == {"first"}
    surge.step(SINCE + 2, {})
    assert set(surge.step(SINCE + 3, {"second": 2})) == {"first", "second"}
    alone = Surge()
    alone.watch("second", SINCE + 3)
    alone.step(SINCE + 3, {"second": 2})
    burst = {"second": 30}
    late = surge.step(SINCE + 4, burst)["second"]
    assert late.value == pytest.approx(alone.step(SINCE + 4, burst)["second"].value, abs=1e-9)


def test_a_deep_tail_is_a_finite_score():
    score = scores([0] * 288 + [100_000]).value[-1, 0]
    assert 50 < score < 1e6


@pytest.mark.parametrize("posts", range(6))
def test_fewer_than_six_authors_are_never_a_burst(posts):
    assert scores([0] * 300 + [posts]).value[-1, 0] == 0


def test_holes_strangers_and_the_past_are_refused():
    surge = Surge()
    surge.watch("case", SINCE)
    surge.step(SINCE, {})
    with pytest.raises(ValueError, match="without holes"):
        surge.step(SINCE + 2, {})
    with pytest.raises(ValueError, match="not watched"):
        surge.step(SINCE + 1, {"other": 1})
    with pytest.raises(ValueError, match="already"):
        surge.watch("case", SINCE + 9)
    with pytest.raises(ValueError, match="rebuild"):
        surge.watch("older", SINCE - 5)


def test_five_hundred_cases_are_scored_in_step():
    """28 days of 500 cases take seconds (bench/alerts.py prints the time); here one day."""
    surge = Surge()
    surge.watch_all({f"case-{n}": SINCE for n in range(500)})
    counts = np.random.default_rng(0).poisson(0.03, (288, 500)).astype(float)
    result = surge.replay(SINCE, counts)
    assert result.value.shape == (288, 500)
    assert (result.value < 5).mean() > 0.999


def test_what_all_cases_have_in_common_is_no_case_s_burst():
    """Sixty cases triple for an hour: one of them with a burst of its own still stands out."""
    generator = np.random.default_rng(5)
    counts = generator.poisson(0.15, (288 * 10, 60)).astype(float)
    storm = slice(288 * 10 - 24, None)
    counts[storm] = generator.poisson(0.45, (24, 60))
    counts[-6:, 7] += 6
    highest = {}
    for name, tuning in (("gain", LEVELLED), ("alone", ALONE)):
        surge = Surge(tuning)
        surge.watch_all({f"case-{n}": SINCE for n in range(60)})
        highest[name] = surge.replay(SINCE, counts).value[storm].max(axis=0)
    others = np.delete(highest["gain"], 7)
    assert highest["gain"][7] > 5 > others.max()
    assert others.sum() < np.delete(highest["alone"], 7).sum() / 2


def test_groups_don_t_hear_each_other():
    generator = np.random.default_rng(6)
    counts = generator.poisson(0.3, (288 * 3, 20)).astype(float)
    alone = Surge()
    alone.watch_all({f"a{n}": SINCE for n in range(20)})
    both = Surge()
    both.watch_all({f"a{n}": SINCE for n in range(20)}, 0)
    both.watch_all({f"b{n}": SINCE for n in range(20)}, 1)
    doubled = np.concatenate((counts, counts * 9), axis=1)
    expected = alone.replay(SINCE, counts).value
    assert np.allclose(both.replay(SINCE, doubled).value[:, :20], expected, atol=1e-9)


def test_a_case_that_was_loud_all_day_needs_more_than_one_that_was_not():
    quiet = [0, 0, 1, 0] * 72 * 10
    loud = quiet[:-288] + [1, 1, 2, 1] * 72
    burst = [3] * 6
    assert scores(quiet + burst).value[-1, 0] > scores(loud + burst).value[-1, 0] + 1

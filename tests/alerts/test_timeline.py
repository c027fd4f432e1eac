"""The observed and expected course of a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.surge_state import PROFILE
from alerts.timeline import CaseTimeline
from alerts.tuning import LEVELLED
from domain.annotation import Family, Sentiment, Target
from domain.sources import Gap, GapReason, SourceRun
from records.runs import SourceInfo

HOUR = timedelta(hours=1)
DAY = 24 * HOUR


def points(bench, case, hours=24, bucket=HOUR):
    now = bench.clock.now
    timeline = CaseTimeline(bench.store, bench.records, bench.clock)
    return timeline.points(case, now - hours * HOUR, now, bucket)


def test_most_quiet_hours_lie_in_the_band(bench):
    case, now = bench.watch(days=14), bench.clock.now
    bench.store.upsert(bench.background("liang", now - 14 * DAY, now, 6, 1))
    course = points(bench, case, hours=72)
    assert len(course) == 72
    inside = sum(point.low <= point.authors <= point.high for point in course)
    assert inside >= 66
    assert all(point.low <= point.expected <= point.high for point in course)
    assert 4 < sum(point.expected for point in course) / 72 < 8


def test_a_burst_stands_above_the_band_and_is_counted_exactly(bench):
    case, now = bench.watch(days=14), bench.clock.now
    bench.store.upsert(bench.background("liang", now - 14 * DAY, now, 1, 1))
    angry = {"target": Target.COURT, "sentiment": Sentiment.NEGATIVE}
    bench.store.upsert(bench.burst("liang", now - 30 * timedelta(minutes=1), 29, 60, **angry))
    last = points(bench, case)[-1]
    assert last.court_negative == 60
    assert last.authors >= 60
    assert last.authors > last.high


@pytest.mark.parametrize("bucket", [15 * timedelta(minutes=1), HOUR, 6 * HOUR, 5 * HOUR])
def test_a_text_counts_once_a_bucket_wherever_buckets_begin(bench, bucket):
    """Buckets counted from an hour that the index doesn't cut at: one copy in each of its cells."""
    case, since = bench.watch(days=14), bench.clock.now - 30 * HOUR
    minute = timedelta(minutes=1)
    said = [bench.post(f"copy-{n}", since + n * 7 * minute, text="同一句话") for n in range(250)]
    said = [replace(one, family=Family("0" * 32, "0" * 32)) for one in said]
    own = [bench.post(f"own-{n}", since + n * 50 * minute) for n in range(35)]
    bench.store.upsert([*said, *own])
    course = CaseTimeline(bench.store, bench.records, bench.clock).points(
        case, since, bench.clock.now, bucket
    )
    expected = []
    for point in course:
        inside = [one for one in (*said, *own)
                  if point.start <= one.post.published_at < point.start + bucket]  # fmt: skip
        expected.append((len(inside), len({one.copies for one in inside})))
    assert [(point.posts, point.distinct) for point in course] == expected
    assert sum(posts for posts, _ in expected) == 285


def test_what_was_blind_is_marked_and_still_expected(bench):
    case, now = bench.watch(days=14), bench.clock.now
    bench.store.upsert(bench.background("liang", now - 14 * DAY, now - 6 * HOUR, 6, 1))
    bench.records.runs.open_gap(Gap("weibo_search", now - 6 * HOUR, None, GapReason.DOWN))
    course = points(bench, case)
    assert [point.covered for point in course[-6:]] == [0] * 6
    assert [point.covered for point in course[:-6]] == [1] * 18
    assert all(point.expected > 2 for point in course[-6:])


def test_it_agrees_with_itself_in_other_widths(bench):
    case, now = bench.watch(days=14), bench.clock.now
    bench.store.upsert(bench.background("liang", now - 3 * DAY, now, 2, 1))
    fine = points(bench, case, 6, timedelta(minutes=5))
    wide = points(bench, case, 6, HOUR)
    assert sum(point.posts for point in fine) == sum(point.posts for point in wide)
    assert sum(point.expected for point in fine) == pytest.approx(
        sum(point.expected for point in wide)
    )


def test_the_future_has_no_points(bench):
    case, now = bench.watch(), bench.clock.now
    timeline = CaseTimeline(bench.store, bench.records, bench.clock)
    assert len(timeline.points(case, now - HOUR, now + DAY, timedelta(minutes=5))) == 13
    assert timeline.points(case, now + HOUR, now + DAY, HOUR) == []


@pytest.mark.parametrize("minutes", [0, 4, 7])
def test_other_widths_are_refused(bench, minutes):
    with pytest.raises(ValueError, match="five minutes"):
        points(bench, bench.watch(), bucket=timedelta(minutes=minutes))


def test_before_the_first_covered_window_the_page_shows_blindness_not_zero(bench):
    case, now = bench.watch(days=14), bench.clock.now
    bench.store.upsert(bench.background("liang", now - 6 * HOUR, now, 6, 1))
    bench.records.runs.register([SourceInfo("weibo_search", "微博搜索", "weibo", HOUR)])
    bench.records.runs.add_run(SourceRun("weibo_search", now, now, now - 6 * HOUR, now))
    course = points(bench, case)
    assert [point.covered for point in course[:18]] == [0] * 18
    assert [point.covered for point in course[18:]] == [1] * 6
    # Six in the morning; nobody taught it anything, so the prior stands.
    assert course[18].expected == pytest.approx(LEVELLED.prior_rate * PROFILE[6])

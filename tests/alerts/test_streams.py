"""What is counted and what was seen, by source and case."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.blindness import blind_buckets, missing
from alerts.detection import read_history
from alerts.streams import read_streams
from domain.ledger import LedgerEntry
from domain.sources import Gap, GapReason, SourceRun
from domain.time import BUCKET, bucket_index, bucket_start
from records.runs import SourceInfo

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def day(bench):
    """Yesterday noon to now: 24 hours of buckets."""
    return bench.clock.now - 24 * HOUR


def gap(start, end, source="weibo_search", reason=GapReason.DOWN):
    return Gap(source, start, end, reason)


def read(bench, day, gaps, cases=("liang",), sources=("weibo_search",)):
    first = bucket_index(day)
    return read_streams(bench.store, cases, sources, gaps, first, first + 287)


def spread(bench, day, source, per_hour, case="liang"):
    """One post at the start of every n-th bucket."""
    every = HOUR / per_hour
    moments = [day + every * n for n in range(24 * per_hour)]
    bench.store.upsert(
        [bench.post(f"{case}{n}", at, case, source=source) for n, at in enumerate(moments)]
    )


def test_only_first_posts_of_an_author_are_counted(bench, day):
    bench.store.upsert(
        [bench.post("1", day), bench.post("2", day, counts=False), bench.post("3", day, "wang")]
    )
    streams = read(bench, day, [])
    assert streams.everything[0, 0] == 1
    assert streams.everything.sum() == 1
    assert (streams.covered == 1).all()


def test_with_every_source_blind_nothing_is_covered(bench, day):
    spread(bench, day, "weibo_search", 6)
    streams = read(bench, day, [gap(day + 2 * HOUR, day + 3 * HOUR)])
    assert (streams.covered[24:36] == 0).all()
    assert (streams.everything[24:36] == 0).all()
    assert (np.delete(streams.covered, range(24, 36)) == 1).all()


def test_a_source_s_share_is_what_it_delivers_for_the_case(bench, day):
    spread(bench, day, "weibo_search", 12)
    spread(bench, day, "forum", 4)
    both = ("weibo_search", "forum")
    streams = read(bench, day, [gap(day + 2 * HOUR, day + 4 * HOUR)], sources=both)
    assert streams.covered[30, 0] == pytest.approx(0.25, abs=0.02)
    assert streams.everything[24:48].sum() == 2 * 4


def test_a_source_that_rarely_feeds_the_case_is_hardly_missed(bench, day):
    spread(bench, day, "weibo_search", 12)
    spread(bench, day, "site", 12, case="wang")
    dark = [gap(day + HOUR, None, source="site")]
    streams = read(bench, day, dark, ("liang", "wang"), ("site", "weibo_search"))
    assert streams.covered[100, 0] > 0.95
    assert streams.covered[100, 1] < 0.3


def test_a_small_seen_share_is_not_trusted(bench, day):
    spread(bench, day, "weibo_search", 12)
    bench.store.upsert([bench.post("rare", day, source="forum")])
    both = ("weibo_search", "forum")
    streams = read(bench, day, [gap(day + HOUR, None)], sources=both)
    assert streams.covered[100, 0] == 0.2


def test_a_page_cap_is_a_floor_where_something_came_through(bench, day):
    spread(bench, day, "weibo_search", 6)
    capped = gap(day + 2 * HOUR, day + 3 * HOUR, reason=GapReason.PAGE_CAP)
    streams = read(bench, day, [capped])
    assert (streams.covered == 1).all()
    assert streams.everything[24:36].sum() == 6
    bench.store.tombstone(
        [one.post.id for one in bench.store.search(_window(capped), limit=99).posts], day
    )
    assert (read(bench, day, [capped]).covered[24:36] == 0).all()


def _window(stretch):
    from domain.protocols import Query

    return Query(since=stretch.start, until=stretch.end)


def test_a_gap_of_no_length_is_none(day):
    assert blind_buckets([gap(day, day)], bucket_index(day), 12) == {}


@settings(max_examples=50, deadline=None)
@given(st.integers(-90, 90), st.one_of(st.none(), st.integers(0, 90)))
def test_a_bucket_is_blind_when_any_part_of_it_is(offset, length):
    first = 5_900_000
    origin = bucket_start(first)
    start = origin + offset * MINUTE
    end = None if length is None else start + length * MINUTE
    flags = blind_buckets([gap(start, end)], first, 12).get("weibo_search", np.zeros(12, bool))
    for row in range(12):
        begin = origin + row * BUCKET
        overlaps = start < begin + BUCKET and (end is None or end > begin) and start != end
        assert flags[row] == overlaps


def run(source, start, end, reason=None):
    return SourceRun(source, end, end, start, end, gap=reason)


def test_what_a_later_run_fetched_is_not_missing(bench, day):
    runs = bench.records.runs
    declare(bench, "weibo_search", "other")
    runs.add_run(run("weibo_search", day - HOUR, day))
    runs.add_gap(gap(day, day + 6 * HOUR))
    runs.add_run(run("weibo_search", day + 2 * HOUR, day + 3 * HOUR))
    runs.add_run(run("weibo_search", day + 150 * MINUTE, day + 4 * HOUR))
    runs.add_run(run("weibo_search", day + 4 * HOUR, day + 5 * HOUR, GapReason.DOWN))
    runs.add_run(run("other", day - HOUR, bench.clock.now))
    left = missing(bench.records, day - HOUR, bench.clock.now)
    assert [(one.start, one.end) for one in left] == [
        (day, day + 2 * HOUR),
        (day + 4 * HOUR, day + 6 * HOUR),
    ]


def declare(bench, *sources, every=HOUR * 1000):
    bench.records.runs.register([SourceInfo(one, one, "weibo", every) for one in sources])


def test_an_open_gap_starts_where_the_last_run_ended(bench, day):
    declare(bench, "weibo_search")
    bench.records.runs.add_run(run("weibo_search", day - HOUR, day + HOUR))
    bench.records.runs.open_gap(gap(day, None))
    (left,) = missing(bench.records, day - HOUR, bench.clock.now)
    assert (left.start, left.end) == (day + HOUR, None)


def test_a_source_that_nobody_runs_is_missing(bench, day):
    runs = bench.records.runs
    runs.register([SourceInfo("weibo_search", "微博搜索", "weibo", 5 * MINUTE)])
    runs.add_run(run("weibo_search", day, day + HOUR))
    (late,) = missing(bench.records, day, bench.clock.now)
    assert (late.source, late.start, late.end) == ("weibo_search", day + HOUR, None)
    assert late.reason is GapReason.NOT_RUN


def test_before_its_first_window_a_source_is_missing_not_silent(bench, day):
    declare(bench, "weibo_search")
    bench.records.runs.add_run(run("weibo_search", day, day + HOUR, GapReason.DOWN))
    bench.records.runs.add_run(run("weibo_search", day + 6 * HOUR, bench.clock.now))
    (before,) = missing(bench.records, day, bench.clock.now)
    assert (before.start, before.end) == (day, day + 6 * HOUR)
    streams = read(bench, day, [before])
    assert (streams.covered[:72] == 0).all()
    assert (streams.covered[72:] == 1).all()


def test_a_declared_source_that_never_came_through_is_missing_throughout(bench, day):
    declare(bench, "weibo_search", "site")
    bench.records.runs.add_run(run("weibo_search", day, bench.clock.now))
    bench.records.runs.add_run(run("site", day, bench.clock.now, GapReason.LOGIN_PAGE))
    (never,) = missing(bench.records, day, bench.clock.now)
    assert (never.source, never.start, never.end) == ("site", day, None)


def test_a_source_no_longer_declared_is_missing_after_its_last_window(bench, day):
    declare(bench, "weibo_search")
    bench.records.runs.add_run(run("weibo_search", day, bench.clock.now))
    bench.records.runs.add_run(run("old", day, day + 2 * HOUR))
    (gone,) = missing(bench.records, day, bench.clock.now)
    assert (gone.source, gone.start, gone.end) == ("old", day + 2 * HOUR, None)


def test_a_sampled_source_is_seen_by_its_share(bench, day):
    """A tenth of the forum's stream is as much as all of the other's: it stands for ten times it."""
    spread(bench, day, "weibo_search", 4)
    spread(bench, day, "forum", 4)
    first, both = bucket_index(day), ("weibo_search", "forum")
    rates = {"weibo_search": 1.0, "forum": 0.1}
    streams = read_streams(bench.store, ("liang",), both, [], first, first + 287, rates)
    assert streams.covered[:, 0] == pytest.approx((1 + 10 * 0.1) / 11, abs=0.05)
    dark = [gap(day + HOUR, None, source="weibo_search")]
    blind = read_streams(bench.store, ("liang",), both, dark, first, first + 287, rates)
    assert blind.covered[100, 0] == 0.2
    assert streams.everything.sum() == 2 * 96


def test_a_seed_holds_no_posts_so_its_silence_hides_none(bench, day):
    """Its gaps stay on record for the ledger; alerts, cases and detection don't see them."""
    declare(bench, "weibo_search", "hearings")
    seed = LedgerEntry("hearings", "庭审公开", "news", "hearings", "公开页面", "张三")
    bench.records.ledger.register([seed])
    bench.records.runs.add_run(run("weibo_search", day, bench.clock.now))
    bench.records.runs.open_gap(gap(day, None, "hearings"))
    assert missing(bench.records, day, bench.clock.now) == []
    kept = missing(bench.records, day, bench.clock.now, seeds=True)
    assert {one.source for one in kept} == {"hearings"}
    cases, first = ("liang",), bucket_index(day)
    streams = read_history(bench.store, bench.records, cases, first, first + 287)
    assert (streams.covered == 1).all(), "nor does it weigh among what was seen"


def test_a_seed_that_is_fine_does_not_stand_in_for_a_blind_source(bench, day):
    declare(bench, "weibo_search", "hearings")
    seed = LedgerEntry("hearings", "庭审公开", "news", "hearings", "公开页面", "张三")
    bench.records.ledger.register([seed])
    bench.records.runs.add_run(run("weibo_search", day - HOUR, day))
    bench.records.runs.add_run(run("hearings", day - HOUR, bench.clock.now))
    bench.records.runs.open_gap(gap(day, None))
    first = bucket_index(day)
    streams = read_history(bench.store, bench.records, ("liang",), first, first + 287)
    assert (streams.covered == 0).all()

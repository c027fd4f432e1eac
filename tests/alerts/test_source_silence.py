"""A source's silence is told once, and its end once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.source_silence import GRACE, changes, mark
from domain.sources import Gap, GapReason, SourceRun
from records.runs import SourceInfo

MINUTE = timedelta(minutes=1)


@pytest.fixture
def runs(bench):
    runs = bench.records.runs
    runs.register([SourceInfo("weibo_search", "微博搜索", "weibo", 5 * MINUTE)])
    run(bench, bench.clock.now)
    return runs


def run(bench, at):
    bench.records.runs.add_run(SourceRun("weibo_search", at, at, at - 5 * MINUTE, at))


def told(bench):
    """What is told now, as the flow does it: queue, then remember."""
    found = changes(bench.records, bench.clock.now)
    mark(bench.records, found)
    return [(gap.start, gap.end) for gap in found]


def test_once_when_it_begins_and_once_when_it_is_over(bench, runs):
    start = bench.clock.now
    runs.open_gap(Gap("weibo_search", start, None, GapReason.DOWN))
    bench.clock.now = start + GRACE
    assert told(bench) == [(start, None)]
    bench.clock.now += 8 * 60 * MINUTE
    assert told(bench) == []
    runs.close_gap("weibo_search", bench.clock.now)
    run(bench, bench.clock.now)
    assert told(bench) == [(start, bench.clock.now)]
    assert told(bench) == []


def test_one_failed_request_wakes_nobody(bench, runs):
    start = bench.clock.now
    runs.open_gap(Gap("weibo_search", start, None, GapReason.TIMEOUT))
    bench.clock.now = start + GRACE - MINUTE
    assert told(bench) == []
    runs.close_gap("weibo_search", bench.clock.now)
    run(bench, bench.clock.now)
    assert told(bench) == []


def test_late_and_then_refused_is_one_silence(bench, runs):
    start = bench.clock.now
    bench.clock.now = start + 30 * MINUTE
    ((since, _),) = told(bench)
    assert since == start
    runs.open_gap(Gap("weibo_search", start + 30 * MINUTE, None, GapReason.LOGIN_PAGE))
    bench.clock.now += 60 * MINUTE
    assert told(bench) == []


def test_the_next_silence_is_told_again(bench, runs):
    for _ in range(2):
        start = bench.clock.now
        runs.open_gap(Gap("weibo_search", start, None, GapReason.DOWN))
        bench.clock.now = start + GRACE
        assert told(bench) == [(start, None)]
        bench.clock.now += MINUTE
        runs.close_gap("weibo_search", bench.clock.now)
        run(bench, bench.clock.now)
        assert len(told(bench)) == 1
        bench.clock.now += MINUTE


def test_what_was_queued_but_not_remembered_is_the_same_news(bench, runs):
    start = bench.clock.now
    runs.open_gap(Gap("weibo_search", start, None, GapReason.DOWN))
    bench.clock.now = start + GRACE
    assert changes(bench.records, bench.clock.now) == changes(bench.records, bench.clock.now)


def test_a_source_that_never_ran_is_not_silent(bench):
    bench.records.runs.register([SourceInfo("new", "新来源", "news", 5 * MINUTE)])
    assert told(bench) == []

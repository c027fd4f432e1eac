"""What an outage's back-fill may and may not do, over a real index and real records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerts import AlertState
from domain.sources import SourceRun
from records.lateness import backfilled, joined, late_parts
from records.runs import SourceInfo

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SOURCE = "weibo_search"
START = datetime(2026, 3, 1, tzinfo=UTC)


def ran(bench, start, end, finished=None):
    bench.records.runs.add_run(SourceRun(SOURCE, finished or end, finished or end, start, end))


def watched_source(bench, outage):
    """A source that was seen but for the hours before now, which came in one lump just now."""
    now = bench.clock.now
    bench.watch()
    bench.records.runs.register([SourceInfo(SOURCE, "微博搜索", "weibo", 5 * MINUTE)])
    ran(bench, now - timedelta(days=28), now - timedelta(days=27))
    ran(bench, now - timedelta(days=27), now - outage)
    bench.quiet()


def test_a_burst_within_the_outage_is_not_raised_but_recorded_when_it_is_over(bench):
    now = bench.clock.now
    watched_source(bench, 5 * HOUR)
    bench.store.upsert(bench.burst("liang", now - 4 * HOUR, 30, 60))
    ran(bench, now - 5 * HOUR, now)
    report = bench.detection().run()
    assert (report.raised, report.held) == (0, 1)
    bench.clock.now = now + 10 * HOUR
    ran(bench, now, bench.clock.now)
    report = bench.detection().run()
    assert (report.raised, report.backfilled) == (0, 1)
    [alert] = bench.records.alerts.recent()
    assert alert.state is AlertState.CLOSED


def test_what_goes_on_after_the_lump_raises_and_says_what_was_backfilled(bench):
    now = bench.clock.now
    watched_source(bench, 5 * HOUR)
    bench.store.upsert(bench.burst("liang", now - 4 * HOUR, 170, 150))
    ran(bench, now - 5 * HOUR, now)
    assert bench.detection().run().held == 1
    bench.store.upsert(bench.burst("liang", now, 15, 15, seed=1))
    bench.clock.now = now + 15 * MINUTE
    ran(bench, now, bench.clock.now)
    assert bench.detection().run().raised == 1
    [alert] = bench.records.alerts.open()
    [line] = [line for line in alert.why.level_lines if line.startswith("补采：")]
    assert "03-16 07:55—11:00" in line, "the lump without its last hour, which was still fresh"
    assert alert.why.posts >= 150
    bench.detection().run()
    assert bench.records.alerts.open()[0].why.level_lines == alert.why.level_lines


def test_a_lump_of_a_quiet_time_changes_nothing(bench):
    now = bench.clock.now
    watched_source(bench, 5 * HOUR)
    ran(bench, now - 5 * HOUR, now)
    report = bench.detection().run()
    assert (report.raised, report.held, report.backfilled) == (0, 0, 0)


def test_an_undelayed_burst_is_raised_although_hours_before_were_backfilled(bench):
    now = bench.clock.now
    watched_source(bench, 5 * HOUR)
    ran(bench, now - 5 * HOUR, now - 2 * HOUR, now - 30 * MINUTE)
    ran(bench, now - 2 * HOUR, now - 30 * MINUTE)
    ran(bench, now - 30 * MINUTE, now)
    bench.store.upsert(bench.burst("liang", now - 20 * MINUTE, 20, 30))
    assert bench.detection().run().raised == 1
    [alert] = bench.records.alerts.open()
    assert not any("补采" in line for line in alert.why.level_lines)


def test_a_closed_alert_is_not_taken_up_again_by_a_lump(bench):
    now = bench.clock.now
    watched_source(bench, 8 * HOUR)
    bench.store.upsert(bench.burst("liang", now - 9 * HOUR, 30, 60))
    bench.clock.now = now - 8 * HOUR
    assert bench.detection().run().raised == 1
    [alert] = bench.records.alerts.open()
    bench.records.alerts.expire(alert.id, "六小时内未再达到阈值")
    bench.clock.now = now
    bench.store.upsert(bench.burst("liang", now - 6 * HOUR, 240, 200, seed=1))
    ran(bench, now - 8 * HOUR, now)
    report = bench.detection().run()
    assert (report.raised, report.grew, report.held) == (0, 0, 1)
    assert bench.records.alerts.open() == []


def test_what_the_first_run_of_a_source_finds_is_no_backfill(bench):
    ran(bench, START, START + 5 * HOUR)
    assert backfilled(bench.records, START) == {}


@pytest.mark.parametrize(("every", "found"), [(5 * MINUTE, 1), (HOUR, 1), (3 * HOUR, 0), (None, 1)])
def test_how_late_is_late_goes_by_the_sources_interval(bench, every, found):
    bench.records.runs.register([SourceInfo(SOURCE, "微博搜索", "weibo", every)])
    ran(bench, START - HOUR, START)
    ran(bench, START, START + 5 * HOUR)
    assert len(backfilled(bench.records, START - HOUR)) == found


WINDOWS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 20), st.integers(0, 30)), max_size=8
).map(lambda rows: sorted(((a, a + b, a + b + c) for a, b, c in rows), key=lambda row: row[2]))


@given(WINDOWS, st.integers(0, 10))
def test_late_parts_are_minutes_first_filled_late(rows, delay):
    windows = [tuple(START + value * MINUTE for value in row) for row in rows]
    late = late_parts(windows, delay * MINUTE, START)
    assert late == joined(late)
    for minute in range(61):
        filled = [at for start, end, at in rows if start <= minute < end]
        expected = bool(filled) and minute < min(filled) - delay
        moment = START + minute * MINUTE
        assert any(start <= moment < end for start, end in late) == expected

"""Detection over a real index and real records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.detection import HISTORY, history_start, read_history
from domain.alerts import AlertState, Level
from domain.annotation import Sentiment, Target
from domain.sources import Gap, GapReason, SourceRun
from domain.time import bucket_index
from records.runs import SourceInfo

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def snapshot(bench):
    alerts = sorted(bench.records.alerts.recent(), key=lambda alert: alert.id)
    return alerts, bench.records.alerts.events_after(0)


def test_a_quiet_case_raises_nothing(bench):
    bench.watch()
    bench.quiet()
    report = bench.detection().run()
    assert (report.cases, report.raised, report.backfilled) == (1, 0, 0)
    assert bench.records.alerts.recent() == []


def test_a_burst_is_raised_with_its_reasons_while_it_rises(bench):
    bench.watch()
    bench.quiet()
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24))
    report = bench.detection().run()
    assert report.raised == 1
    (alert,) = bench.records.alerts.open()
    assert alert.state is AlertState.PROPOSED
    assert alert.level is Level.BLUE
    assert alert.detected_at == bench.clock.now
    assert alert.why.score.value >= 5
    assert alert.why.window_start <= alert.first_published_at
    assert alert.why.authors >= 24
    assert alert.why.evidence
    assert [event.kind for event in bench.records.alerts.events_after(0)] == ["raised"]


def test_running_again_changes_nothing(bench):
    bench.watch()
    bench.quiet()
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24))
    bench.detection().run()
    before = snapshot(bench)
    report = bench.detection().run()
    assert (report.raised, report.grew, report.closed) == (0, 0, 0)
    assert snapshot(bench) == before


def test_the_order_of_arrival_does_not_matter(bench):
    bench.watch()
    posts = [
        *bench.background("liang", bench.clock.now - 14 * 24 * HOUR, bench.clock.now, 0.5, 1),
        *bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24),
    ]
    for post in reversed(posts):
        bench.store.upsert([post])
    bench.detection().run()
    (backward,) = bench.records.alerts.open()
    bench.store.upsert(posts)
    bench.detection().run()
    assert bench.records.alerts.open() == [backward]


def test_a_dismissal_raises_its_courts_threshold_from_then_on(bench):
    court, now = bench.watch().court, bench.clock.now
    bench.quiet(until=now + 3 * HOUR)
    bench.store.upsert(bench.burst("liang", now - 14 * MINUTE, 14, 24))
    bench.detection().run()
    (alert,) = bench.records.alerts.open()
    bench.records.steps.add(court, alert.id, "dismissed", 2.0, "甲")
    bench.records.steps.add("白榆县人民法院", "y" * 32, "dismissed", 2.0, "甲")
    bench.detection().run()
    assert bench.records.alerts.open() == [alert]  # what was, stays
    case = bench.records.cases.get("liang")
    run = bench.detection()
    streams = read_history(bench.store, bench.records, ("liang",), *_span(now))
    theta = run._thresholds({"liang": case}, streams)[:, 0]
    at = bucket_index(now) - streams.first
    assert (theta[: at + 1] == bench.theta).all()
    bench.clock.now += HOUR
    later = read_history(bench.store, bench.records, ("liang",), *_span(bench.clock.now))
    assert run._thresholds({"liang": case}, later)[-1, 0] == bench.theta + 2.0


def _span(now):
    return history_start(now, HISTORY), bucket_index(now)


def test_a_burst_that_was_over_when_first_seen_is_history_and_nobody_is_told(bench):
    bench.watch()
    bench.quiet()
    bench.store.upsert(bench.burst("liang", bench.clock.now - 72 * HOUR, 14, 24))
    report = bench.detection().run()
    assert (report.raised, report.backfilled) == (0, 1)
    (alert,) = bench.records.alerts.recent()
    assert alert.closed_at is not None
    assert [event.kind for event in bench.records.alerts.history(alert.id)] == ["found_in_backfill"]
    assert bench.detection().run().backfilled == 0


def test_anger_at_a_defendant_alone_adds_nothing_to_the_court(bench):
    bench.watch()
    bench.quiet()
    angry = {"target": Target.PARTY, "sentiment": Sentiment.NEGATIVE}
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 210, **angry))
    bench.detection().run()
    (alert,) = bench.records.alerts.open()
    assert alert.why.court_negative.k == 0
    assert alert.why.stream == "all"
    assert alert.level is Level.BLUE


def test_few_but_critical_posts_are_found_by_the_second_stream(bench):
    bench.watch()
    bench.quiet(per_hour=30)
    angry = {"target": Target.COURT, "sentiment": Sentiment.NEGATIVE}
    bench.store.upsert(bench.burst("liang", bench.clock.now - 29 * MINUTE, 29, 14, **angry))
    bench.detection().run()
    (alert,) = bench.records.alerts.open()
    assert alert.why.stream == "court_negative"


def test_blindness_neither_raises_nor_closes(bench):
    bench.watch()
    start = bench.clock.now
    bench.quiet(until=start)
    bench.store.upsert(bench.burst("liang", start - 14 * MINUTE, 14, 24))
    bench.detection().run()
    bench.records.runs.open_gap(Gap("weibo_search", start, None, GapReason.DOWN))
    bench.clock.now = start + 30 * HOUR
    report = bench.detection().run()
    assert (report.raised, report.closed) == (0, 0)
    (alert,) = bench.records.alerts.open()
    assert alert.closed_at is None


def test_a_catch_up_after_a_gap_raises_nothing(bench):
    bench.watch()
    now = bench.clock.now
    bench.quiet(per_hour=20, until=now - 12 * HOUR)
    bench.records.runs.add_gap(Gap("weibo_search", now - 12 * HOUR, now - HOUR, GapReason.TIMEOUT))
    assert bench.detection().run().raised == 0
    bench.store.upsert(bench.background("liang", now - 12 * HOUR, now, 20, 9))
    assert bench.detection().run().raised == 0


def test_gaps_within_the_window_are_among_the_reasons(bench):
    bench.watch()
    bench.quiet()
    now = bench.clock.now
    gap = Gap("news_site", now - 30 * MINUTE, now - 2 * MINUTE, GapReason.BLANK_PAGE)
    bench.records.runs.add_gap(gap)
    bench.store.upsert(bench.burst("liang", now - 14 * MINUTE, 14, 24))
    bench.detection().run()
    (alert,) = bench.records.alerts.open()
    assert alert.why.gaps == (gap,)


@pytest.mark.parametrize("watched", [0, 3])
def test_only_watched_cases_count(bench, watched):
    for number in range(watched):
        bench.watch(f"case-{number}")
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24))
    report = bench.detection().run()
    assert (report.cases, report.raised) == (watched, 0)


def test_a_burst_that_was_missed_is_found_once_its_stretch_is_fetched(bench):
    bench.watch()
    now = bench.clock.now
    bench.quiet()
    start = now - 40 * MINUTE
    bench.records.runs.open_gap(Gap("weibo_search", start - HOUR, None, GapReason.DOWN))
    bench.store.upsert(bench.burst("liang", start, 30, 60))
    assert bench.detection().run().raised == 0
    bench.records.runs.close_gap("weibo_search", now)
    bench.records.runs.add_run(SourceRun("weibo_search", now, now, start - HOUR, now))
    assert bench.detection().run().raised == 1
    (alert,) = bench.records.alerts.open()
    assert alert.first_published_at <= start
    assert alert.why.gaps


def test_a_case_watched_from_before_the_first_look_gets_no_episode_where_data_begins(bench):
    """The hours nobody looked at taught the detector that the case is silent."""
    case = bench.watch(days=14)
    begin = bench.clock.now - 72 * HOUR
    bench.store.upsert(bench.background("liang", begin, bench.clock.now, 6, 1))
    assert bench.detection().run().backfilled > 0
    (false,) = bench.records.alerts.recent()
    assert false.first_published_at < begin + 6 * HOUR

    bench.records.case_states.archive("liang", "值班员甲", "已了结")
    bench.records.cases.save(replace(case, id="wang"))
    bench.store.upsert(bench.background("wang", begin, bench.clock.now, 6, 1))
    covered = SourceRun("weibo_search", bench.clock.now, bench.clock.now, begin, bench.clock.now)
    bench.records.runs.register([SourceInfo("weibo_search", "微博搜索", "weibo", 5 * MINUTE)])
    bench.records.runs.add_run(covered)
    report = bench.detection().run()
    assert (report.cases, report.raised, report.backfilled) == (1, 0, 0)


def test_what_a_case_is_when_sampled_from_now_on_is_no_lull_and_no_burst(bench):
    """The source is declared sampled; its posts are few, and what is expected shrinks with them."""
    bench.watch()
    now = bench.clock.now
    rate = SourceInfo("weibo_search", "微博搜索", "weibo", 5 * MINUTE, sample_rate=0.5)
    bench.records.runs.register([rate])
    covered = SourceRun("weibo_search", now, now, now - 20 * 24 * HOUR, now)
    bench.records.runs.add_run(covered)
    bench.quiet(per_hour=4)
    assert bench.detection().run().raised == 0
    bench.store.upsert(bench.burst("liang", now - 14 * MINUTE, 14, 40))
    assert bench.detection().run().raised == 1
    (alert,) = bench.records.alerts.open()
    # 15 minutes of the sample, not of the whole stream.
    assert alert.why.score.expected < 4


def test_an_outage_and_its_catch_up_change_nothing_that_was_quiet(bench):
    """Twelve hours blind, then fetched after all: counted where it was said, not when it came."""
    bench.watch()
    now = bench.clock.now
    bench.records.runs.register([SourceInfo("weibo_search", "微博搜索", "weibo", 5 * MINUTE)])
    before = SourceRun("weibo_search", now, now, now - 20 * 24 * HOUR, now - 12 * HOUR)
    bench.records.runs.add_run(before)
    bench.records.runs.open_gap(Gap("weibo_search", now - 12 * HOUR, None, GapReason.DOWN))
    bench.quiet(per_hour=20)
    assert bench.detection().run().raised == 0
    bench.records.runs.close_gap("weibo_search", now)
    bench.records.runs.add_run(SourceRun("weibo_search", now, now, now - 12 * HOUR, now))
    report = bench.detection().run()
    assert (report.raised, report.backfilled) == (0, 0)

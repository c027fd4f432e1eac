"""Detection over a real index and real records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.detection import HISTORY, Detection, history_start, read_history
from alerts.episodes import THETA
from domain.alerts import AlertState, Level
from domain.annotation import Sentiment, Target
from domain.sources import Gap, GapReason, SourceRun
from domain.time import bucket_index
from records.runs import SourceInfo

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def detection(bench):
    return Detection(bench.store, bench.records, bench.terms, bench.clock)


def quiet(bench, days=14, per_hour=0.5, until=None, **fields):
    until = until or bench.clock.now
    bench.store.upsert(
        bench.background("liang", until - timedelta(days=days), until, per_hour, 1, **fields)
    )


def snapshot(bench):
    alerts = sorted(bench.records.alerts.recent(), key=lambda alert: alert.id)
    return alerts, bench.records.alerts.events_after(0)


def test_a_quiet_case_raises_nothing(bench):
    bench.watch()
    quiet(bench)
    report = detection(bench).run()
    assert (report.cases, report.raised, report.backfilled) == (1, 0, 0)
    assert bench.records.alerts.recent() == []


def test_a_burst_is_raised_with_its_reasons_while_it_rises(bench):
    bench.watch()
    quiet(bench)
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24))
    report = detection(bench).run()
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
    quiet(bench)
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24))
    detection(bench).run()
    before = snapshot(bench)
    report = detection(bench).run()
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
    detection(bench).run()
    (backward,) = bench.records.alerts.open()
    bench.store.upsert(posts)
    detection(bench).run()
    assert bench.records.alerts.open() == [backward]


def test_late_posts_extend_the_alert_backward_and_it_keeps_its_key(bench):
    bench.watch()
    quiet(bench)
    start = bench.clock.now - 2 * HOUR
    late, early = bench.burst("liang", start, 30, 40), bench.burst("liang", start + HOUR, 40, 40, 2)
    bench.store.upsert(early)
    detection(bench).run()
    (first,) = bench.records.alerts.open()
    bench.store.upsert(late)
    detection(bench).run()
    (second,) = bench.records.alerts.open()
    assert second.id == first.id
    assert second.first_published_at < first.first_published_at
    assert second.why.posts >= first.why.posts + 40
    assert bench.records.alerts.recent() == [second]


def test_it_closes_after_six_quiet_hours_and_a_relapse_reopens_it(bench):
    bench.watch()
    start = bench.clock.now
    quiet(bench, until=start + 48 * HOUR, days=16)
    bench.store.upsert(bench.burst("liang", start - 14 * MINUTE, 14, 24))
    detection(bench).run()
    (alert,) = bench.records.alerts.open()
    bench.clock.now = start + 24 * HOUR
    assert detection(bench).run().closed == 1
    assert bench.records.alerts.open() == []
    assert bench.records.alerts.get(alert.id).state is AlertState.CLOSED
    assert detection(bench).run().closed == 0
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 60, 3))
    assert detection(bench).run().raised == 1
    (relapse,) = bench.records.alerts.open()
    assert relapse.id == alert.id
    assert (relapse.state, relapse.relapses) == (AlertState.PROPOSED, 1)
    assert relapse.relapsed_at == bench.clock.now
    assert relapse.began_at == alert.why.window_start
    assert relapse.why.window_start > alert.last_bucket_at
    before = snapshot(bench)
    assert detection(bench).run().raised == 0
    assert snapshot(bench) == before


def test_a_rise_after_two_weeks_is_a_new_alert(bench):
    bench.watch(days=27)
    start = bench.clock.now
    quiet(bench, until=start + 24 * HOUR, days=27)
    bench.clock.now = start - 20 * 24 * HOUR
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24))
    detection(bench).run()
    (first,) = bench.records.alerts.open()
    bench.clock.now += 12 * HOUR
    detection(bench).run()
    bench.clock.now = start
    bench.store.upsert(bench.burst("liang", start - 14 * MINUTE, 14, 60, 3))
    detection(bench).run()
    (second,) = bench.records.alerts.open()
    assert second.id != first.id
    assert second.relapses == 0


def test_a_dismissed_alert_does_not_come_back_as_itself(bench):
    bench.watch()
    start = bench.clock.now
    quiet(bench, until=start + 48 * HOUR, days=16)
    bench.store.upsert(bench.burst("liang", start - 14 * MINUTE, 14, 24))
    detection(bench).run()
    (alert,) = bench.records.alerts.open()
    bench.records.alerts.dismiss(alert.id, "同名", "值班员甲")
    bench.clock.now = start + 24 * HOUR
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 60, 3))
    detection(bench).run()
    (new,) = bench.records.alerts.open()
    assert new.id != alert.id
    assert bench.records.alerts.get(alert.id).state is AlertState.DISMISSED


def test_a_dismissal_raises_its_courts_threshold_from_then_on(bench):
    court, now = bench.watch().court, bench.clock.now
    quiet(bench, until=now + 3 * HOUR)
    bench.store.upsert(bench.burst("liang", now - 14 * MINUTE, 14, 24))
    detection(bench).run()
    (alert,) = bench.records.alerts.open()
    bench.records.steps.add(court, alert.id, "dismissed", 2.0, "甲")
    bench.records.steps.add("白榆县人民法院", "y" * 32, "dismissed", 2.0, "甲")
    detection(bench).run()
    assert bench.records.alerts.open() == [alert]  # what was, stays
    case = bench.records.cases.get("liang")
    run = detection(bench)
    streams = read_history(bench.store, bench.records, ("liang",), *_span(now))
    theta = run._thresholds({"liang": case}, streams)[:, 0]
    at = bucket_index(now) - streams.first
    assert (theta[: at + 1] == THETA).all()
    bench.clock.now += HOUR
    later = read_history(bench.store, bench.records, ("liang",), *_span(bench.clock.now))
    assert run._thresholds({"liang": case}, later)[-1, 0] == THETA + 2.0


def _span(now):
    return history_start(now, HISTORY), bucket_index(now)


def test_a_burst_that_was_over_when_first_seen_is_history_and_nobody_is_told(bench):
    bench.watch()
    quiet(bench)
    bench.store.upsert(bench.burst("liang", bench.clock.now - 72 * HOUR, 14, 24))
    report = detection(bench).run()
    assert (report.raised, report.backfilled) == (0, 1)
    (alert,) = bench.records.alerts.recent()
    assert alert.closed_at is not None
    assert [event.kind for event in bench.records.alerts.history(alert.id)] == ["found_in_backfill"]
    assert detection(bench).run().backfilled == 0


def test_growth_is_told_once_and_small_changes_are_not(bench):
    bench.watch()
    quiet(bench)
    start = bench.clock.now
    bench.store.upsert(bench.burst("liang", start - 14 * MINUTE, 14, 24))
    detection(bench).run()
    (before,) = bench.records.alerts.open()
    bench.store.upsert([bench.post("one-more", start - MINUTE, counts=False)])
    assert detection(bench).run().grew == 0
    (refreshed,) = bench.records.alerts.open()
    assert refreshed.why.posts == before.why.posts + 1
    assert len(bench.records.alerts.history(before.id)) == 1
    bench.store.upsert(bench.burst("liang", start - 10 * MINUTE, 10, 300, 4))
    assert detection(bench).run().grew == 1
    assert detection(bench).run().grew == 0
    kinds = [event.kind for event in bench.records.alerts.history(before.id)]
    assert kinds == ["raised", "grew"]


def test_the_level_rises_by_the_table_and_does_not_fall_back(bench):
    bench.watch()
    quiet(bench)
    start = bench.clock.now - 14 * MINUTE
    angry = {"target": Target.COURT, "sentiment": Sentiment.NEGATIVE}
    bench.store.upsert(bench.burst("liang", start, 14, 210, **angry))
    detection(bench).run()
    (alert,) = bench.records.alerts.open()
    assert alert.level is Level.YELLOW
    assert any("涉院负面" in line for line in alert.why.level_lines)
    calm = {"target": Target.COURT, "sentiment": Sentiment.NEUTRAL}
    bench.store.upsert(bench.burst("liang", start, 14, 600, 5, **calm))
    detection(bench).run()
    (later,) = bench.records.alerts.open()
    assert later.level is Level.YELLOW
    assert later.why.court_negative.n >= 800


def test_anger_at_a_defendant_alone_adds_nothing_to_the_court(bench):
    bench.watch()
    quiet(bench)
    angry = {"target": Target.PARTY, "sentiment": Sentiment.NEGATIVE}
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 210, **angry))
    detection(bench).run()
    (alert,) = bench.records.alerts.open()
    assert alert.why.court_negative.k == 0
    assert alert.why.stream == "all"
    assert alert.level is Level.BLUE


def test_few_but_critical_posts_are_found_by_the_second_stream(bench):
    bench.watch()
    quiet(bench, per_hour=30)
    angry = {"target": Target.COURT, "sentiment": Sentiment.NEGATIVE}
    bench.store.upsert(bench.burst("liang", bench.clock.now - 29 * MINUTE, 29, 14, **angry))
    detection(bench).run()
    (alert,) = bench.records.alerts.open()
    assert alert.why.stream == "court_negative"


def test_a_person_s_closing_stands_while_the_episode_lasts(bench):
    bench.watch()
    quiet(bench)
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24))
    detection(bench).run()
    (alert,) = bench.records.alerts.open()
    bench.records.alerts.close(alert.id, "与本院无关")
    bench.store.upsert(bench.burst("liang", bench.clock.now - 10 * MINUTE, 9, 40, 6))
    report = detection(bench).run()
    assert (report.raised, report.grew) == (0, 0)
    assert bench.records.alerts.open() == []


def test_a_person_s_decision_survives_a_refresh(bench):
    bench.watch()
    quiet(bench)
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24))
    detection(bench).run()
    (alert,) = bench.records.alerts.open()
    stale = bench.records.alerts.get(alert.id)
    bench.records.alerts.confirm(alert.id, Level.YELLOW, "涉及本院在审案件")
    bench.records.alerts.refresh(replace(stale, why=replace(stale.why, posts=99)))
    after = bench.records.alerts.get(alert.id)
    assert after.state is AlertState.CONFIRMED
    assert after.confirmed_level is Level.YELLOW
    assert after.why.posts == 99


def test_late_posts_reopen_what_closed_by_itself(bench):
    bench.watch()
    start = bench.clock.now
    quiet(bench, until=start + 24 * HOUR, days=15)
    bench.store.upsert(bench.burst("liang", start - 14 * MINUTE, 14, 24))
    detection(bench).run()
    (alert,) = bench.records.alerts.open()
    bench.clock.now = start + 14 * HOUR
    detection(bench).run()
    assert bench.records.alerts.open() == []
    bench.store.upsert(bench.burst("liang", start + 5 * HOUR, 15, 60, 7))
    bench.store.upsert(bench.burst("liang", start + 10 * HOUR, 15, 120, 8))
    detection(bench).run()
    (again,) = bench.records.alerts.open()
    assert again.id == alert.id
    assert again.closed_at is None


def test_blindness_neither_raises_nor_closes(bench):
    bench.watch()
    start = bench.clock.now
    quiet(bench, until=start)
    bench.store.upsert(bench.burst("liang", start - 14 * MINUTE, 14, 24))
    detection(bench).run()
    bench.records.runs.open_gap(Gap("weibo_search", start, None, GapReason.DOWN))
    bench.clock.now = start + 30 * HOUR
    report = detection(bench).run()
    assert (report.raised, report.closed) == (0, 0)
    (alert,) = bench.records.alerts.open()
    assert alert.closed_at is None


def test_a_catch_up_after_a_gap_raises_nothing(bench):
    bench.watch()
    now = bench.clock.now
    quiet(bench, per_hour=20, until=now - 12 * HOUR)
    bench.records.runs.add_gap(Gap("weibo_search", now - 12 * HOUR, now - HOUR, GapReason.TIMEOUT))
    assert detection(bench).run().raised == 0
    bench.store.upsert(bench.background("liang", now - 12 * HOUR, now, 20, 9))
    assert detection(bench).run().raised == 0


def test_gaps_within_the_window_are_among_the_reasons(bench):
    bench.watch()
    quiet(bench)
    now = bench.clock.now
    gap = Gap("news_site", now - 30 * MINUTE, now - 2 * MINUTE, GapReason.BLANK_PAGE)
    bench.records.runs.add_gap(gap)
    bench.store.upsert(bench.burst("liang", now - 14 * MINUTE, 14, 24))
    detection(bench).run()
    (alert,) = bench.records.alerts.open()
    assert alert.why.gaps == (gap,)


def test_an_archived_case_s_alert_closes_in_time(bench):
    bench.watch()
    quiet(bench)
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24))
    detection(bench).run()
    bench.records.cases.archive("liang", bench.clock.now)
    assert detection(bench).run().closed == 0
    bench.clock.now += 7 * HOUR
    assert detection(bench).run().closed == 1


@pytest.mark.parametrize("watched", [0, 3])
def test_only_watched_cases_count(bench, watched):
    for number in range(watched):
        bench.watch(f"case-{number}")
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24))
    report = detection(bench).run()
    assert (report.cases, report.raised) == (watched, 0)


def test_a_burst_that_was_missed_is_found_once_its_stretch_is_fetched(bench):
    bench.watch()
    now = bench.clock.now
    quiet(bench)
    start = now - 40 * MINUTE
    bench.records.runs.open_gap(Gap("weibo_search", start - HOUR, None, GapReason.DOWN))
    bench.store.upsert(bench.burst("liang", start, 30, 60))
    assert detection(bench).run().raised == 0
    bench.records.runs.close_gap("weibo_search", now)
    bench.records.runs.add_run(SourceRun("weibo_search", now, now, start - HOUR, now))
    assert detection(bench).run().raised == 1
    (alert,) = bench.records.alerts.open()
    assert alert.first_published_at <= start
    assert alert.why.gaps


def test_late_posts_that_join_two_alerts_leave_the_elder(bench):
    bench.watch()
    start = bench.clock.now
    quiet(bench, until=start + 24 * HOUR, days=15)
    bench.store.upsert(bench.burst("liang", start - 14 * MINUTE, 14, 24))
    detection(bench).run()
    (elder,) = bench.records.alerts.open()
    bench.clock.now = start + 10 * HOUR
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 60, 2))
    assert detection(bench).run().raised == 1
    bench.store.upsert(bench.burst("liang", start + 5 * HOUR, 14, 60, 3))
    detection(bench).run()
    (kept,) = bench.records.alerts.open()
    assert kept.id == elder.id
    assert kept.why.authors >= 24 + 60 + 60
    (younger,) = [one for one in bench.records.alerts.recent() if one.id != elder.id]
    assert bench.records.alerts.history(younger.id)[-1].detail.startswith("并入")
    assert detection(bench).run().closed == 0


def test_a_case_watched_from_before_the_first_look_gets_no_episode_where_data_begins(bench):
    """The hours nobody looked at taught the detector that the case is silent."""
    case = bench.watch(days=14)
    begin = bench.clock.now - 72 * HOUR
    bench.store.upsert(bench.background("liang", begin, bench.clock.now, 6, 1))
    assert detection(bench).run().backfilled > 0
    (false,) = bench.records.alerts.recent()
    assert false.first_published_at < begin + 6 * HOUR

    bench.records.cases.archive("liang", bench.clock.now)
    bench.records.cases.save(replace(case, id="wang"))
    bench.store.upsert(bench.background("wang", begin, bench.clock.now, 6, 1))
    covered = SourceRun("weibo_search", bench.clock.now, bench.clock.now, begin, bench.clock.now)
    bench.records.runs.register([SourceInfo("weibo_search", "微博搜索", "weibo", 5 * MINUTE)])
    bench.records.runs.add_run(covered)
    report = detection(bench).run()
    assert (report.cases, report.raised, report.backfilled) == (1, 0, 0)


def test_what_a_case_is_when_sampled_from_now_on_is_no_lull_and_no_burst(bench):
    """The source is declared sampled; its posts are few, and what is expected shrinks with them."""
    bench.watch()
    now = bench.clock.now
    rate = SourceInfo("weibo_search", "微博搜索", "weibo", 5 * MINUTE, sample_rate=0.5)
    bench.records.runs.register([rate])
    covered = SourceRun("weibo_search", now, now, now - 20 * 24 * HOUR, now)
    bench.records.runs.add_run(covered)
    quiet(bench, per_hour=4)
    assert detection(bench).run().raised == 0
    bench.store.upsert(bench.burst("liang", now - 14 * MINUTE, 14, 40))
    assert detection(bench).run().raised == 1
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
    quiet(bench, per_hour=20)
    assert detection(bench).run().raised == 0
    bench.records.runs.close_gap("weibo_search", now)
    bench.records.runs.add_run(SourceRun("weibo_search", now, now, now - 12 * HOUR, now))
    report = detection(bench).run()
    assert (report.raised, report.backfilled) == (0, 0)

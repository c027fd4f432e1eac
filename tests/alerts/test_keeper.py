"""From episodes to alerts over a real index: they grow, close, come back, and mind what people said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alerts import AlertState, Fact, Level
from domain.annotation import Sentiment, Target

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def raised(bench):
    """Watches a case with a quiet past that bursts at this moment; gives the alert that is raised.

    Its quiet rate goes on for `quiet_after`.
    """

    def raise_one(quiet_after=timedelta(0)):
        bench.watch()
        start = bench.clock.now
        bench.quiet(until=start + quiet_after, days=14 + quiet_after / (24 * HOUR))
        bench.store.upsert(bench.burst("liang", start - 14 * MINUTE, 14, 24))
        bench.detection().run()
        (alert,) = bench.records.alerts.open()
        return alert

    return raise_one


def test_late_posts_extend_the_alert_backward_and_it_keeps_its_key(bench):
    bench.watch()
    bench.quiet()
    start = bench.clock.now - 2 * HOUR
    late, early = bench.burst("liang", start, 30, 40), bench.burst("liang", start + HOUR, 40, 40, 2)
    bench.store.upsert(early)
    bench.detection().run()
    (first,) = bench.records.alerts.open()
    bench.store.upsert(late)
    bench.detection().run()
    (second,) = bench.records.alerts.open()
    assert second.id == first.id
    assert second.first_published_at < first.first_published_at
    assert second.why.posts >= first.why.posts + 40
    assert bench.records.alerts.recent() == [second]


def test_it_closes_after_six_quiet_hours_and_a_relapse_reopens_it(bench, raised):
    start, alert = bench.clock.now, raised(quiet_after=48 * HOUR)
    bench.clock.now = start + 24 * HOUR
    assert bench.detection().run().closed == 1
    assert bench.records.alerts.open() == []
    assert bench.records.alerts.get(alert.id).state is AlertState.CLOSED
    assert bench.detection().run().closed == 0
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 60, 3))
    assert bench.detection().run().raised == 1
    (relapse,) = bench.records.alerts.open()
    assert relapse.id == alert.id
    assert (relapse.state, relapse.relapses) == (AlertState.PROPOSED, 1)
    assert relapse.relapsed_at == bench.clock.now
    assert relapse.began_at == alert.why.window_start
    assert relapse.why.window_start > alert.last_bucket_at
    before = bench.records.alerts.get(alert.id), bench.records.alerts.last_event_id()
    assert bench.detection().run().raised == 0
    assert (bench.records.alerts.get(alert.id), bench.records.alerts.last_event_id()) == before


def test_a_rise_after_two_weeks_is_a_new_alert(bench):
    bench.watch(days=27)
    start = bench.clock.now
    bench.quiet(until=start + 24 * HOUR, days=27)
    bench.clock.now = start - 20 * 24 * HOUR
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 24))
    bench.detection().run()
    (first,) = bench.records.alerts.open()
    bench.clock.now += 12 * HOUR
    bench.detection().run()
    bench.clock.now = start
    bench.store.upsert(bench.burst("liang", start - 14 * MINUTE, 14, 60, 3))
    bench.detection().run()
    (second,) = bench.records.alerts.open()
    assert second.id != first.id
    assert second.relapses == 0


def test_a_dismissed_alert_does_not_come_back_as_itself(bench, raised):
    start, alert = bench.clock.now, raised(quiet_after=48 * HOUR)
    bench.records.alerts.dismiss(alert.id, "同名", "值班员甲")
    bench.clock.now = start + 24 * HOUR
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 60, 3))
    bench.detection().run()
    (new,) = bench.records.alerts.open()
    assert new.id != alert.id
    assert bench.records.alerts.get(alert.id).state is AlertState.DISMISSED


def test_growth_is_told_once_and_small_changes_are_not(bench, raised):
    start, before = bench.clock.now, raised()
    bench.store.upsert([bench.post("one-more", start - MINUTE, counts=False)])
    assert bench.detection().run().grew == 0
    (refreshed,) = bench.records.alerts.open()
    assert refreshed.why.posts == before.why.posts + 1
    assert len(bench.records.alerts.history(before.id)) == 1
    bench.store.upsert(bench.burst("liang", start - 10 * MINUTE, 10, 300, 4))
    assert bench.detection().run().grew == 1
    assert bench.detection().run().grew == 0
    kinds = [event.kind for event in bench.records.alerts.history(before.id)]
    assert kinds == ["raised", "grew"]


def test_the_level_rises_by_the_table_and_does_not_fall_back(bench):
    bench.watch()
    bench.quiet()
    start = bench.clock.now - 14 * MINUTE
    angry = {"target": Target.COURT, "sentiment": Sentiment.NEGATIVE}
    bench.store.upsert(bench.burst("liang", start, 14, 210, **angry))
    bench.detection().run()
    (alert,) = bench.records.alerts.open()
    assert alert.level is Level.YELLOW
    assert any("涉院负面" in line for line in alert.why.level_lines)
    calm = {"target": Target.COURT, "sentiment": Sentiment.NEUTRAL}
    bench.store.upsert(bench.burst("liang", start, 14, 600, 5, **calm))
    bench.detection().run()
    (later,) = bench.records.alerts.open()
    assert later.level is Level.YELLOW
    assert later.why.court_negative.n >= 800


def test_a_person_s_closing_stands_while_the_episode_lasts(bench, raised):
    alert = raised()
    bench.records.alerts.close(alert.id, "与本院无关")
    bench.store.upsert(bench.burst("liang", bench.clock.now - 10 * MINUTE, 9, 40, 6))
    report = bench.detection().run()
    assert (report.raised, report.grew) == (0, 0)
    assert bench.records.alerts.open() == []


def test_a_person_s_decision_survives_a_refresh(bench, raised):
    alert = raised()
    stale = bench.records.alerts.get(alert.id)
    bench.records.alerts.confirm(alert.id, Level.YELLOW, "涉及本院在审案件")
    bench.records.alerts.refresh(replace(stale, why=replace(stale.why, posts=99)))
    after = bench.records.alerts.get(alert.id)
    assert after.state is AlertState.CONFIRMED
    assert after.confirmed_level is Level.YELLOW
    assert after.why.posts == 99


def test_late_posts_reopen_what_closed_by_itself(bench, raised):
    start, alert = bench.clock.now, raised(quiet_after=24 * HOUR)
    bench.clock.now = start + 14 * HOUR
    bench.detection().run()
    assert bench.records.alerts.open() == []
    bench.store.upsert(bench.burst("liang", start + 5 * HOUR, 15, 60, 7))
    bench.store.upsert(bench.burst("liang", start + 10 * HOUR, 15, 120, 8))
    bench.detection().run()
    (again,) = bench.records.alerts.open()
    assert again.id == alert.id
    assert again.closed_at is None


def test_an_archived_case_s_alert_closes_in_time(bench, raised):
    raised()
    bench.records.case_states.archive("liang", "值班员甲", "已了结")
    assert bench.detection().run().closed == 0
    bench.clock.now += 7 * HOUR
    assert bench.detection().run().closed == 1


def test_late_posts_that_join_two_alerts_leave_the_elder(bench, raised):
    start, elder = bench.clock.now, raised(quiet_after=24 * HOUR)
    bench.clock.now = start + 10 * HOUR
    bench.store.upsert(bench.burst("liang", bench.clock.now - 14 * MINUTE, 14, 60, 2))
    assert bench.detection().run().raised == 1
    bench.store.upsert(bench.burst("liang", start + 5 * HOUR, 14, 60, 3))
    bench.detection().run()
    (kept,) = bench.records.alerts.open()
    assert kept.id == elder.id
    assert kept.why.authors >= 24 + 60 + 60
    (younger,) = [one for one in bench.records.alerts.recent() if one.id != elder.id]
    assert bench.records.alerts.history(younger.id)[-1].detail.startswith("并入")
    assert bench.detection().run().closed == 0


def test_a_level_falls_only_when_a_fact_that_raised_it_is_taken_back(bench, raised):
    alert, flags = raised(), bench.records.flags

    def level():
        bench.detection().run()
        (alert,) = bench.records.alerts.open()
        return alert.level

    assert alert.level is Level.BLUE
    assert alert.why.platforms[0][0] == "weibo"
    assert {flag.fact for flag in alert.why.flags} == set(Fact)
    flags.mark(alert.id, Fact.DEATH, True, "甲")
    assert level() is Level.ORANGE
    bench.records.alerts.refresh(replace(bench.records.alerts.get(alert.id), level=Level.RED))
    flags.mark(alert.id, Fact.MINOR, True, "甲")
    assert level() is Level.RED  # one fact more takes nothing away
    flags.mark(alert.id, Fact.MINOR, None, "甲")
    assert level() is Level.ORANGE
    flags.mark(alert.id, Fact.DEATH, False, "甲", "误传")
    assert level() is Level.BLUE

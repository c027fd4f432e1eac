"""Decisions, silences, people's words on facts, acts, threshold steps, relapses: kept as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alerts import Alert, AlertState, Fact, Level, Score, Share, Why
from domain.errors import BadInput, NotAllowed, NotFound
from domain.policy import ActKind, Decision, Outcome, SilenceScope, Step
from records.precision import interval, precision

HOUR = timedelta(hours=1)


@pytest.fixture
def alert(records, clock) -> Alert:
    now = clock.now
    why = Why(
        now - HOUR, now, now, Score(7.25, 60, 38, 3.1), "all", 46, 31, 38, Share(15, 46),
        Share(11, 18),
    )  # fmt: skip
    made = Alert("a" * 32, "liang", AlertState.PROPOSED, Level.BLUE, now - HOUR, now, now, why)
    records.alerts.add(made, "raised", "opening")
    return made


def decision(alert, clock, number=1, outcome=Outcome.NOTIFY, **changes):
    made = Decision(
        f"{alert.id}-{number}", alert.id, clock.now, outcome, "first", "新预警", Level.BLUE,
        theta=5.25, questions=("为什么？",), steps=(Step("tell", "first", "新预警", outcome),),
    )  # fmt: skip
    return replace(made, **changes)


def test_a_decision_waits_until_an_outbox_took_it(records, alert, clock):
    made = decision(alert, clock)
    assert records.decisions.put(made)
    assert not records.decisions.put(replace(made, words="anders"))
    assert records.decisions.waiting() == [made]
    records.decisions.queued(made.key, ("值班：duty",))
    assert records.decisions.waiting() == []
    assert records.decisions.trail(alert.id) == [replace(made, routed=("值班：duty",))]


def test_what_is_muted_waits_for_nobody(records, alert, clock):
    records.decisions.put(decision(alert, clock, 1, Outcome.MUTED))
    assert records.decisions.waiting() == []
    assert len(records.decisions.trail(alert.id)) == 1


def test_a_silence_ends_by_itself_or_by_a_person(records, clock):
    made = records.silences.add(SilenceScope.CASE, "liang", "跟进", "甲", clock.now + HOUR)
    other = records.silences.add(SilenceScope.LEVEL, "blue", "夜间", "乙", clock.now + 2 * HOUR)
    assert records.silences.active() == [made, other]
    ended = records.silences.end(made.id, "丙")
    assert (ended.ended_by, ended.active(clock.now)) == ("丙", False)
    assert records.silences.active() == [other]
    with pytest.raises(NotAllowed):
        records.silences.end(made.id, "丙")
    clock.now += 2 * HOUR
    assert records.silences.active() == []
    assert records.silences.recent() == [other, ended]
    with pytest.raises(NotFound):
        records.silences.end(99, "丙")


@pytest.mark.parametrize(
    ("value", "reason", "by", "hours"),
    [("", "r", "b", 1), ("v", " ", "b", 1), ("v", "r", "", 1), ("v", "r", "b", 0)],
)
def test_a_silence_needs_all_its_words_and_an_end(records, clock, value, reason, by, hours):
    with pytest.raises(BadInput):
        records.silences.add(SilenceScope.CASE, value, reason, by, clock.now + hours * HOUR)


def test_the_newest_word_on_a_fact_counts(records, alert):
    flags = records.flags
    flags.mark(alert.id, Fact.DEATH, True, "甲", "通报")
    flags.mark(alert.id, Fact.MINOR, False, "甲")
    flags.mark(alert.id, Fact.DEATH, False, "乙")
    assert flags.said(alert.id) == {Fact.DEATH: False, Fact.MINOR: False}
    flags.mark(alert.id, Fact.DEATH, None, "乙")
    assert flags.said(alert.id) == {Fact.MINOR: False}
    assert len(flags.history(alert.id)) == 4
    assert [event.kind for event in records.alerts.history(alert.id)][1:] == ["flag"] * 4
    with pytest.raises(BadInput):
        flags.mark(alert.id, Fact.DEATH, True, " ")


def test_an_act_is_withdrawn_not_deleted(records, alert, clock):
    act = records.acts.add(alert.id, ActKind.PUBLISHED, "甲", "公众号", clock.now - HOUR)
    records.acts.withdraw(alert.id, act.id, "乙")
    [kept] = records.acts.of(alert.id)
    assert (kept.at, kept.withdrawn_by) == (clock.now - HOUR, "乙")
    with pytest.raises(NotAllowed):
        records.acts.withdraw(alert.id, act.id, "乙")
    with pytest.raises(NotFound):
        records.acts.withdraw("b" * 32, act.id, "乙")
    with pytest.raises(BadInput):
        records.acts.add(alert.id, ActKind.REPLIED, "甲", at=clock.now + HOUR)


def test_one_alert_moves_a_threshold_once(records, alert, clock):
    steps = records.steps
    steps.add("东", alert.id, "dismissed", 0.5, "甲")
    steps.add("东", alert.id, "dismissed", 0.5, "甲")
    assert len(steps.all()) == 1
    clock.now += HOUR
    steps.add("东", alert.id, "confirmed", -0.25, "乙")
    first, second = steps.all("东")
    assert (first.undone_at, first.undone_by) == (clock.now, "乙")
    assert second.undone_at is None
    steps.undo(second.id, "丙")
    with pytest.raises(NotAllowed):
        steps.undo(second.id, "丙")
    assert steps.all("西") == []


def test_a_relapse_asks_people_anew_and_keeps_the_id(records, alert, clock):
    records.alerts.confirm(alert.id, Level.ORANGE, "重视", "甲")
    assert records.alerts.get(alert.id).confirmed_by == "甲"
    records.alerts.expire(alert.id, "六小时")
    clock.now += 30 * HOUR
    fresh = replace(
        alert, level=Level.YELLOW, last_bucket_at=clock.now,
        why=replace(alert.why, window_start=clock.now - HOUR, posts=90),
    )  # fmt: skip
    back = records.alerts.relapse(fresh, "第 1 次复燃")
    assert back == records.alerts.get(alert.id)
    assert (back.state, back.relapses, back.relapsed_at) == (AlertState.PROPOSED, 1, clock.now)
    assert (back.level, back.why.posts) == (Level.YELLOW, 90)
    assert (back.confirmed_level, back.confirmed_at, back.acknowledged_at) == (None, None, None)
    assert back.began_at == alert.why.window_start
    assert back.raised_at == clock.now
    again = records.alerts.relapse(fresh, "zweimal")
    assert again.relapses == 1
    assert [event.kind for event in records.alerts.history(alert.id)].count("relapsed") == 1


def test_precision_counts_what_people_decided_on(records, alert, clock):
    for number, state in enumerate(("confirm", "dismiss", "none"), 1):
        made = replace(alert, id=str(number) * 32)
        records.alerts.add(made, "raised")
        if state == "confirm":
            records.alerts.confirm(made.id, Level.BLUE, "", "甲")
        if state == "dismiss":
            records.alerts.dismiss(made.id, "同名", "甲")
    records.alerts.add(replace(alert, id="9" * 32), "found_in_backfill")
    found = precision(records, clock.now - HOUR, clock.now + HOUR)
    assert (found.confirmed, found.undecided) == (Share(1, 2), 2)
    assert found.low == pytest.approx(0.0945, abs=1e-4)
    assert found.high == pytest.approx(0.9055, abs=1e-4)
    empty = precision(records, clock.now - 9 * HOUR, clock.now - 8 * HOUR)
    assert (empty.confirmed, empty.low) == (Share(0, 0), None)


def test_the_interval_is_wilsons():
    assert interval(Share(0, 10)) == (pytest.approx(0), pytest.approx(0.2775, abs=1e-4))
    assert interval(Share(10, 10)) == (pytest.approx(0.7225, abs=1e-4), pytest.approx(1))
    assert interval(Share(0, 0)) == (None, None)

"""Each stage alone, and the list of them from a first alert to its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.policy.situation import Peer
from alerts.policy.stages import STAGES, event_of, steps
from domain.alerts import AlertState, Level
from domain.policy import Decision, Outcome, Silence, SilenceScope

MINUTE = timedelta(minutes=1)


def outcome(situation):
    last = steps(situation)[-1]
    return last.outcome, last.reason


def told(situation, outcome_=Outcome.NOTIFY, minutes=0, **changes):
    """A decision to tell, so many minutes ago."""
    made = Decision(
        "k", situation.alert.id, situation.now - minutes * MINUTE, outcome_, "first", "",
        situation.level, relapses=situation.alert.relapses,
        confirmed_level=situation.alert.confirmed_level,
    )  # fmt: skip
    return replace(made, **changes)


def after(situation, *decisions, **changes):
    return replace(
        situation,
        trail=decisions,
        alert=replace(situation.alert, **changes),
    )


def test_every_stage_says_its_reason_and_the_last_one_decides(situation):
    said = steps(situation)
    assert [step.stage for step in said] == [stage.__name__ for stage in STAGES]
    assert all(step.reason and step.words for step in said)
    assert [step.outcome for step in said[:-1]] == [None] * (len(STAGES) - 1)
    assert (said[-1].outcome, said[-1].reason) == (Outcome.NOTIFY, "first")


@pytest.mark.parametrize("state", [AlertState.DISMISSED, AlertState.CLOSED])
def test_what_is_not_open_tells_nobody(situation, state):
    assert outcome(after(situation, state=state)) == (Outcome.QUIET, "not_open")


def test_more_of_the_same_is_not_told_again(situation):
    known = after(situation, told(situation), acknowledged_at=situation.now)
    assert outcome(known) == (Outcome.QUIET, "acknowledged")
    more = replace(known.alert.why, posts=9_000, authors=4_000)
    assert outcome(after(known, *known.trail, why=more))[0] is Outcome.QUIET


def test_a_new_question_is_told_again(situation):
    known = after(situation, told(situation), acknowledged_at=situation.now)
    asked = replace(known, new_questions=("为什么不公开庭审？",))
    assert outcome(asked) == (Outcome.RENOTIFY, "new_question")
    assert "为什么不公开庭审" in steps(asked)[-1].words


def test_a_higher_level_and_a_confirmation_are_told_again(situation):
    higher = after(situation, told(situation), level=Level.RED)
    assert outcome(higher) == (Outcome.RENOTIFY, "higher_level")
    confirmed = after(situation, told(situation), confirmed_level=Level.YELLOW)
    assert outcome(confirmed) == (Outcome.RENOTIFY, "confirmed")
    heard = told(confirmed)
    assert outcome(after(confirmed, heard))[0] is Outcome.QUIET


def test_a_relapse_is_told_whatever_was_told_before(situation):
    before = told(situation, minutes=600)
    back = after(situation, before, relapses=1)
    assert outcome(back) == (Outcome.RENOTIFY, "relapse")


@pytest.mark.parametrize(
    ("minutes", "times", "expected"),
    [
        (59, 0, (Outcome.QUIET, "waiting_for_acknowledgement")),
        (60, 0, (Outcome.ESCALATE, "unacknowledged")),
        (60, 1, (Outcome.ESCALATE, "unacknowledged")),
        (600, 2, (Outcome.QUIET, "escalated_enough")),
    ],
)
def test_it_escalates_when_nobody_answers_in_time(situation, minutes, times, expected):
    trail = [told(situation, minutes=minutes + 600)]
    trail += [told(situation, Outcome.ESCALATE, minutes) for _ in range(times)]
    if not times:
        trail = [told(situation, minutes=minutes)]
    assert outcome(after(situation, *trail)) == expected


def test_blue_never_escalates_and_an_answer_ends_it(situation):
    blue = after(situation, level=Level.BLUE)
    blue = after(blue, told(blue, minutes=5000), level=Level.BLUE)
    assert outcome(blue) == (Outcome.QUIET, "no_escalation")
    trail = told(situation, minutes=5000)
    assert outcome(after(situation, trail, acknowledged_at=situation.now))[0] is Outcome.QUIET


@pytest.mark.parametrize(
    ("scope", "value", "holds"),
    [
        (SilenceScope.CASE, "liang", True),
        (SilenceScope.CASE, "other", False),
        (SilenceScope.COURT, "云岫区人民法院", True),
        (SilenceScope.COURT, "白榆县人民法院", False),
        (SilenceScope.TOPIC, "sentencing_dispute", True),
        (SilenceScope.TOPIC, "trial_delay", False),
        (SilenceScope.LEVEL, "yellow", True),
        (SilenceScope.LEVEL, "orange", True),
        (SilenceScope.LEVEL, "blue", False),
    ],
)
def test_a_silence_mutes_what_it_covers(situation, scope, value, holds):
    silence = Silence(
        3, scope, value, "专人跟进", "值班员乙", situation.now, situation.now + MINUTE
    )
    muted = replace(situation, silences=(silence,))
    expected = (Outcome.MUTED, "silence:3") if holds else (Outcome.NOTIFY, "first")
    assert outcome(muted) == expected
    if holds:
        assert "专人跟进" in steps(muted)[-1].words
        assert "值班员乙" in steps(muted)[-1].words


def peers(make, *specs):
    make_alert, make_case = make
    return tuple(
        Peer(make_alert(name, level=level, detected_at=at), make_case(name))
        for name, level, at in specs
    )


def test_a_court_wide_event_mutes_its_cases_but_nothing_graver(situation, make):
    early = situation.now - 20 * MINUTE
    near = peers(make, ("a", Level.ORANGE, early), ("b", Level.YELLOW, early))
    step = steps(replace(situation, peers=near))[-1]
    assert (step.outcome, step.reason) == (Outcome.MUTED, "court_event")
    assert "“a案”" in step.words
    graver = after(replace(situation, peers=near), level=Level.RED)
    assert outcome(graver) == (Outcome.NOTIFY, "first")
    assert "leads_court_event" in [step.reason for step in steps(graver)]


def test_two_cases_or_alerts_far_apart_are_no_court_wide_event(situation, make):
    early, long_ago = situation.now - 20 * MINUTE, situation.now - 600 * MINUTE
    two = peers(make, ("a", Level.ORANGE, early))
    assert outcome(replace(situation, peers=two))[0] is Outcome.NOTIFY
    far = peers(make, ("a", Level.ORANGE, early), ("b", Level.ORANGE, long_ago))
    assert outcome(replace(situation, peers=far))[0] is Outcome.NOTIFY
    elsewhere = tuple(
        replace(peer, case=replace(peer.case, court="白榆县人民法院"))
        for peer in peers(make, ("a", Level.ORANGE, early), ("b", Level.ORANGE, early))
    )
    assert outcome(replace(situation, peers=elsewhere))[0] is Outcome.NOTIFY


def test_a_hearing_day_asks_for_more_than_the_threshold(situation):
    day = situation.now.date()
    hearing = replace(situation, case=replace(situation.case, hearings=(day,)))
    step = steps(hearing)[-1]
    assert (step.outcome, step.reason) == (Outcome.MUTED, "hearing_day")
    assert "5.0+3.0=8.0" in step.words
    score = replace(hearing.alert.why.score, value=8.0)
    loud = after(hearing, why=replace(hearing.alert.why, score=score))
    assert outcome(loud) == (Outcome.NOTIFY, "first")
    eve = replace(situation.case, hearings=(day + timedelta(days=1),))
    assert outcome(replace(situation, case=eve))[0] is Outcome.NOTIFY


def test_a_silence_of_a_level_nobody_knows_stops_nothing(situation):
    odd = Silence(
        3, SilenceScope.LEVEL, "ornage", "跟进", "甲", situation.now, situation.now + MINUTE
    )
    assert outcome(replace(situation, silences=(odd,))) == (Outcome.NOTIFY, "first")


def trio(situation, make, level=Level.ORANGE):
    """The situation with two more cases; "a" leads."""
    early = situation.now - 20 * MINUTE
    return replace(
        situation, peers=peers(make, ("a", level, early), ("b", Level.YELLOW, early + MINUTE))
    )


def test_who_is_silenced_does_not_lead_a_court_wide_event(situation, make):
    silence = Silence(
        3, SilenceScope.CASE, "a", "跟进", "甲", situation.now, situation.now + MINUTE
    )
    step = steps(replace(trio(situation, make), silences=(silence,)))[-1]
    assert step.reason == "court_event"
    assert "由“b案”通知" in step.words
    both = (silence, replace(silence, id=4, value="b"))
    lead = steps(replace(trio(situation, make), silences=both))[-1]
    assert (lead.outcome, lead.reason) == (Outcome.NOTIFY, "first")
    assert "全院事件" in lead.words
    everyone = replace(silence, scope=SilenceScope.COURT, value=situation.case.court)
    assert outcome(replace(trio(situation, make), silences=(everyone,)))[1] == "silence:3"


def test_who_a_hearing_day_mutes_does_not_lead_until_it_was_told(situation, make):
    held = trio(situation, make, Level.YELLOW)
    first, second = held.peers
    day = (situation.now - timedelta(minutes=5)).date()
    first = replace(first, case=replace(first.case, hearings=(day,)))
    assert "由“b案”通知" in steps(replace(held, peers=(first, second)))[-1].words
    heard = replace(first, trail=(replace(told(situation), alert_id=first.alert.id),))
    assert "由“a案”通知" in steps(replace(held, peers=(heard, second)))[-1].words


def test_a_leader_told_alone_says_once_that_it_is_a_court_wide_event(situation, make):
    leader = after(situation, told(situation), level=Level.YELLOW, acknowledged_at=situation.now)
    early = situation.now + MINUTE
    leader = replace(
        leader, peers=peers(make, ("a", Level.YELLOW, early), ("b", Level.BLUE, early))
    )
    step = steps(leader)[-1]
    assert (step.outcome, step.reason) == (Outcome.RENOTIFY, "court_event")
    assert "3 个案件" in step.words
    heard = replace(leader, trail=(told(situation, event=("a", "b", "liang")),))
    assert outcome(heard)[0] is Outcome.QUIET


def test_every_alert_of_an_event_sees_the_same_event(situation, make):
    late = [("a", Level.ORANGE, -240), ("b", Level.YELLOW, -120), ("c", Level.YELLOW, -60)]
    every = peers(make, *((n, level, situation.now + m * MINUTE) for n, level, m in late))
    every += (Peer(situation.alert, situation.case),)
    seen = [
        event_of(
            replace(
                situation, alert=one.alert, case=one.case,
                peers=tuple(peer for peer in every if peer is not one),
            )
        )
        for one in every
    ]  # fmt: skip
    assert {event.cases for event in seen} == {("a", "b", "c", "liang")}
    assert {event.leader.case.id for event in seen} == {"a"}


def test_a_hearing_day_lets_pass_what_is_grave_confirmed_or_known(situation):
    hearing = replace(situation, case=replace(situation.case, hearings=(situation.now.date(),)))
    assert outcome(hearing)[1] == "hearing_day"
    assert outcome(after(hearing, level=Level.RED)) == (Outcome.NOTIFY, "first")
    assert outcome(after(hearing, level=Level.ORANGE)) == (Outcome.NOTIFY, "first")
    confirmed = after(hearing, confirmed_level=Level.BLUE)
    assert outcome(confirmed) == (Outcome.NOTIFY, "first")
    waiting = after(hearing, told(hearing, minutes=90))
    assert outcome(waiting) == (Outcome.ESCALATE, "unacknowledged")


def test_the_last_minutes_of_a_hearing_day_are_of_that_day(situation):
    midnight = situation.now.replace(hour=16, minute=0)  # 00:00 in Asia/Shanghai
    why = replace(situation.alert.why, peak_at=midnight)
    day = midnight.date()
    held = replace(situation, case=replace(situation.case, hearings=(day,)))
    assert outcome(after(held, why=why))[1] == "hearing_day"
    morrow = replace(situation.case, hearings=(day + timedelta(days=1),))
    assert outcome(after(replace(situation, case=morrow), why=why))[0] is Outcome.NOTIFY


def test_a_lower_level_by_a_person_holds_until_the_proposal_rises(situation):
    lowered = after(
        situation, level=Level.ORANGE, confirmed_level=Level.BLUE, confirmed_from=Level.ORANGE
    )
    assert lowered.level is Level.BLUE
    assert after(lowered, level=Level.YELLOW).level is Level.BLUE
    assert after(lowered, level=Level.RED).level is Level.RED
    raised = after(
        situation, level=Level.YELLOW, confirmed_level=Level.RED, confirmed_from=Level.BLUE
    )
    assert raised.level is Level.RED

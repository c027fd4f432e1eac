"""What people may do to an alert, what they may not, and what is written down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alerts import Alert, AlertState, Level, Score, Share, Why
from domain.errors import NotAllowed, NotFound
from domain.sources import Gap, GapReason
from records.run_upkeep import forget_events

HOUR = timedelta(hours=1)
WHY_NOT = "与本院无关"


@pytest.fixture
def alert(records, clock) -> Alert:
    now = clock.now
    why = Why(
        now - HOUR, now, now, Score(7.25, 60, 38, 3.1), "all", 46, 31, 38, Share(15, 46),
        Share(11, 18), attitudes=(("court", "negative", 11),), topics=(("trial_delay", 9),),
        terms=(("超期", 2.5),), sources=(("weibo_search", 46),), media=1,
        gaps=(Gap("weibo_push", now - HOUR, None, GapReason.DOWN, "503"),),
        level_lines=("一般：讨论量突增",),
    )  # fmt: skip
    made = Alert("a" * 32, "liang", AlertState.PROPOSED, Level.BLUE, now - HOUR, now, now, why)
    assert records.alerts.add(made, "raised", "opening")
    return made


def kinds(records, alert) -> list[str]:
    return [event.kind for event in records.alerts.history(alert.id)]


def test_an_alert_comes_back_as_it_was(records, alert):
    assert records.alerts.get(alert.id) == alert
    assert records.alerts.open() == [alert]


def test_adding_a_known_one_changes_nothing(records, alert):
    assert not records.alerts.add(replace(alert, level=Level.RED), "raised")
    assert records.alerts.get(alert.id) == alert
    assert kinds(records, alert) == ["raised"]


def test_confirming_keeps_level_time_and_words(records, alert, clock):
    clock.now += HOUR
    confirmed = records.alerts.confirm(alert.id, Level.ORANGE, "上级关注")
    assert confirmed == records.alerts.get(alert.id)
    assert confirmed.state is AlertState.CONFIRMED
    assert (confirmed.level, confirmed.confirmed_level) == (Level.BLUE, Level.ORANGE)
    assert confirmed.confirmed_at == clock.now
    assert confirmed.revision == 2
    (event,) = records.alerts.history(alert.id)[1:]
    assert (event.kind, event.detail, event.at) == ("confirmed", "orange：上级关注", clock.now)


def test_the_proposed_level_needs_no_reason_another_does(records, alert):
    with pytest.raises(NotAllowed, match="reason"):
        records.alerts.confirm(alert.id, Level.YELLOW, "  ")
    assert records.alerts.confirm(alert.id, Level.BLUE).confirmed_level is Level.BLUE
    with pytest.raises(NotAllowed, match="reason"):
        records.alerts.confirm(alert.id, Level.RED)
    assert records.alerts.confirm(alert.id, Level.RED, "持续升温").confirmed_level is Level.RED


def test_the_first_confirmation_starts_the_clock(records, alert, clock):
    first = records.alerts.confirm(alert.id, Level.BLUE).confirmed_at
    clock.now += HOUR
    assert records.alerts.confirm(alert.id, Level.RED, "持续升温").confirmed_at == first


def test_acknowledging_twice_is_once(records, alert, clock):
    first = records.alerts.acknowledge(alert.id)
    clock.now += HOUR
    assert records.alerts.acknowledge(alert.id) == first
    assert kinds(records, alert) == ["raised", "acknowledged"]


def test_dismissing_needs_a_reason_and_can_be_undone(records, alert):
    with pytest.raises(NotAllowed, match="reason"):
        records.alerts.dismiss(alert.id, "")
    dismissed = records.alerts.dismiss(alert.id, WHY_NOT)
    assert (dismissed.state, dismissed.reason) == (AlertState.DISMISSED, WHY_NOT)
    assert records.alerts.open() == [dismissed]
    with pytest.raises(NotAllowed):
        records.alerts.confirm(alert.id, Level.BLUE)
    with pytest.raises(NotAllowed):
        records.alerts.dismiss(alert.id, WHY_NOT)
    with pytest.raises(NotAllowed, match="reason"):
        records.alerts.reopen(alert.id, "")
    reopened = records.alerts.reopen(alert.id, "核实后与本院有关")
    assert (reopened.state, reopened.reason) == (AlertState.PROPOSED, "")


def test_reopening_gives_a_confirmation_back(records, alert):
    records.alerts.confirm(alert.id, Level.BLUE)
    records.alerts.dismiss(alert.id, WHY_NOT)
    reopened = records.alerts.reopen(alert.id, "误操作")
    assert (reopened.state, reopened.confirmed_level) == (AlertState.CONFIRMED, Level.BLUE)


def test_a_person_closes_and_reopens_while_the_episode_lasts(records, alert, clock):
    with pytest.raises(NotAllowed, match="reason"):
        records.alerts.close(alert.id, " ")
    closed = records.alerts.close(alert.id, "已回应，热度回落")
    assert (closed.state, closed.closed_at) == (AlertState.CLOSED, clock.now)
    for action in (
        lambda: records.alerts.confirm(alert.id, Level.BLUE),
        lambda: records.alerts.dismiss(alert.id, WHY_NOT),
        lambda: records.alerts.acknowledge(alert.id),
        lambda: records.alerts.close(alert.id, "再次"),
    ):
        with pytest.raises(NotAllowed):
            action()
    assert records.alerts.reopen(alert.id, "又有新情况").closed_at is None
    assert kinds(records, alert) == ["raised", "closed", "reopened"]


def test_what_is_over_is_not_reopened(records, alert, clock):
    records.alerts.expire(alert.id, "六小时内未再达到阈值")
    clock.now += 7 * HOUR
    with pytest.raises(NotAllowed, match="new alert"):
        records.alerts.reopen(alert.id, "想再看看")


def test_an_open_alert_is_not_reopened(records, alert):
    with pytest.raises(NotAllowed, match="is open"):
        records.alerts.reopen(alert.id, "误点")


def test_a_dismissed_alert_stays_dismissed_when_it_ends(records, alert, clock):
    records.alerts.dismiss(alert.id, WHY_NOT)
    ended = records.alerts.expire(alert.id, "六小时内未再达到阈值")
    assert (ended.state, ended.closed_at) == (AlertState.DISMISSED, clock.now)
    clock.now += 9 * HOUR
    undone = records.alerts.reopen(alert.id, "核实后与本院有关")
    assert (undone.state, undone.closed_at) == (AlertState.CLOSED, ended.closed_at)


def test_the_program_does_not_resume_what_a_person_closed(records, alert):
    records.alerts.close(alert.id, "已回应")
    assert records.alerts.resume(alert.id, "late").state is AlertState.CLOSED


def test_refreshing_leaves_people_s_columns_alone(records, alert):
    records.alerts.confirm(alert.id, Level.RED, "涉法院安全")
    records.alerts.refresh(replace(alert, level=Level.YELLOW, why=replace(alert.why, posts=90)))
    after = records.alerts.get(alert.id)
    assert (after.state, after.confirmed_level) == (AlertState.CONFIRMED, Level.RED)
    assert (after.level, after.why.posts) == (Level.YELLOW, 90)
    assert kinds(records, alert) == ["raised", "confirmed"]
    records.alerts.refresh(after, "建议级别 一般→较大")
    assert kinds(records, alert) == ["raised", "confirmed", "grew"]


def test_many_at_once_lose_nothing(records, alert):
    levels = [Level.YELLOW, Level.ORANGE, Level.RED, Level.BLUE]
    with ThreadPoolExecutor(4) as people:
        done = list(
            people.map(lambda level: records.alerts.confirm(alert.id, level, "会商"), levels)
        )
    final = records.alerts.get(alert.id)
    assert sorted(one.revision for one in done)[-1] == final.revision == 5
    assert kinds(records, alert) == ["raised", *["confirmed"] * 4]


def test_unknown_alerts_are_not_found(records, alert):
    for action in (
        lambda: records.alerts.get("b"),
        lambda: records.alerts.confirm("b", Level.BLUE),
        lambda: records.alerts.refresh(replace(alert, id="b")),
    ):
        with pytest.raises(NotFound):
            action()


def test_events_stream_in_order_from_where_one_left_off(records, alert):
    seen = records.alerts.last_event_id()
    records.alerts.acknowledge(alert.id)
    records.alerts.confirm(alert.id, Level.BLUE)
    assert [event.kind for event in records.alerts.events_after(seen)] == [
        "acknowledged", "confirmed",
    ]  # fmt: skip


def test_which_alerts_touch_a_week(records, alert, clock):
    assert records.alerts.between(clock.now - HOUR, clock.now + HOUR) == [alert]
    assert records.alerts.between(clock.now + HOUR, clock.now + 2 * HOUR) == []
    assert records.alerts.between(clock.now - 9 * HOUR, clock.now - 2 * HOUR) == []


def test_old_lines_of_alerts_that_are_over_go_and_the_alerts_stay(records, alert, clock):
    held = replace(alert, id="other")
    records.alerts.add(held, "raised")
    records.alerts.refresh(alert, "more of it")
    records.alerts.confirm(alert.id, alert.level, by="值班员甲")
    program = clock.now + timedelta(days=1)
    assert forget_events(records, program, clock.now) == 0, "both are open"
    records.alerts.expire(alert.id, "quiet")
    records.alerts.refresh(held, "the newest line of all")
    closed = records.alerts.get(alert.id)
    assert forget_events(records, program, clock.now) == 3
    assert kinds(records, alert) == ["confirmed"]
    assert kinds(records, held) == ["raised", "grew"]
    assert forget_events(records, program, program) == 1
    assert kinds(records, alert) == []
    assert records.alerts.get(alert.id) == closed
    records.alerts.expire(held.id, "quiet")
    assert forget_events(records, program, program) == 2
    assert kinds(records, held) == ["closed"], "its number is nobody else's"

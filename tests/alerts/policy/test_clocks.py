"""When clocks start, warn, run out and are met; working days over holidays and beyond the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from alerts.policy.clocks import read_clocks, working_deadline, year_known
from alerts.policy.settings import default_policy
from alerts.workdays import Workdays
from domain.alerts import AlertState, Confirmation, Level
from domain.policy import Act, ActKind, ClockState
from domain.time import SHANGHAI

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def confirmed(alert, now, level=Level.ORANGE, **changes):
    return replace(
        alert, confirmed_at=now, confirmed_level=level, state=AlertState.CONFIRMED, **changes
    )


def clocks(alert, now, *acts):
    return {one.id: one for one in read_clocks(alert, acts, default_policy(), now)}


def act(kind, at):
    return Act(1, "x", kind, at, "值班员甲")


def test_nothing_runs_before_a_person_confirmed(alert, now):
    found = clocks(replace(alert, level=Level.ORANGE), now + 100 * HOUR)
    assert set(found) == {"report", "information", "conference", "check"}
    assert {one.state for one in found.values()} == {ClockState.WAITING}


def test_lengths_warnings_and_ends(alert, now):
    alert = confirmed(alert, now)
    for minutes, state in (
        (0, ClockState.RUNNING), (89, ClockState.RUNNING), (90, ClockState.NEAR),
        (119, ClockState.NEAR), (120, ClockState.OVERDUE),
    ):  # fmt: skip
        assert clocks(alert, now + minutes * MINUTE)["report"].state is state, minutes
    found = clocks(alert, now)
    assert found["information"].due_at == now + 5 * HOUR
    assert found["conference"].due_at == now + 24 * HOUR
    assert found["information"].source == "国办发〔2016〕80号"
    assert list(found) == ["report", "information", "conference", "check"]


def test_an_act_in_time_meets_a_clock_and_one_too_late_is_told(alert, now):
    alert = confirmed(alert, now)
    late = now + 10 * HOUR
    met = clocks(alert, late, act(ActKind.PUBLISHED, now + 4 * HOUR))["information"]
    assert (met.state, met.met_at) == (ClockState.MET, now + 4 * HOUR)
    after = clocks(alert, late, act(ActKind.PUBLISHED, now + 6 * HOUR))["information"]
    assert after.state is ClockState.LATE
    assert clocks(alert, late, act(ActKind.CHECKED, now))["information"].state is ClockState.OVERDUE
    gone = replace(act(ActKind.PUBLISHED, now), withdrawn_at=now)
    assert clocks(alert, late, gone)["information"].state is ClockState.OVERDUE


def test_what_was_done_before_a_relapse_does_not_answer_it(alert, now):
    alert = confirmed(alert, now, relapses=1, relapsed_at=now - HOUR)
    assert clocks(alert, now, act(ActKind.REPORTED, now - 2 * HOUR))["report"].met_at is None
    assert clocks(alert, now, act(ActKind.REPORTED, now - MINUTE))["report"].met_at is not None


def test_lower_levels_have_a_day_more_and_tickets_have_clocks_of_their_own(alert, now):
    low = clocks(confirmed(alert, now, Level.BLUE), now)
    assert set(low) == {"reply"}
    assert low["reply"].due_at == now + 48 * HOUR
    why = replace(alert.why, platforms=(("hotline", 4), ("weibo", 2)))
    ticket = clocks(confirmed(replace(alert, why=why), now, Level.BLUE), now)
    assert set(ticket) == {"reply", "hotline_call", "hotline_reply"}


def test_a_dismissed_alert_has_no_clocks(alert, now):
    assert clocks(replace(alert, state=AlertState.DISMISSED), now) == {}


def local(*parts):
    return datetime(*parts, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (local(2026, 3, 16, 12), 2, local(2026, 3, 19)),  # Monday: to the end of Wednesday
        (local(2026, 3, 20, 12), 2, local(2026, 3, 25)),  # Friday: over the weekend
        (local(2026, 3, 21, 12), 2, local(2026, 3, 25)),  # Saturday
        (local(2026, 9, 30, 12), 2, local(2026, 10, 10)),  # over the National Day week
        (local(2026, 10, 9, 12), 1, local(2026, 10, 11)),  # a Saturday made up for
        (local(2026, 2, 13, 12), 1, local(2026, 2, 15)),  # the same before the Spring Festival
        (local(2026, 3, 16, 0), 1, local(2026, 3, 18)),
        (local(2026, 3, 16, 23, 59), 1, local(2026, 3, 18)),
    ],
)
def test_working_days_know_holidays_and_make_up_days(start, days, end):
    assert working_deadline(start.astimezone(UTC), days, Workdays()) == (end, False)


def test_beyond_the_table_monday_to_friday_and_marked():
    start = local(2026, 12, 31, 12).astimezone(UTC)
    assert working_deadline(start, 2, Workdays()) == (local(2027, 1, 5), True)
    named = Workdays({date(2027, 1, 1): False, date(2027, 1, 2): True})
    assert working_deadline(start, 2, named) == (local(2027, 1, 5), False)
    assert year_known(named, 2027)
    assert not year_known(Workdays(), 2027)
    assert year_known(Workdays(), 2026)


def test_what_was_owed_before_a_relapse_is_owed_after_it(alert, now):
    earlier = Confirmation(Level.ORANGE, now - 30 * HOUR, now - 31 * HOUR)
    back = replace(alert, level=Level.YELLOW, relapses=1, relapsed_at=now, earlier=earlier)
    found = clocks(back, now)
    assert found["information"].state is ClockState.OVERDUE
    assert found["information"].started_at == earlier.at
    assert found["reply"].state is ClockState.WAITING
    done = act(ActKind.PUBLISHED, now - 28 * HOUR)
    assert "information" not in clocks(back, now, done)
    again = confirmed(back, now, Level.ORANGE)
    assert clocks(again, now)["report"].state is ClockState.OVERDUE
    assert clocks(again, now, act(ActKind.REPORTED, now))["report"].state is ClockState.MET

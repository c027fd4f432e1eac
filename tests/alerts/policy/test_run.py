"""The policy over real records: once, not twice; muted and told again; clocks; feedback; explain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.policy.explain import explain, text_of
from alerts.policy.grouping import events
from alerts.policy.run import Policy
from alerts.policy.settings import default_policy
from alerts.policy.situation import Peer
from domain.alerts import Alert, AlertState, Evidence, Fact, Flag, Level, Score, Share, Why
from domain.policy import ActKind, Outcome, SilenceScope

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def alert(bench) -> Alert:
    bench.watch(hearings=())
    now = bench.clock.now
    why = Why(
        now - HOUR, now, now, Score(7.25, 60, 38, 3.1), "all", 46, 31, 38, Share(15, 46),
        Share(11, 18), level_lines=("较大：平台 2 个（≥2）",),
        flags=(Flag(Fact.DEATH, carried=Share(3, 31)), Flag(Fact.LOCAL_HOT)),
    )  # fmt: skip
    made = Alert("a" * 32, "liang", AlertState.PROPOSED, Level.YELLOW, now - HOUR, now, now, why)
    bench.records.alerts.add(made, "raised")
    return made


class Letters:
    """Compares wordings by their letters, and says their first four."""

    def new(self, wordings, known):
        return [wording for wording in wordings if wording not in known]

    def gist(self, wording):
        return f"问{wording[:3]}"


def policy(bench):
    return Policy(bench.records, default_policy(), 5.0, Letters, bench.clock)


def outcomes(bench, alert):
    trail = bench.records.decisions.trail(alert.id)
    return [(one.outcome.value, one.reason) for one in trail]


def test_running_again_decides_nothing_new(bench, alert):
    assert policy(bench).run().told == 1
    for _ in range(3):
        assert policy(bench).run().told == 0
    assert outcomes(bench, alert) == [("notify", "first")]


def test_a_mute_is_kept_once_and_the_alert_told_when_it_ends(bench, alert):
    ends = bench.clock.now + HOUR
    made = bench.records.silences.add(SilenceScope.CASE, "liang", "跟进", "甲", ends)
    assert policy(bench).run().muted == 1
    assert policy(bench).run().muted == 0
    assert policy(bench).mutes()[alert.id].endswith("跟进")
    bench.clock.now += 2 * HOUR
    assert policy(bench).run().told == 1
    assert outcomes(bench, alert) == [("muted", f"silence:{made.id}"), ("notify", "first")]


def test_it_escalates_step_by_step_until_somebody_answers(bench, alert):
    policy(bench).run()
    for minutes, expected in ((59, 1), (61, 2), (100, 2), (122, 3), (500, 3)):
        bench.clock.now = alert.detected_at + minutes * MINUTE
        policy(bench).run()
        assert len(outcomes(bench, alert)) == expected, minutes
    trail = bench.records.decisions.trail(alert.id)
    assert [one.escalation for one in trail] == [0, 1, 2]
    assert [one.outcome for one in trail[1:]] == [Outcome.ESCALATE] * 2


def test_what_is_new_after_an_escalation_goes_to_the_first_people_again(bench, alert):
    policy(bench).run()
    bench.clock.now += 61 * MINUTE
    policy(bench).run()
    bench.records.alerts.refresh(replace(alert, level=Level.RED))
    policy(bench).run()
    trail = bench.records.decisions.trail(alert.id)
    assert [(one.reason, one.escalation) for one in trail] == [
        ("first", 0), ("unacknowledged", 1), ("higher_level", 0),
    ]  # fmt: skip


def test_a_level_that_a_person_lowered_stays_so(bench, alert):
    bench.records.alerts.refresh(replace(alert, level=Level.ORANGE))
    policy(bench).run()
    bench.records.alerts.confirm(alert.id, Level.BLUE, "规模很小", "甲")
    policy(bench).run()
    assert bench.records.decisions.trail(alert.id)[-1].level is Level.BLUE
    bench.records.alerts.refresh(replace(alert, level=Level.RED))
    policy(bench).run()
    assert outcomes(bench, alert)[-1] == ("renotify", "higher_level")


def test_three_cases_of_a_court_are_told_as_one_event(bench, alert):
    policy(bench).run()
    for name in ("zhao", "qian"):
        bench.watch(name)
        other = replace(
            alert, id=name.ljust(32, "0"), case_id=name, detected_at=bench.clock.now + MINUTE
        )
        bench.records.alerts.add(other, "raised")
    policy(bench).run()
    policy(bench).run()
    assert outcomes(bench, alert) == [("notify", "first"), ("renotify", "court_event")]
    last = bench.records.decisions.trail(alert.id)[-1]
    assert last.event == ("liang", "qian", "zhao")
    assert "全院事件" in last.words


def test_a_clock_warns_of_a_relapsed_alert_too(bench, alert):
    bench.records.alerts.confirm(alert.id, Level.ORANGE, "重视", "甲")
    bench.records.alerts.expire(alert.id, "六小时")
    bench.clock.now += 8 * HOUR
    bench.records.alerts.relapse(replace(alert, level=Level.YELLOW), "第 1 次复燃")
    assert bench.records.alerts.get(alert.id).earlier.level is Level.ORANGE
    assert policy(bench).run().clocks == 2
    assert policy(bench).run().clocks == 0


def test_new_questions_are_told_once_each(bench, alert):
    asked = replace(alert, why=replace(alert.why, questions=(("为什么判三年？", 12),)))
    bench.records.alerts.refresh(asked)
    policy(bench).run()
    policy(bench).run()
    more = (("判决书呢？", 9), ("为什么判三年？", 40))
    bench.records.alerts.refresh(replace(alert, why=replace(alert.why, questions=more)))
    policy(bench).run()
    policy(bench).run()
    assert outcomes(bench, alert) == [("notify", "first"), ("renotify", "new_question")]
    last = bench.records.decisions.trail(alert.id)[-1]
    assert last.words == "新的关切问题：问判决书"  # never the wording itself: it leaves the office
    assert last.questions == ("判决书呢？", "为什么判三年？")


def test_a_clock_warns_once_near_its_end_and_once_past_it(bench, alert):
    bench.records.alerts.confirm(alert.id, Level.ORANGE, "重视", "甲")
    for minutes, expected in ((1, 0), (91, 1), (92, 1), (121, 2), (200, 2)):
        bench.clock.now = alert.detected_at + minutes * MINUTE
        policy(bench).run()
        clocks = [r for o, r in outcomes(bench, alert) if r.startswith("clock:report")]
        assert len(clocks) == expected, minutes
    bench.records.acts.add(alert.id, ActKind.REPORTED, "甲")
    told = policy(bench).readings(bench.records.alerts.get(alert.id))
    assert {one.id: one.state.value for one in told}["report"] == "late"


def test_a_clock_runs_on_when_the_alert_is_closed(bench, alert):
    bench.records.alerts.confirm(alert.id, Level.ORANGE, "重视", "甲")
    bench.records.alerts.expire(alert.id, "六小时")
    bench.clock.now += 100 * MINUTE
    assert policy(bench).run().clocks == 1


def test_decisions_become_threshold_steps_and_undone_ones_stay_undone(bench, alert):
    records = bench.records
    records.alerts.dismiss(alert.id, "同名", "甲")
    policy(bench).run()
    policy(bench).run()
    [step] = records.steps.all()
    assert (step.kind, step.amount, step.made_by) == ("dismissed", 0.5, "甲")
    assert policy(bench).theta(records.cases.get("liang")) == 5.5
    bench.clock.now += MINUTE
    records.steps.undo(step.id, "乙")
    policy(bench).run()
    assert policy(bench).theta(records.cases.get("liang")) == 5.0
    bench.clock.now += MINUTE
    records.alerts.reopen(alert.id, "确系本院", "甲")
    bench.clock.now += MINUTE
    records.alerts.confirm(alert.id, Level.YELLOW, "", "甲")
    policy(bench).run()
    assert policy(bench).theta(records.cases.get("liang")) == 4.75
    bench.clock.now += MINUTE
    records.alerts.close(alert.id, "回落", "甲")
    assert policy(bench).theta(records.cases.get("liang")) == 4.75


def test_reopening_a_dismissed_alert_takes_its_step_back(bench, alert):
    bench.records.alerts.dismiss(alert.id, "同名", "甲")
    policy(bench).run()
    bench.clock.now += MINUTE
    bench.records.alerts.reopen(alert.id, "看错了", "甲")
    policy(bench).run()
    assert policy(bench).theta(bench.records.cases.get("liang")) == 5.0
    assert [step.undone_by for step in bench.records.steps.all()] == ["甲"]


def test_explain_prints_the_whole_decision(bench, alert):
    records = bench.records
    policy(bench).run()
    records.steps.add("江澜市中级人民法院", "b" * 32, "dismissed", 0.5, "乙")
    records.silences.add(SilenceScope.CASE, "liang", "跟进", "甲", bench.clock.now + HOUR)
    bench.clock.now += MINUTE
    records.alerts.confirm(alert.id, Level.ORANGE, "重视", "甲")
    found = explain(records, policy(bench), default_policy(), 5.0, alert.id)
    text = "\n".join(text_of(found, default_policy()))
    for part in (
        "S = 7.25 ≥ θ = 5.50（预算 5.00，本院调整 +0.50）",
        "1 小时观测 38 人，预期 3.1 人",
        "涉院关切 11/18",
        "较大：平台 2 个（≥2）",
        "★涉人员死亡：不计入（无人判断，3/31 条提及）",
        "★本地热搜：未知",
        "still_open：open",
        "silenced：silence:1 → muted",
        "notify：first",
        "有效 case=liang　甲：跟进",
        "报告领导 running",
        "confirmed（甲） orange：重视",
    ):
        assert part in text, part
    assert found.trail[0].theta == 5.0


def test_one_event_is_what_shares_a_post(bench, alert):
    case = bench.records.cases.get("liang")
    shown = replace(alert.why, evidence=(Evidence("p1", 3), Evidence("p2", 1)))
    other = replace(alert.why, evidence=(Evidence("p2", 1),))
    peers = [
        Peer(replace(alert, id="1" * 32, why=shown), case),
        Peer(replace(alert, id="2" * 32, why=other), case),
        Peer(replace(alert, id="3" * 32), case),
    ]
    found = events(peers)
    assert {key[0]: [peer.alert.id[0] for peer in group] for key, group in found.items()} == {
        "1": ["1", "2"],
        "3": ["3"],
    }

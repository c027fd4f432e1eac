"""The policy: a list of small stages. The first that gives an outcome decides; read `STAGES`.

A stage is a pure function of one `Situation`. It returns a `Step`: a stable reason, words with the
figures it went by, and an outcome, or None to let the alert pass on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from alerts.levels import WORDS, rank
from alerts.policy.grouping import CourtEvent, court_event
from alerts.policy.situation import Situation
from domain.alerts import Level
from domain.policy import Outcome, Silence, SilenceScope, Step
from domain.time import BUCKET, SHANGHAI

Stage = Callable[[Situation], Step]


def still_open(situation: Situation) -> Step:
    """A closed or dismissed alert tells nobody anything."""
    if situation.open:
        return Step("still_open", "open", f"预警{_STATES[situation.alert.state.value]}")
    return Step(
        "still_open", "not_open", f"预警{_STATES[situation.alert.state.value]}", Outcome.QUIET
    )


def something_new(situation: Situation) -> Step:
    """There is something to tell: the first time, news, or that nobody answered."""
    outcome, reason, words = news(situation)
    if outcome is Outcome.QUIET:
        return Step("something_new", reason, words, Outcome.QUIET)
    return Step("something_new", reason, words)


def court_wide(situation: Situation) -> Step:
    """A court-wide event mutes its cases, none of them at a higher level than its own."""
    event = event_of(situation)
    if event is None:
        return Step("court_wide", "no_court_event", "没有全院事件")
    if event.leader is None:
        words = f"{event.words}；其中每条都另有不通知的理由"
        return Step("court_wide", "silent_court_event", words)
    if event.leader.alert.id == situation.alert.id:
        return Step("court_wide", "leads_court_event", f"{event.words}；由这条预警通知")
    leader = event.leader
    if rank(situation.level) > rank(leader.alert.standing_level):
        words = f"{event.words}；本条级别更高，照常通知"
        return Step("court_wide", "above_court_event", words)
    words = f"{event.words}；由“{leader.case.title}”通知"
    return Step("court_wide", "court_event", words, Outcome.MUTED)


def silenced(situation: Situation) -> Step:
    """A person's silence covers it."""
    for silence in situation.silences:
        if covers(silence, situation):
            end = silence.ends_at.astimezone(SHANGHAI)
            words = (
                f"静默 {silence.id}（{silence.made_by}，到 {end:%m-%d %H:%M}）：{silence.reason}"
            )
            return Step("silenced", f"silence:{silence.id}", words, Outcome.MUTED)
    return Step("silenced", "no_silence", "没有静默覆盖它")


def hearing_day(situation: Situation) -> Step:
    """On a known hearing day the score must reach θ plus a stated amount.

    Only a first word of a low level waits for that: not what is orange or red, what a person
    confirmed, or what people know of already.
    """
    # The peak is the end of its bucket: what ends at midnight was the day before.
    day = (situation.alert.why.peak_at - BUCKET).astimezone(SHANGHAI).date()
    if day not in situation.case.hearings:
        return Step("hearing_day", "no_hearing", f"{day:%m-%d} 没有已知的开庭")
    if rank(situation.level) >= rank(Level.ORANGE):
        words = f"{day:%m-%d} 开庭；级别 {WORDS[situation.level]}，照常通知"
        return Step("hearing_day", "grave_on_hearing_day", words)
    if situation.alert.confirmed_level is not None or situation.told:
        words = f"{day:%m-%d} 开庭；已有人确认或已通知过，照常通知"
        return Step("hearing_day", "known_on_hearing_day", words)
    add = situation.settings.mute.hearing_day.add
    score, needed = situation.alert.why.score.value, situation.theta + add
    words = f"{day:%m-%d} 开庭，阈值 {situation.theta:.1f}+{add:.1f}={needed:.1f}，强度 {score:.1f}"
    if score >= needed:
        return Step("hearing_day", "above_hearing_threshold", words)
    return Step("hearing_day", "hearing_day", words, Outcome.MUTED)


def tell(situation: Situation) -> Step:
    """Nothing stands against it: tell what is new."""
    outcome, reason, words = news(situation)
    event = led_event(situation)
    if event is not None and event.words not in words:
        words = f"{words}；{event.words}"
    return Step("tell", reason, words, outcome)


def event_of(situation: Situation) -> CourtEvent | None:
    """The court-wide event it is part of, led by the first that isn't muted for itself."""
    return court_event(situation, muted_for_itself)


def led_event(situation: Situation) -> CourtEvent | None:
    """The court-wide event that it is told of for."""
    event = event_of(situation)
    leads = event and event.leader and event.leader.alert.id == situation.alert.id
    return event if leads else None


def muted_for_itself(situation: Situation) -> bool:
    """Whether a silence or a hearing day mutes it, whatever its court is in."""
    return any(stage(situation).outcome is not None for stage in (silenced, hearing_day))


#: The policy, in order.
STAGES: tuple[Stage, ...] = (
    still_open,
    something_new,
    court_wide,
    silenced,
    hearing_day,
    tell,
)


def steps(situation: Situation, stages: Sequence[Stage] = STAGES) -> tuple[Step, ...]:
    """What the stages say, up to and including the one that decides."""
    said: list[Step] = []
    for stage in stages:
        said.append(stage(situation))
        if said[-1].outcome is not None:
            break
    return tuple(said)


def news(situation: Situation) -> tuple[Outcome, str, str]:
    """What there is to tell: outcome, reason, words."""
    alert, told = situation.alert, situation.told
    if not told:
        if alert.relapses:
            words = f"第 {alert.relapses} 次复燃，建议级别 {WORDS[alert.level]}"
            return Outcome.RENOTIFY, "relapse", words
        return Outcome.NOTIFY, "first", f"新预警，建议级别 {WORDS[alert.level]}"
    last = told[-1]
    if rank(situation.level) > max(rank(one.level) for one in told):
        words = f"级别 {WORDS[last.level]}→{WORDS[situation.level]}"
        return Outcome.RENOTIFY, "higher_level", words
    if alert.confirmed_level is not None and alert.confirmed_level != last.confirmed_level:
        words = f"已确认为 {WORDS[alert.confirmed_level]}"
        return Outcome.RENOTIFY, "confirmed", words
    if situation.new_questions:
        return (
            Outcome.RENOTIFY,
            "new_question",
            "新的关切问题：" + "；".join(situation.new_questions),
        )
    event = led_event(situation)
    heard = {case for one in told for case in one.event} | {situation.case.id}
    if event is not None and set(event.cases) - heard:
        return Outcome.RENOTIFY, "court_event", event.words
    return _unanswered(situation)


def _unanswered(situation: Situation) -> tuple[Outcome, str, str]:
    """Whether the next people of the route must hear of it."""
    alert, rules = situation.alert, situation.settings.escalation
    if alert.acknowledged_at is not None or alert.confirmed_level is not None:
        return Outcome.QUIET, "acknowledged", "已有人认领，没有新情况"
    minutes, times = rules.minutes(situation.level), situation.escalations
    if minutes == 0:
        return Outcome.QUIET, "no_escalation", f"{WORDS[situation.level]}级不升级通知，没有新情况"
    if times >= rules.steps:
        return Outcome.QUIET, "escalated_enough", f"已升级通知 {times} 次，仍无人认领"
    waited = situation.now - situation.told[-1].at
    if waited < timedelta(minutes=minutes):
        words = f"通知后 {waited // timedelta(minutes=1)} 分钟，满 {minutes} 分钟无人认领才升级"
        return Outcome.QUIET, "waiting_for_acknowledgement", words
    words = (
        f"通知后 {waited // timedelta(minutes=1)} 分钟无人认领（限 {minutes} 分钟），通知下一顺位"
    )
    return Outcome.ESCALATE, "unacknowledged", words


def covers(silence: Silence, situation: Situation) -> bool:
    """Whether `silence` is about this alert."""
    alert, case = situation.alert, situation.case
    if silence.scope is SilenceScope.CASE:
        return silence.value == case.id
    if silence.scope is SilenceScope.COURT:
        return silence.value == case.court
    if silence.scope is SilenceScope.TOPIC:
        return bool(alert.why.topics) and alert.why.topics[0][0] == silence.value
    # A level nobody knows, from an older program, covers nothing: an alert told too many beats none.
    return silence.value in _LEVELS and rank(situation.level) <= rank(Level(silence.value))


_LEVELS = frozenset(Level)


_STATES = {
    "proposed": "待确认",
    "confirmed": "已确认",
    "dismissed": "已驳回",
    "closed": "已关闭",
}

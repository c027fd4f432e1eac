"""The whole decision about one alert, as `courtpulse alerts explain` prints it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.growth import span
from alerts.levels import FACTS, WORDS, counts
from alerts.policy.run import Policy
from alerts.policy.settings import PolicySettings
from alerts.policy.stages import covers, steps
from alerts.policy.thresholds import changes, shift
from domain.alerts import Alert, Flag
from domain.cases import Case
from domain.policy import ClockReading, Decision, Silence, Step, ThresholdMove
from domain.time import SHANGHAI
from records import Records
from records.alerts import AlertEvent
from records.deliveries import Delivery


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that bore on an alert, in the order in which it did.

    Attributes:
        base: θ by the budget; shift: what the court's steps add now; theta: what they make (`effective`).
        now: what the stages say at this moment; nothing of it is kept or sent.
        trail: what was decided, kept and sent; each with its own steps.
    """

    at: datetime
    alert: Alert
    case: Case
    base: float
    shift: float
    theta: float
    changes: tuple[ThresholdMove, ...]
    now: tuple[Step, ...]
    trail: tuple[Decision, ...]
    silences: tuple[Silence, ...]
    clocks: tuple[ClockReading, ...]
    deliveries: tuple[Delivery, ...]
    history: tuple[AlertEvent, ...]


def explain(
    records: Records, policy: Policy, settings: PolicySettings, base: float, alert_id: str
) -> Explanation:
    """The explanation of one alert now.

    Raises:
        NotFound: no such alert.
    """
    situation = policy.situation(alert_id)
    own = records.steps.all(situation.case.court)
    return Explanation(
        at=situation.now,
        alert=situation.alert,
        case=situation.case,
        base=base,
        shift=shift(own, settings.feedback, situation.now),
        theta=situation.theta,
        changes=tuple(changes(own, settings.feedback)),
        now=steps(situation),
        trail=tuple(records.decisions.trail(alert_id)),
        silences=tuple(one for one in records.silences.recent() if covers(one, situation)),
        clocks=policy.readings(situation.alert),
        deliveries=tuple(reversed(records.deliveries.about(alert_id))),
        history=tuple(records.alerts.history(alert_id)),
    )


def text_of(found: Explanation, settings: PolicySettings) -> Iterator[str]:
    """The explanation in lines, for a terminal; an empty line between two sections."""
    sections = (
        _head(found),
        _strength(found),
        _level(found.alert, settings),
        ["三、此刻各阶段", *_steps(found.now)],
        _decisions(found.trail),
        _silences(found.silences, found.at),
        _clocks(found.clocks),
        _deliveries(found.deliveries),
        _history(found.history),
    )
    for number, section in enumerate(sections):
        if number:
            yield ""
        yield from section


def _head(found: Explanation) -> Iterator[str]:
    alert = found.alert
    yield f"预警 {alert.id}　{found.case.title}　{found.case.court}"
    yield f"状态 {alert.state.value}　复燃 {alert.relapses} 次　提出 {_at(alert.detected_at)}"


def _strength(found: Explanation) -> Iterator[str]:
    why = found.alert.why
    score = why.score
    yield "一、强度与阈值"
    passed = "≥" if score.value >= found.theta else "<"
    yield (
        f"  S = {score.value:.2f} {passed} θ = {found.theta:.2f}"
        f"（预算 {found.base:.2f}，本院调整 {found.shift:+.2f}）；数据流 {why.stream}"
    )
    yield f"  {span(score.window)}观测 {score.observed} 人，预期 {score.expected:.1f} 人"
    concern = f"S = {why.concern.value:.2f}" if why.concern else "未达阈值"
    share = why.court_negative
    yield f"  热度 {why.posts} 帖（{why.authors} 人）；涉院关切 {share.k}/{share.n}，{concern}"
    for change in found.changes:
        done = "撤销" if change.undone else "计入"
        yield (
            f"  {_at(change.at)} {done} {change.step.amount:+.2f}"
            f"（预警 {change.step.alert_id[:8]} {change.step.kind}，{change.step.made_by or '未署名'}）"
            f"→ 调整 {change.shift:+.2f}"
        )


def _level(alert: Alert, settings: PolicySettings) -> Iterator[str]:
    yield f"二、级别：建议 {WORDS[alert.level]}" + (
        f"，确认 {WORDS[alert.confirmed_level]}（{alert.confirmed_by or '未署名'}）"
        if alert.confirmed_level
        else "，未确认"
    )
    yield from (f"  {line}" for line in alert.why.level_lines)
    yield from (f"  {_flag(flag, settings)}" for flag in alert.why.flags)


def _decisions(trail: Sequence[Decision]) -> Iterator[str]:
    yield f"四、决定（{len(trail)}）"
    for decision in trail:
        yield f"  {_at(decision.at)} {decision.outcome.value}：{decision.reason}　{decision.words}"
        yield from (f"    {line}" for line in _steps(decision.steps))
        yield from (f"      路由 {line}" for line in decision.routed)


def _silences(silences: Sequence[Silence], now: datetime) -> Iterator[str]:
    yield f"五、静默（{len(silences)}）"
    for silence in silences:
        held = "有效" if silence.active(now) else "已结束"
        yield (
            f"  {silence.id} {held} {silence.scope.value}={silence.value}　{silence.made_by}："
            f"{silence.reason}　{_at(silence.starts_at)} 到 {_at(silence.ended_at or silence.ends_at)}"
        )


def _clocks(clocks: Sequence[ClockReading]) -> Iterator[str]:
    yield f"六、时限（{len(clocks)}）"
    for clock in clocks:
        due = f"，到 {_at(clock.due_at)}" if clock.due_at else ""
        missing = "（节假日表缺失）" if clock.holiday_table_missing else ""
        yield f"  {clock.zh} {clock.state.value}{due}{missing}　{clock.source}"


def _deliveries(deliveries: Sequence[Delivery]) -> Iterator[str]:
    yield f"七、发送（{len(deliveries)}）"
    for delivery in deliveries:
        error = f"　{delivery.error}" if delivery.error else ""
        yield (
            f"  {delivery.notification.key}　{delivery.channel}　{delivery.state}，"
            f"{delivery.attempts} 次{error}"
        )


def _history(history: Sequence[AlertEvent]) -> Iterator[str]:
    yield "八、经过"
    for event in history:
        by = f"（{event.made_by}）" if event.made_by else ""
        yield f"  {_at(event.at)} {event.kind}{by} {event.detail}".rstrip()


def _steps(said: tuple[Step, ...]) -> Iterator[str]:
    for step in said:
        outcome = f" → {step.outcome.value}" if step.outcome else ""
        yield f"  {step.stage}：{step.reason}{outcome}　{step.words}"


def _flag(flag: Flag, settings: PolicySettings) -> str:
    name = FACTS[flag.fact]
    if not flag.known:
        return f"★{name}：未知"
    said = {True: "人工确认", False: "人工否定", None: "无人判断"}[flag.confirmed]
    carried = f"，{flag.carried.k}/{flag.carried.n} 条提及" if flag.carried else ""
    fires = "计入" if counts(flag, settings.levels.star) else "不计入"
    return f"★{name}：{fires}（{said}{carried}）"


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M:%S}" if moment else "—"

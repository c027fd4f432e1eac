"""What a channel says: title, figures, link. No text of a post, no name of a person."""

from __future__ import annotations

from alerts.growth import span
from alerts.levels import WORDS
from alerts.notices import Kind, Notice
from domain.alerts import Alert, AlertState, Level, Notification, Why
from domain.cases import Case
from domain.policy import Decision, Outcome
from domain.time import SHANGHAI

COLOURS = {Level.BLUE: "蓝", Level.YELLOW: "黄", Level.ORANGE: "橙", Level.RED: "红"}
_STATES = {AlertState.PROPOSED: "待确认", AlertState.CONFIRMED: "已确认"}
#: Share of the posts from which a topic decides where an alert goes, as it decides what is named.
_TOPIC_PERCENT = 20


def of_decision(decision: Decision, alert: Alert, case: Case, address: str) -> Notice:
    """The notice of what the policy decided to tell.

    Args:
        address: where the pages are, e.g. "http://127.0.0.1:8080"; alerts are under /alerts/ID.
    """
    kind = _kind(decision)
    heads = {Kind.ESCALATION: "【无人认领】", Kind.CLOCK: "【时限】", Kind.NEWS: "【新情况】"}
    level = decision.level
    return Notice(
        kind,
        Notification(
            key=decision.key,
            title=f"{heads.get(kind, '')}【{WORDS[level]}·{COLOURS[level]}】{case.title}",
            level=level,
            url=f"{address.rstrip('/')}/alerts/{alert.id}",
            created_at=decision.at,
            facts=((("情况", decision.words),) if decision.words else ()) + facts(alert),
        ),
        court=case.court,
        topics=topics(alert.why),
        step=decision.escalation,
    )


def _kind(decision: Decision) -> Kind:
    if decision.subject.startswith("clock:"):
        return Kind.CLOCK
    return {Outcome.RENOTIFY: Kind.NEWS, Outcome.ESCALATE: Kind.ESCALATION}.get(
        decision.outcome, Kind.ALERT
    )


def topics(why: Why) -> tuple[str, ...]:
    """Topics that take a fifth of the posts or more."""
    return tuple(topic for topic, posts in why.topics if posts * 100 >= why.posts * _TOPIC_PERCENT)


def _sampled(why: Why) -> str:
    """What a sample stands for, marked as the estimate it is."""
    return f"（抽样，推算全量约 {why.whole:,} 帖）" if why.whole is not None else ""


def facts(alert: Alert) -> tuple[tuple[str, str], ...]:
    """Label and value pairs about an alert, in reading order."""
    why, score, share = alert.why, alert.why.score, alert.why.court_negative
    first = alert.first_published_at.astimezone(SHANGHAI)
    lines = [
        ("级别", f"建议 {WORDS[alert.level]}（{_STATES.get(alert.state, '已关闭')}）"),
        ("起始", f"{first:%m-%d %H:%M}"),
        (span(score.window), f"{score.observed} 人，平日 {score.expected:.1f}"),
        ("本轮", f"{why.posts} 帖（去重后 {why.distinct} 帖），{why.authors} 人{_sampled(why)}"),
        ("涉院负面", f"{share.k / share.n:.0%}（n={share.n}）" if share.n else "无涉院帖文（n=0）"),
        ("媒体", f"{why.media} 家"),
    ]
    if alert.confirmed_level:
        lines.insert(1, ("确认级别", WORDS[alert.confirmed_level]))
    if why.gaps:
        lines.append(("失联信息源", f"{len({gap.source for gap in why.gaps})} 个，数据不全"))
    return tuple(lines)

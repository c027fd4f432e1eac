"""The feed: one line per alert, the strip of sources, what happened since the last look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.display import clock_time, duration, span
from desk.services import Services
from desk.views.hours import share_words
from desk.views.sampled import wholes
from desk.wording import GAPS, HEALTH, LEVELS, UNKNOWN
from domain.alerts import Alert, AlertState, Count, Level
from domain.annotation import Topic
from domain.cases import Case
from domain.hours import SourceHour
from domain.policy import ClockReading, ClockState
from domain.protocols import Query
from domain.sources import Gap, Health, SourceStatus
from records.coverage import post_gaps, post_statuses

HOUR = timedelta(hours=1)
#: Closed alerts stay on the feed this long.
CLOSED_SHOWN = timedelta(days=7)
#: The strip says how much of so long was seen.
STRIP = timedelta(hours=24)
#: Before anybody has marked the feed as read, “since” is a day.
FIRST_LOOK = timedelta(days=1)
#: In these states a source shows us nothing.
BLIND = frozenset({Health.BLIND, Health.LATE, Health.UNKNOWN})
_MOST = 200
_LEVELS = list(Level)


@dataclass(frozen=True, slots=True)
class LevelSign:
    """A level as colour, word and position: `place` of four slots is filled."""

    name: str
    colour: str
    word: str
    place: int


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert on the feed.

    Attributes:
        hour: the case's last hour, None when no post of it was seen.
        whole: its posts in the whole streams, estimated; None when no source of them is sampled.
        blind: no source could have shown one, so that None means unknown and not zero.
        fresh: raised since somebody last marked the feed as read.
        muted: why nobody is told of it now; clock: the first to run out of those that run.
    """

    alert: Alert
    level: LevelSign
    title: str
    number: str
    hour: Count | None
    blind: bool
    topic: str
    fresh: bool
    open: bool
    court: str = ""
    whole: int | None = None
    muted: str = ""
    clock: ClockReading | None = None


@dataclass(frozen=True, slots=True)
class SourceSign:
    """One source on the strip: sign and words; `seen`: its last day's hours, "" without any."""

    source: str
    title: str
    health: Health
    sign: str
    words: str
    detail: str
    seen: str = ""


@dataclass(frozen=True, slots=True)
class GapLine:
    """A gap in words, which go on after the source's title: “10:05–10:40 失联（超时）”."""

    source: str
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class SinceLast:
    """What happened since somebody last marked the feed as read."""

    at: datetime
    marked: bool
    raised: int
    closed: int
    blind: tuple[GapLine, ...]


def level_sign(level: Level) -> LevelSign:
    """How `level` is shown."""
    colour, word = LEVELS[level]
    return LevelSign(level.value, colour, word, _LEVELS.index(level) + 1)


def is_open(alert: Alert) -> bool:
    """Whether the alert still waits for, or holds, somebody's attention."""
    return alert.closed_at is None and alert.state in {AlertState.PROPOSED, AlertState.CONFIRMED}


def lines(services: Services, alerts: Iterable[Alert]) -> list[AlertLine]:
    """Lines in the order given; one count serves them all."""
    chosen = list(alerts)
    if not chosen:
        return []
    now = services.clock()
    seen = services.records.marks.seen(services.viewer)
    cases = {case.id: case for case in services.records.cases.all(archived=True)}
    hour = Query(
        cases=tuple(sorted({alert.case_id for alert in chosen})), since=now - HOUR, until=now
    )
    counted = services.store.counts(hour, ["case"], distinct=True)
    hours = {count.key[0]: count for count in counted}
    estimates = wholes(services, hour)
    blind = all(one.health in BLIND for one in post_statuses(services.records))
    mutes = services.rules.mutes()
    return [
        AlertLine(
            alert=alert,
            level=level_sign(alert.confirmed_level or alert.level),
            title=cases[alert.case_id].title if alert.case_id in cases else alert.case_id,
            number=_number(cases.get(alert.case_id)),
            hour=hours.get(alert.case_id),
            whole=estimates.get(alert.case_id),
            blind=blind,
            topic=_topic(services, alert),
            fresh=seen is not None and alert.raised_at > seen,
            open=is_open(alert),
            court=cases[alert.case_id].court if alert.case_id in cases else "",
            muted=mutes.get(alert.id, ""),
            clock=_clock(services, alert),
        )
        for alert in chosen
    ]


def _clock(services: Services, alert: Alert) -> ClockReading | None:
    """The clock to look at: of those that run, the first to run out."""
    if alert.confirmed_at is None:
        return None
    running = (ClockState.RUNNING, ClockState.NEAR, ClockState.OVERDUE)
    return next((one for one in services.rules.clocks(alert) if one.state in running), None)


@dataclass(frozen=True, slots=True)
class Group:
    """Open lines that belong together; `title` is the court or the event's first case."""

    title: str
    lines: tuple[AlertLine, ...]


def grouped(services: Services, opened: Sequence[AlertLine], by: str) -> list[Group]:
    """`opened` by "court", "case" or "event", the group with the newest line first."""
    keys: dict[str, str] = {}
    if by == "event":
        members = services.rules.events()
        keys = {one: first for first, all_ in members.items() for one in all_}
    found: dict[str, list[AlertLine]] = {}
    for line in opened:
        key = {"court": line.court, "case": line.alert.case_id}.get(by) or keys.get(line.alert.id)
        found.setdefault(key or line.alert.id, []).append(line)
    return [
        Group(same[0].court if by == "court" else _together(same), tuple(same))
        for same in found.values()
    ]


def _together(same: Sequence[AlertLine]) -> str:
    return "、".join(dict.fromkeys(line.title for line in same))


def _number(case: Case | None) -> str:
    return case.numbers[0] if case and case.numbers else ""


def _topic(services: Services, alert: Alert) -> str:
    topics = alert.why.topics
    return topic_name(services.topics, topics[0][0]) if topics else ""


def topic_name(topics: Mapping[str, Topic], topic: str) -> str:
    """Chinese name of a topic; its id when the catalogue no longer has it."""
    found = topics.get(topic)
    return found.zh if found else topic


def split(services: Services) -> tuple[list[AlertLine], list[AlertLine]]:
    """Open lines and recently closed ones, newest first."""
    now = services.clock()
    found = {alert.id: alert for alert in services.records.alerts.open()}
    for alert in services.records.alerts.recent(_MOST):
        if (alert.closed_at or alert.last_bucket_at) >= now - CLOSED_SHOWN:
            found.setdefault(alert.id, alert)
    ordered = sorted(found.values(), key=lambda alert: alert.raised_at, reverse=True)
    shown = lines(services, ordered)
    return [line for line in shown if line.open], [line for line in shown if not line.open]


def strip(services: Services) -> list[SourceSign]:
    """Every declared source, the ones we can't see by first."""
    now = services.clock()
    order = [Health.BLIND, Health.LATE, Health.UNKNOWN, Health.SAMPLED, Health.OK]
    statuses = sorted(services.records.runs.statuses(), key=lambda one: order.index(one.health))
    hours: defaultdict[str, list[SourceHour]] = defaultdict(list)
    for hour in services.records.hours.between(now - STRIP, now):
        hours[hour.source].append(hour)
    return [source_sign(status, now, hours[status.source]) for status in statuses]


def source_sign(
    status: SourceStatus, now: datetime, hours: Sequence[SourceHour] = ()
) -> SourceSign:
    """Sign and words of one source: “✕ 失联 38 分钟”, “◐ 抽样 10%”."""
    sign, word = HEALTH[status.health]
    if status.health is Health.SAMPLED:
        word = f"{word} {status.sample_rate:.0%}"
    elif status.health is Health.UNKNOWN:
        word = "尚未运行"
    elif status.blind_since is not None:
        word = f"{word} {duration(now - status.blind_since)}"
    reason = GAPS[status.reason] if status.reason else ""
    seen = share_words(hours) if hours else ""
    return SourceSign(status.source, status.title, status.health, sign, word, reason, seen)


def summary(services: Services) -> str:
    """The one sentence of an empty feed: it says whether nothing was found or nothing was seen."""
    now = services.clock()
    statuses = post_statuses(services.records)
    if not statuses:
        return "目前没有预警；还没有登记信息源，所以没有数据"
    blind = [one for one in statuses if one.health in BLIND]
    last = max((one.last_run_at for one in statuses if one.last_run_at), default=None)
    when = f"，最近一次 {clock_time(last, now)}" if last else "，还没有运行过"
    if blind:
        names = "、".join(one.title for one in blind)
        return (
            f"目前没有预警，但 {len(blind)} 个信息源看不到：{names}{when}。"
            "恢复之前，没有预警不等于没有舆情"
        )
    fine = sum(one.health in {Health.OK, Health.SAMPLED} for one in statuses)
    return f"目前没有预警；{fine} 个信息源正常{when}"


def since_last(services: Services) -> SinceLast:
    """Alerts raised and closed, and who was blind from when to when, since the last mark."""
    now = services.clock()
    seen = services.records.marks.seen(services.viewer)
    at = seen or now - FIRST_LOOK
    recent = services.records.alerts.recent(_MOST)
    return SinceLast(
        at=at,
        marked=seen is not None,
        raised=sum(alert.raised_at > at for alert in recent),
        closed=sum(bool(alert.closed_at and alert.closed_at > at) for alert in recent),
        blind=tuple(gap_lines(post_gaps(services.records, at, now), titles(services), now)),
    )


def titles(services: Services) -> dict[str, str]:
    """Source → its title."""
    return {status.source: status.title for status in services.records.runs.statuses()}


def gap_lines(gaps: Iterable[Gap], names: Mapping[str, str], now: datetime) -> list[GapLine]:
    """“10:05–10:40 失联（超时）”, one each; open ones read “…起失联至今”."""
    return [
        GapLine(gap.source, names.get(gap.source, gap.source), _gap_words(gap, now)) for gap in gaps
    ]


def _gap_words(gap: Gap, now: datetime) -> str:
    reason = GAPS.get(gap.reason, UNKNOWN)
    if gap.end is None:
        return f"{clock_time(gap.start, now)} 起失联至今（{reason}）"
    return f"{span(gap.start, gap.end, now)} 失联（{reason}）"

"""The feed: one line per alert, the strip of sources, what happened since the last look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.display import clock_time, duration
from desk.services import Services
from desk.wording import GAPS, HEALTH, LEVELS, UNKNOWN
from domain.alerts import Alert, AlertState, Count, Level
from domain.annotation import Topic
from domain.cases import Case
from domain.protocols import Query
from domain.sources import Gap, Health, SourceStatus

HOUR = timedelta(hours=1)
#: Closed alerts stay on the feed this long.
CLOSED_SHOWN = timedelta(days=7)
#: Before anybody has marked the feed as read, “since” is a day.
FIRST_LOOK = timedelta(days=1)
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
    """One alert on the feed; `hour` is None when its case has no post in the last hour."""

    alert: Alert
    level: LevelSign
    title: str
    number: str
    hour: Count | None
    topic: str
    fresh: bool
    open: bool


@dataclass(frozen=True, slots=True)
class SourceSign:
    """One source on the strip: sign and words."""

    title: str
    health: Health
    sign: str
    words: str
    detail: str


@dataclass(frozen=True, slots=True)
class SinceLast:
    """What happened since somebody last marked the feed as read."""

    at: datetime
    marked: bool
    raised: int
    closed: int
    blind: tuple[str, ...]


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
    hours = _last_hour(services, {alert.case_id for alert in chosen}, now)
    return [
        _line(alert, cases.get(alert.case_id), hours.get(alert.case_id), services.topics, seen)
        for alert in chosen
    ]


def _last_hour(services: Services, cases: set[str], now: datetime) -> dict[str, Count]:
    query = Query(cases=tuple(sorted(cases)), since=now - HOUR, until=now)
    return {count.key[0]: count for count in services.store.counts(query, ["case"])}


def _line(
    alert: Alert,
    case: Case | None,
    hour: Count | None,
    topics: Mapping[str, Topic],
    seen: datetime | None,
) -> AlertLine:
    return AlertLine(
        alert=alert,
        level=level_sign(alert.confirmed_level or alert.level),
        title=case.title if case else alert.case_id,
        number=case.numbers[0] if case and case.numbers else "",
        hour=hour,
        topic=topic_name(topics, alert.why.topics[0][0]) if alert.why.topics else "",
        fresh=seen is not None and alert.detected_at > seen,
        open=is_open(alert),
    )


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
    ordered = sorted(found.values(), key=lambda alert: alert.detected_at, reverse=True)
    shown = lines(services, ordered)
    return [line for line in shown if line.open], [line for line in shown if not line.open]


def strip(services: Services) -> list[SourceSign]:
    """Every declared source, the ones we can't see by first."""
    now = services.clock()
    order = [Health.BLIND, Health.LATE, Health.UNKNOWN, Health.SAMPLED, Health.OK]
    statuses = sorted(services.records.runs.statuses(), key=lambda one: order.index(one.health))
    return [source_sign(status, now) for status in statuses]


def source_sign(status: SourceStatus, now: datetime) -> SourceSign:
    """Sign and words of one source: “✕ 失联 38 分钟”, “◐ 抽样 10%”."""
    sign, word = HEALTH[status.health]
    if status.health is Health.SAMPLED:
        word = f"{word} {status.sample_rate:.0%}"
    elif status.health is Health.UNKNOWN:
        word = "尚未运行"
    elif status.blind_since is not None:
        word = f"{word} {duration(now - status.blind_since)}"
    reason = GAPS[status.reason] if status.reason else ""
    return SourceSign(status.title, status.health, sign, word, reason)


def summary(services: Services) -> str:
    """The one sentence of an empty feed: it says whether nothing was found or nothing was seen."""
    now = services.clock()
    statuses = services.records.runs.statuses()
    if not statuses:
        return "目前没有预警；还没有登记信息源，所以没有数据"
    blind = [one for one in statuses if one.health in {Health.BLIND, Health.LATE}]
    last = max((one.last_run_at for one in statuses if one.last_run_at), default=None)
    when = f"，最近一次 {clock_time(last, now)}" if last else "，还没有运行过"
    if blind:
        names = "、".join(one.title for one in blind)
        return (
            f"目前没有预警，但 {len(blind)} 个信息源看不到：{names}。"
            f"它们恢复之前，没有预警不等于没有舆情{when}"
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
        raised=sum(alert.detected_at > at for alert in recent),
        closed=sum(bool(alert.closed_at and alert.closed_at > at) for alert in recent),
        blind=tuple(gap_words(gaps_of(services, at, now), titles(services), now)),
    )


def gaps_of(services: Services, since: datetime, until: datetime) -> list[Gap]:
    """Gaps that touch the time, oldest first."""
    return services.records.runs.gaps(since, until)


def titles(services: Services) -> dict[str, str]:
    """Source → its title."""
    return {status.source: status.title for status in services.records.runs.statuses()}


def gap_words(gaps: Sequence[Gap], names: Mapping[str, str], now: datetime) -> list[str]:
    """“微博推送 10:05–10:40 失联（超时）”, one each; open ones read “…起失联至今”."""
    return [_gap_words(gap, names.get(gap.source, gap.source), now) for gap in gaps]


def _gap_words(gap: Gap, title: str, now: datetime) -> str:
    start = clock_time(gap.start, now)
    reason = GAPS.get(gap.reason, UNKNOWN)
    if gap.end is None:
        return f"{title} {start} 起失联至今（{reason}）"
    return f"{title} {start}–{clock_time(gap.end, now)} 失联（{reason}）"

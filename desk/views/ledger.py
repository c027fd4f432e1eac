"""信息源台账: every declared source with its footing, its verdicts and its week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from desk.services import Services
from desk.views.feed import BLIND, SourceSign, source_sign
from desk.views.hours import Week, week_of, week_start
from domain.errors import NotFound
from domain.ledger import LedgerEntry, LedgerVersion, LicenceState, RobotsVerdict, licence_state
from domain.sources import SourceStatus
from domain.time import as_utc
from records.robots import KnownVerdict
from records.source_changes import SourceChange, Subject

#: Sign and word of a verdict.
VERDICTS: Final[dict[RobotsVerdict, tuple[str, str]]] = {
    RobotsVerdict.ALLOWED: ("●", "允许"),
    RobotsVerdict.NO_FILE: ("●", "没有 robots.txt（视为允许）"),
    RobotsVerdict.DISALLOWED: ("✕", "不允许"),
    RobotsVerdict.UNREACHABLE: ("✕", "取不到（视为不允许）"),
    RobotsVerdict.GRANTED: ("●", "凭书面授权，不问"),
    RobotsVerdict.NOT_CRAWLED: ("○", "不适用（文件导入）"),
}
LICENCES: Final[dict[LicenceState, tuple[str, str]]] = {
    LicenceState.NONE_NEEDED: ("○", "无需授权编号"),
    LicenceState.VALID: ("●", "有效"),
    LicenceState.ENDING: ("◔", "将到期"),
    LicenceState.EXPIRED: ("✕", "已到期，停止采集"),
}
#: Names of an entry's fields, for the history.
FIELDS: Final[dict[str, str]] = {
    "title": "名称", "platform": "平台", "kind": "类型", "basis": "采集依据", "owner": "责任人",
    "license_ref": "授权编号", "license_until": "授权截止", "robots": "robots 方式",
    "retention": "保存期限", "sample_rate": "采样", "credentials": "凭据变量",
    "addresses": "采集地址", "enabled": "启用", "declared_in": "声明文件",
}  # fmt: skip
CHANGES: Final[dict[Subject, tuple[str, str]]] = {
    Subject.SILENCE: ("失联", "恢复"),
    Subject.VOLUME: ("数量偏少", "数量恢复"),
    Subject.LICENCE: ("授权到期", "授权恢复"),
    Subject.NOTICE: ("授权将到期", "授权已续"),
    Subject.ROBOTS: ("robots.txt 不允许", "robots.txt 恢复允许"),
}


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One source.

    Attributes:
        status, sign: None for a source that is switched off.
        newest: publication of its newest post.
    """

    entry: LedgerEntry
    licence: tuple[str, str]
    verdicts: tuple[KnownVerdict, ...]
    week: Week
    status: SourceStatus | None
    sign: SourceSign | None
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class SourcePage:
    """Everything about one source."""

    line: LedgerLine
    history: tuple[LedgerVersion, ...]
    verdicts: tuple[KnownVerdict, ...]
    changes: tuple[SourceChange, ...]


def lines(services: Services) -> list[LedgerLine]:
    """Every declared source: those we can't see by first, the disabled ones last."""
    found = _lines(services, services.records.ledger.entries())
    return sorted(found, key=_place)


def page(services: Services, source: str) -> SourcePage:
    """One source, also one that is no longer declared.

    Raises:
        NotFound: the ledger never had it.
    """
    history = services.records.ledger.history(source)
    entries = [version.entry for version in history if version.entry is not None]
    if not entries:
        raise NotFound("没有这个信息源", remedy="回到信息源页，从列表中选择")
    (line,) = _lines(services, [entries[-1]])
    now = services.clock()
    changes = services.records.source_changes.between(as_utc(line.week.since), now, source)
    return SourcePage(
        line=line,
        history=tuple(reversed(history)),
        verdicts=tuple(services.records.robots.history(source)),
        changes=tuple(reversed(changes)),
    )


def _place(line: LedgerLine) -> tuple[int, str]:
    if line.status is None:
        return 2, line.entry.source
    return (0 if line.status.health in BLIND else 1), line.entry.source


def _lines(services: Services, entries: Iterable[LedgerEntry]) -> list[LedgerLine]:
    entries, now, records = list(entries), services.clock(), services.records
    statuses = {status.source: status for status in records.runs.statuses()}
    verdicts = records.robots.newest()
    hours = records.hours.between(as_utc(week_start(now)), now)
    newest = services.store.newest([one.source for one in entries if one.source in statuses])
    found = []
    for entry in entries:
        name = entry.source
        status = statuses.get(name)
        found.append(
            LedgerLine(
                entry=entry,
                licence=LICENCES[licence_state(entry.license_ref, entry.license_until, now)],
                verdicts=tuple(one for one in verdicts if one.source == name),
                week=week_of([hour for hour in hours if hour.source == name], now),
                status=status,
                sign=source_sign(status, now) if status else None,
                newest=newest.get(name),
            )
        )
    return found

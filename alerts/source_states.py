"""What a source looks like now, in each respect in which the office is told of a change.

Each answer is good, bad since when, or None: not to be judged now, which changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from domain.hours import HOUR, Basis, HourState, SourceHour
from domain.ledger import (
    LICENCE_NOTICE,
    PERMITTED,
    LedgerEntry,
    LicenceState,
    RobotsVerdict,
    licence_state,
)
from domain.sources import GapReason, Health, SourceStatus
from domain.time import SHANGHAI, as_utc
from records import Records
from records.robots import KnownVerdict
from records.source_changes import Subject

#: Hours in a row that make "far fewer than usual", and that end it [D]: one may be chance.
HOURS_IN_A_ROW = 2
_LOOK_BACK = 12 * HOUR
_SILENT = frozenset({Health.BLIND, Health.LATE})
#: Told under subjects of their own, with what to do.
_ELSEWHERE = frozenset({GapReason.LICENCE_EXPIRED, GapReason.ROBOTS})
_QUIET_VERDICTS = PERMITTED | {RobotsVerdict.NOT_CRAWLED}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a source now.

    Attributes:
        since: when what is bad began; of what is good, now.
        detail: one line for the press office.
    """

    source: str
    subject: Subject
    bad: bool
    since: datetime
    reason: GapReason | None = None
    detail: str = ""


def look(records: Records, at: datetime) -> Iterator[Seen]:
    """Everything that can be judged at `at`."""
    verdicts = records.robots.newest()
    entries = {entry.source: entry for entry in records.ledger.entries() if entry.enabled}
    hours = records.hours.between(at - _LOOK_BACK, at)
    for status in records.runs.statuses():
        name = status.source
        answers = (
            silence(status, at),
            volume([hour for hour in hours if hour.source == name], at),
            robots([one for one in verdicts if one.source == name], at),
            *(licence(entries[name], at) if name in entries else ()),
        )
        yield from (answer for answer in answers if answer is not None)


def silence(status: SourceStatus, at: datetime) -> Seen | None:
    """Blind or late; what its licence or robots.txt stops is told as that."""
    if status.health is Health.UNKNOWN or status.reason in _ELSEWHERE:
        return None
    if status.health in _SILENT and status.blind_since is not None:
        reason = status.reason or GapReason.NOT_RUN
        return Seen(status.source, Subject.SILENCE, True, status.blind_since, reason, status.detail)
    return Seen(status.source, Subject.SILENCE, False, at)


def volume(hours: Sequence[SourceHour], at: datetime) -> Seen | None:
    """Far fewer than usual in the last hours that are over; blind ones say nothing."""
    last = [hour for hour in hours if hour.settled][-HOURS_IN_A_ROW:]
    if len(last) < HOURS_IN_A_ROW or any(hour.basis is not Basis.PAST for hour in last):
        return None
    if any(hour.state in (HourState.BLIND, HourState.PARTIAL) for hour in last):
        return None
    thin = [hour.state is HourState.THIN for hour in last]
    if any(thin) and not all(thin):
        return None
    if not any(thin):
        return Seen(last[0].source, Subject.VOLUME, False, at)
    expected = sum(hour.expected or 0 for hour in last)
    words = (
        f"近 {len(last)} 小时 {sum(hour.scaled for hour in last):.0f} 帖，"
        f"往周同一时段 {expected:.0f} 帖，请核对检索词和页面"
    )
    return Seen(
        last[0].source, Subject.VOLUME, True, last[0].start, GapReason.BELOW_EXPECTATION, words
    )


def robots(verdicts: Sequence[KnownVerdict], at: datetime) -> Seen | None:
    """Whether robots.txt forbids an address we ask; unreachable is an outage, not a verdict."""
    forbidden = [one for one in verdicts if one.reading.verdict is RobotsVerdict.DISALLOWED]
    if forbidden:
        first = min(forbidden, key=lambda one: one.since)
        paths = "、".join(first.reading.disallowed[:3])
        words = f"{first.reading.address} 不允许采集 {paths}，已停止，请改用其他来源或取得授权"
        return Seen(first.source, Subject.ROBOTS, True, first.since, GapReason.ROBOTS, words)
    if not verdicts or any(one.reading.verdict not in _QUIET_VERDICTS for one in verdicts):
        return None
    return Seen(verdicts[0].source, Subject.ROBOTS, False, at)


def licence(entry: LedgerEntry, at: datetime) -> Iterator[Seen]:
    """Expired, and ending soon: the latter is not judged once it has expired."""
    state = licence_state(entry.license_ref, entry.license_until, at)
    until = entry.license_until
    if until is None or state is LicenceState.VALID:
        yield Seen(entry.source, Subject.LICENCE, False, at)
        yield Seen(entry.source, Subject.NOTICE, False, at)
        return
    midnight = as_utc(datetime.combine(until + timedelta(days=1), time(), SHANGHAI))
    named = f"授权{f'（{entry.license_ref}）' if entry.license_ref else ''}"
    if state is LicenceState.EXPIRED:
        words = f"{named}已于 {until} 到期，已停止采集；续签后在声明文件中更新 license_until"
        yield Seen(entry.source, Subject.LICENCE, True, midnight, GapReason.LICENCE_EXPIRED, words)
        return
    yield Seen(entry.source, Subject.LICENCE, False, at)
    words = f"{named}将于 {until} 到期，逾期自动停止采集，请安排续签"
    yield Seen(entry.source, Subject.NOTICE, True, midnight - LICENCE_NOTICE, None, words)

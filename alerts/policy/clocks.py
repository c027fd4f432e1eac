"""Clocks of an alert: when they started, when they run out, what stopped them.

A clock starts when a person first confirms the alert (practice.md §2); a delay before that stays
visible in `first_published_at` and `detected_at`. A clock binds the levels and platforms it names;
the level is the confirmed one, and an alert is of a platform when posts of it are in the episode.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from alerts.policy.settings import ClockRule, PolicySettings
from alerts.workdays import Workdays
from domain.alerts import Alert, AlertState
from domain.policy import Act, ClockReading, ClockState
from domain.time import SHANGHAI, as_utc

_DAY = timedelta(days=1)


def read_clocks(
    alert: Alert, acts: Iterable[Act], settings: PolicySettings, now: datetime
) -> tuple[ClockReading, ...]:
    """The clocks that bind `alert` at `now`, the first to run out first.

    A dismissed alert has none; one that nobody confirmed shows those of its proposed level, waiting.
    """
    if alert.state is AlertState.DISMISSED:
        return ()
    standing = [act for act in acts if act.withdrawn_at is None]
    workdays = settings.workdays()
    readings = [
        _read(rule, alert, standing, workdays, now)
        for rule in settings.clocks
        if _binds(rule, alert)
    ]
    return tuple(sorted(readings, key=lambda one: one.due_at or now + 1000 * _DAY))


def _binds(rule: ClockRule, alert: Alert) -> bool:
    seen = {platform for platform, _ in alert.why.platforms}
    if rule.platforms and not seen & {platform.value for platform in rule.platforms}:
        return False
    return (alert.confirmed_level or alert.level) in rule.levels


def _read(
    rule: ClockRule, alert: Alert, acts: Sequence[Act], workdays: Workdays, now: datetime
) -> ClockReading:
    start = alert.confirmed_at
    if start is None:
        return ClockReading(rule.id, rule.zh, rule.source, ClockState.WAITING)
    due, missing = _due(rule, start, workdays)
    warn = max(due - timedelta(minutes=rule.warn_minutes), start)
    # What was published before the confirmation answers it too; before the episode nothing does.
    met = min(
        (act.at for act in acts if act.kind in rule.met_by and act.at >= alert.raised_at),
        default=None,
    )
    if met is not None:
        state = ClockState.MET if met < due else ClockState.LATE
    elif now >= due:
        state = ClockState.OVERDUE
    else:
        state = ClockState.NEAR if now >= warn else ClockState.RUNNING
    return ClockReading(rule.id, rule.zh, rule.source, state, start, warn, due, met, missing)


def _due(rule: ClockRule, start: datetime, workdays: Workdays) -> tuple[datetime, bool]:
    if rule.hours is not None:
        return start + timedelta(hours=rule.hours), False
    assert rule.working_days is not None
    return working_deadline(start, rule.working_days, workdays)


def working_deadline(start: datetime, days: int, workdays: Workdays) -> tuple[datetime, bool]:
    """End of the `days`-th working day after that of `start`, and whether a table is missing.

    The day on which it starts isn't counted (民事诉讼法 85, by analogy). The end is the first
    instant of the day after, in Asia/Shanghai.
    """
    day, left, known = start.astimezone(SHANGHAI).date(), days, True
    while left:
        day += _DAY
        left -= workdays.works(day)
        known = known and year_known(workdays, day.year)
    return as_utc(datetime.combine(day + _DAY, time(), SHANGHAI)), not known


def year_known(workdays: Workdays, year: int) -> bool:
    """Whether the holidays of `year` are known: from the library, or days off in the settings."""
    named = any(day.year == year and not works for day, works in workdays.added.items())
    return named or Workdays().known(date(year, 1, 4))

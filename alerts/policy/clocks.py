"""Clocks of an alert: when they started, when they run out, what stopped them.

A clock starts when a person first confirms the alert (practice.md §2); a delay before that stays
visible in `first_published_at` and `detected_at`. A clock binds the levels and platforms it names;
the level is the confirmed one, and an alert is of a platform when posts of it are in the episode.
What was owed when an alert closed is still owed after a relapse: an unmet clock runs on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from alerts.policy.settings import ClockRule, PolicySettings
from alerts.workdays import Workdays
from domain.alerts import Alert, AlertState, Level
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
    level = alert.confirmed_level or alert.level
    readings = {
        rule.id: _read(rule, alert.confirmed_at, alert.raised_at, standing, workdays, now)
        for rule in settings.clocks
        if _binds(rule, alert, level)
    }
    if (earlier := alert.earlier) is not None:
        for rule in settings.clocks:
            if _binds(rule, alert, earlier.level):
                old = _read(rule, earlier.at, earlier.raised_at, standing, workdays, now)
                if old.met_at is None:
                    readings[rule.id] = old
    return tuple(sorted(readings.values(), key=lambda one: one.due_at or now + 1000 * _DAY))


def _binds(rule: ClockRule, alert: Alert, level: Level) -> bool:
    seen = {platform for platform, _ in alert.why.platforms}
    if rule.platforms and not seen & {platform.value for platform in rule.platforms}:
        return False
    return level in rule.levels


def _read(
    rule: ClockRule,
    start: datetime | None,
    raised_at: datetime,
    acts: Sequence[Act],
    workdays: Workdays,
    now: datetime,
) -> ClockReading:
    """One clock of the episode that came up at `raised_at` and was confirmed at `start`."""
    if start is None:
        return ClockReading(rule.id, rule.zh, rule.source, ClockState.WAITING)
    due, missing = _due(rule, start, workdays)
    warn = max(due - timedelta(minutes=rule.warn_minutes), start)
    # What was published before the confirmation answers it too; before the episode nothing does.
    met = min(
        (act.at for act in acts if act.kind in rule.met_by and act.at >= raised_at),
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

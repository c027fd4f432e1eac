"""What a person may do to an alert, as pure functions: alert, now → alert, or `NotAllowed`.

proposed → confirmed | dismissed → closed, and back to proposed by a relapse. A dismissed alert stays
dismissed when its episode ends (`closed_at` says that it ended), so that precision can be measured
later. Only a reason undoes a person's word, and nothing here decides without a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.alerts import Alert, AlertState, Confirmation, Level
from domain.errors import NotAllowed

Change = Callable[[Alert, datetime], Alert]

#: Characters of a name that the records keep.
LONGEST_NAME = 64
#: An episode ends when the threshold wasn't reached for this long (docs/detection.md).
QUIET = timedelta(hours=6)


def confirm(level: Level, reason: str, by: str = "") -> Change:
    """A person's level. A level other than the proposed one, or than their last, needs a reason."""

    def change(alert: Alert, now: datetime) -> Alert:
        _must_be_open(alert, "confirm")
        if alert.state is AlertState.DISMISSED:
            raise _forbidden(alert, "confirm", "reopen it first")
        if alert.confirmed_level is level and alert.confirmed_from in (None, alert.level):
            return alert
        if level is not alert.level or alert.confirmed_level is not None:
            _needs(reason, alert, "a level other than the proposed or confirmed one")
        return replace(
            alert,
            state=AlertState.CONFIRMED,
            confirmed_level=level,
            confirmed_at=alert.confirmed_at or now,
            confirmed_by=by.strip()[:LONGEST_NAME],
            confirmed_from=alert.level,
            acknowledged_at=alert.acknowledged_at or now,
            acknowledged_by=alert.acknowledged_by
            if alert.acknowledged_at
            else by.strip()[:LONGEST_NAME],
        )

    return change


def dismiss(reason: str) -> Change:
    """Not an event for this court, in a person's view; the reason is kept with the alert."""

    def change(alert: Alert, _now: datetime) -> Alert:
        _needs(reason, alert, "dismissing")
        _must_be_open(alert, "dismiss")
        if alert.state is AlertState.DISMISSED:
            raise _forbidden(alert, "dismiss", "it is dismissed already")
        return replace(alert, state=AlertState.DISMISSED, reason=reason.strip())

    return change


def acknowledge(by: str = "") -> Change:
    """Somebody is looking at it; the first time counts."""

    def change(alert: Alert, now: datetime) -> Alert:
        _must_be_open(alert, "acknowledge")
        if alert.acknowledged_at:
            return alert
        return replace(alert, acknowledged_at=now, acknowledged_by=by.strip()[:LONGEST_NAME])

    return change


def reopen(reason: str) -> Change:
    """Undo a dismissal, or a person's closing while the episode lasts."""

    def change(alert: Alert, now: datetime) -> Alert:
        _needs(reason, alert, "reopening")
        over = alert.last_bucket_at + QUIET < now
        if alert.state is AlertState.DISMISSED:
            state = AlertState.CLOSED if alert.closed_at else _open_state(alert)
            return replace(alert, state=state, reason="")
        if alert.state is AlertState.CLOSED and not over:
            return replace(alert, state=_open_state(alert), closed_at=None, reason="")
        if alert.state is AlertState.CLOSED:
            raise _forbidden(alert, "reopen", "its episode is over; a new rise makes a new alert")
        raise _forbidden(alert, "reopen", "it is open")

    return change


def close(reason: str) -> Change:
    """A person ends it early; the same episode is not raised again."""

    def change(alert: Alert, now: datetime) -> Alert:
        _needs(reason, alert, "closing")
        _must_be_open(alert, "close")
        kept = alert.state is AlertState.DISMISSED
        return replace(
            alert,
            state=alert.state if kept else AlertState.CLOSED,
            closed_at=now,
            reason=alert.reason if kept else reason.strip(),
        )

    return change


def expire(at: datetime) -> Change:
    """The episode is over (no person involved)."""

    def change(alert: Alert, _now: datetime) -> Alert:
        if alert.closed_at is not None:
            return alert
        kept = alert.state is AlertState.DISMISSED
        return replace(alert, state=alert.state if kept else AlertState.CLOSED, closed_at=at)

    return change


def resume() -> Change:
    """Late posts show that an episode wasn't over; never against a person's closing."""

    def change(alert: Alert, _now: datetime) -> Alert:
        if alert.closed_at is None or closed_by_person(alert):
            return alert
        kept = alert.state is AlertState.DISMISSED
        return replace(alert, state=alert.state if kept else _open_state(alert), closed_at=None)

    return change


def relapse(fresh: Alert) -> Change:
    """A closed alert comes back with a new episode; `fresh` holds what detection knows of that."""

    def change(alert: Alert, now: datetime) -> Alert:
        if alert.state is not AlertState.CLOSED:
            return alert
        return replace(
            alert,
            state=AlertState.PROPOSED,
            level=fresh.level,
            first_published_at=fresh.first_published_at,
            last_bucket_at=fresh.last_bucket_at,
            why=fresh.why,
            confirmed_level=None,
            confirmed_at=None,
            confirmed_by="",
            acknowledged_at=None,
            acknowledged_by="",
            closed_at=None,
            reason="",
            relapses=alert.relapses + 1,
            relapsed_at=now,
            began_at=alert.began_at or alert.why.window_start,
            confirmed_from=None,
            earlier=_confirmation(alert) or alert.earlier,
        )

    return change


def _confirmation(alert: Alert) -> Confirmation | None:
    if alert.confirmed_at is None or alert.confirmed_level is None:
        return None
    return Confirmation(alert.confirmed_level, alert.confirmed_at, alert.raised_at)


def closed_by_person(alert: Alert) -> bool:
    """Whether a person closed it: then there is a reason, which the program never gives."""
    return alert.state is AlertState.CLOSED and bool(alert.reason)


def _open_state(alert: Alert) -> AlertState:
    return AlertState.CONFIRMED if alert.confirmed_level else AlertState.PROPOSED


def _must_be_open(alert: Alert, action: str) -> None:
    if alert.closed_at is not None:
        raise _forbidden(alert, action, "it is closed; reopen it while its episode lasts")


def _needs(reason: str, alert: Alert, what: str) -> None:
    if not reason.strip():
        raise NotAllowed(f"{what} needs a reason", remedy="say why in one sentence", where=alert.id)


def _forbidden(alert: Alert, action: str, remedy: str) -> NotAllowed:
    return NotAllowed(
        f"can't {action} an alert that is {alert.state.value}", remedy=remedy, where=alert.id
    )

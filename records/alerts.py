"""Alerts and what happened to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from domain.alerts import Alert, AlertState, Level, Why
from domain.errors import NotFound, StoreFailure
from domain.time import Clock
from records import transitions
from records.codec import from_json, to_json
from records.models import AlertEventRow, AlertRow

#: Attempts to write a change while others change the same alert.
_TRIES = 5


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """One line of an alert's history. `id` grows; pages stream what is newer than the last seen."""

    id: int
    alert_id: str
    at: datetime
    kind: str
    detail: str


class AlertRecords:
    """Alerts by id, with an event for everything a person would want to know.

    Detection and people write different columns (`refresh` and the actions), so neither undoes
    the other; two people are kept apart by `revision`.
    """

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def save(self, alert: Alert, event: str, detail: str = "") -> None:
        """Insert or replace `alert` and append `event` ("raised", "grew", "confirmed", …)."""
        now = self._clock()
        with self._sessions.begin() as session:
            row = session.get(AlertRow, alert.id)
            if row is None:
                row = AlertRow(id=alert.id)
                session.add(row)
            _fill(row, alert)
            row.updated_at = now
            session.add(AlertEventRow(alert_id=alert.id, at=now, kind=event, detail=detail))

    def add(self, alert: Alert, event: str, detail: str = "") -> bool:
        """Insert `alert` with its first event; False when its id is known already."""
        row = AlertRow(id=alert.id)
        _fill(row, alert)
        row.updated_at = now = self._clock()
        try:
            with self._sessions.begin() as session:
                session.add(row)
                session.add(AlertEventRow(alert_id=alert.id, at=now, kind=event, detail=detail))
        except IntegrityError:
            return False
        return True

    def refresh(self, alert: Alert, detail: str = "") -> None:
        """Write what detection knows (level, window, why); with `detail`, also the event "grew".

        Raises:
            NotFound: no such alert.
        """
        now = self._clock()
        with self._sessions.begin() as session:
            row = _row(session, alert.id)
            row.level, row.why, row.updated_at = alert.level, to_json(alert.why), now
            row.first_published_at = alert.first_published_at
            row.last_bucket_at = alert.last_bucket_at
            if detail:
                session.add(AlertEventRow(alert_id=alert.id, at=now, kind="grew", detail=detail))

    def confirm(self, alert_id: str, level: Level, reason: str = "") -> Alert:
        """A person's level; a reason is needed when it differs from the proposed one.

        Raises:
            NotFound: no such alert.
            NotAllowed: the alert is closed or dismissed, or the reason is missing.
        """
        words = f"{level.value}：{reason.strip()}" if reason.strip() else level.value
        return self._act(alert_id, transitions.confirm(level, reason), "confirmed", words)

    def dismiss(self, alert_id: str, reason: str) -> Alert:
        """Not an event for this court; raises as `confirm` does."""
        return self._act(alert_id, transitions.dismiss(reason), "dismissed", reason.strip())

    def acknowledge(self, alert_id: str) -> Alert:
        """Somebody is looking at it; a second time changes nothing; raises as `confirm` does."""
        return self._act(alert_id, transitions.acknowledge(), "acknowledged")

    def reopen(self, alert_id: str, reason: str) -> Alert:
        """Undo a dismissal, or a closing while the episode lasts; raises as `confirm` does."""
        return self._act(alert_id, transitions.reopen(reason), "reopened", reason.strip())

    def close(self, alert_id: str, reason: str) -> Alert:
        """End it early; its episode is not raised again; raises as `confirm` does."""
        return self._act(alert_id, transitions.close(reason), "closed", reason.strip())

    def expire(self, alert_id: str, detail: str) -> Alert:
        """The episode is over by itself; nothing happens to a closed alert."""
        return self._act(alert_id, transitions.expire(self._clock()), "closed", detail)

    def resume(self, alert_id: str, detail: str) -> Alert:
        """The episode goes on after all; nothing happens to one that a person closed."""
        return self._act(alert_id, transitions.resume(), "grew", detail)

    def get(self, alert_id: str) -> Alert:
        """One alert.

        Raises:
            NotFound: no such alert.
        """
        with self._sessions() as session:
            return _alert(_row(session, alert_id))

    def open(self, case_id: str | None = None) -> list[Alert]:
        """Alerts whose episode isn't closed, dismissed ones included, newest first."""
        statement = select(AlertRow).where(AlertRow.closed_at.is_(None))
        if case_id is not None:
            statement = statement.where(AlertRow.case_id == case_id)
        return self._alerts(statement.order_by(AlertRow.detected_at.desc(), AlertRow.id))

    def recent(self, limit: int = 100, case_id: str | None = None) -> list[Alert]:
        """The newest alerts in any state."""
        statement = select(AlertRow)
        if case_id is not None:
            statement = statement.where(AlertRow.case_id == case_id)
        statement = statement.order_by(AlertRow.detected_at.desc(), AlertRow.id).limit(limit)
        return self._alerts(statement)

    def between(self, since: datetime, until: datetime) -> list[Alert]:
        """Alerts whose episode touched since ≤ t < until, oldest first."""
        statement = (
            select(AlertRow)
            .where(AlertRow.first_published_at < until)
            .where(or_(AlertRow.last_bucket_at >= since, AlertRow.detected_at >= since))
            .order_by(AlertRow.detected_at, AlertRow.id)
        )
        return self._alerts(statement)

    def events_after(self, event_id: int, limit: int = 200) -> list[AlertEvent]:
        """Events newer than `event_id`, oldest first."""
        statement = (
            select(AlertEventRow).where(AlertEventRow.id > event_id).order_by(AlertEventRow.id)
        )
        return self._events(statement.limit(limit))

    def history(self, alert_id: str) -> list[AlertEvent]:
        """All events of one alert, oldest first."""
        statement = select(AlertEventRow).where(AlertEventRow.alert_id == alert_id)
        return self._events(statement.order_by(AlertEventRow.id))

    def last_event_id(self) -> int:
        """Id of the newest event, 0 when there is none."""
        with self._sessions() as session:
            return session.scalar(select(func.max(AlertEventRow.id))) or 0

    def _act(
        self, alert_id: str, change: transitions.Change, event: str, detail: str = ""
    ) -> Alert:
        """Write what `change` makes of the alert, unless somebody was faster; then look again."""
        for _ in range(_TRIES):
            now = self._clock()
            with self._sessions.begin() as session:
                before = _alert(_row(session, alert_id))
                after = change(before, now)
                if after == before:
                    return before
                after = replace(after, revision=before.revision + 1)
                written = session.execute(
                    update(AlertRow)
                    .where(AlertRow.id == alert_id, AlertRow.revision == before.revision)
                    .values(**_decision(after), updated_at=now)
                    .execution_options(synchronize_session=False)
                    .returning(AlertRow.id)
                ).first()
                if written is not None:
                    session.add(AlertEventRow(alert_id=alert_id, at=now, kind=event, detail=detail))
                    return after
        raise StoreFailure(
            "the alert kept changing while it was written", remedy="try again", where=alert_id
        )

    def _alerts(self, statement: Select[AlertRow]) -> list[Alert]:
        with self._sessions() as session:
            return [_alert(row) for row in session.scalars(statement)]

    def _events(self, statement: Select[AlertEventRow]) -> list[AlertEvent]:
        with self._sessions() as session:
            return [
                AlertEvent(row.id, row.alert_id, row.at, row.kind, row.detail)
                for row in session.scalars(statement)
            ]


def _row(session: Session, alert_id: str) -> AlertRow:
    row = session.get(AlertRow, alert_id)
    if row is None:
        raise NotFound(f"no alert {alert_id!r}", remedy="courtpulse alerts list shows them")
    return row


def _decision(alert: Alert) -> dict[str, object]:
    """The columns that actions write; detection's are left alone."""
    return {
        "state": alert.state,
        "confirmed_level": alert.confirmed_level,
        "confirmed_at": alert.confirmed_at,
        "acknowledged_at": alert.acknowledged_at,
        "closed_at": alert.closed_at,
        "reason": alert.reason,
        "revision": alert.revision,
    }


def _fill(row: AlertRow, alert: Alert) -> None:
    row.case_id, row.state, row.level = alert.case_id, alert.state, alert.level
    row.confirmed_level = alert.confirmed_level
    row.first_published_at, row.detected_at = alert.first_published_at, alert.detected_at
    row.last_bucket_at, row.closed_at = alert.last_bucket_at, alert.closed_at
    row.confirmed_at, row.acknowledged_at = alert.confirmed_at, alert.acknowledged_at
    row.reason, row.revision, row.why = alert.reason, alert.revision, to_json(alert.why)


def _alert(row: AlertRow) -> Alert:
    return Alert(
        id=row.id,
        case_id=row.case_id,
        state=AlertState(row.state),
        level=Level(row.level),
        first_published_at=row.first_published_at,
        detected_at=row.detected_at,
        last_bucket_at=row.last_bucket_at,
        why=from_json(Why, row.why),
        confirmed_level=Level(row.confirmed_level) if row.confirmed_level else None,
        confirmed_at=row.confirmed_at,
        acknowledged_at=row.acknowledged_at,
        closed_at=row.closed_at,
        reason=row.reason,
        revision=row.revision,
    )

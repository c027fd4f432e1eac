"""Alerts and what happened to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from domain.alerts import Alert, Level
from domain.errors import NotFound, StoreFailure
from domain.time import Clock
from records import transitions
from records.alert_rows import decision_columns, detection_columns, fill, read_alert
from records.codec import to_json
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
    made_by: str = ""


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
            fill(row, alert)
            row.updated_at = now
            session.add(AlertEventRow(alert_id=alert.id, at=now, kind=event, detail=detail))

    def add(self, alert: Alert, event: str, detail: str = "") -> bool:
        """Insert `alert` with its first event; False when its id is known already."""
        row = AlertRow(id=alert.id)
        fill(row, alert)
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

    def relapse(self, fresh: Alert, detail: str) -> Alert:
        """Reopen a closed alert for a new episode: what detection knows of it is in `fresh`.

        It is proposed again; confirmation and acknowledgement are asked for anew. An alert that
        is open (somebody was faster) or dismissed is left as it is; raises as `confirm` does.
        """
        return self._act(fresh.id, transitions.relapse(fresh), "relapsed", detail, detected=True)

    def confirm(self, alert_id: str, level: Level, reason: str = "", by: str = "") -> Alert:
        """A person's level; a reason is needed when it differs from the proposed one.

        Args:
            by: who does it, as they give their name; so for the other actions.

        Raises:
            NotFound: no such alert.
            NotAllowed: the alert is closed or dismissed, or the reason is missing.
        """
        words = f"{level.value}：{reason.strip()}" if reason.strip() else level.value
        change = transitions.confirm(level, reason, by)
        return self._act(alert_id, change, "confirmed", words, by)

    def dismiss(self, alert_id: str, reason: str, by: str = "") -> Alert:
        """Not an event for this court; raises as `confirm` does."""
        return self._act(alert_id, transitions.dismiss(reason), "dismissed", reason.strip(), by)

    def acknowledge(self, alert_id: str, by: str = "") -> Alert:
        """Somebody is looking at it; a second time changes nothing; raises as `confirm` does."""
        return self._act(alert_id, transitions.acknowledge(by), "acknowledged", "", by)

    def reopen(self, alert_id: str, reason: str, by: str = "") -> Alert:
        """Undo a dismissal, or a closing while the episode lasts; raises as `confirm` does."""
        return self._act(alert_id, transitions.reopen(reason), "reopened", reason.strip(), by)

    def close(self, alert_id: str, reason: str, by: str = "") -> Alert:
        """End it early; its episode is not raised again; raises as `confirm` does."""
        return self._act(alert_id, transitions.close(reason), "closed", reason.strip(), by)

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
            return read_alert(_row(session, alert_id))

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

    def confirmed_since(self, since: datetime) -> list[Alert]:
        """Alerts a person confirmed at or after `since`, in the present episode or before."""
        statement = select(AlertRow).where(
            or_(AlertRow.confirmed_at >= since, AlertRow.earlier.is_not(None))
        )
        found = self._alerts(statement.order_by(AlertRow.detected_at, AlertRow.id))
        return [
            alert
            for alert in found
            if (alert.confirmed_at and alert.confirmed_at >= since)
            or (alert.earlier and alert.earlier.at >= since)
        ]

    def events_of(self, kinds: Sequence[str], since: datetime) -> list[AlertEvent]:
        """Events of these kinds at or after `since`, oldest first."""
        statement = select(AlertEventRow).where(
            AlertEventRow.kind.in_(tuple(kinds)), AlertEventRow.at >= since
        )
        return self._events(statement.order_by(AlertEventRow.id))

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
        self,
        alert_id: str,
        change: transitions.Change,
        event: str,
        detail: str = "",
        by: str = "",
        *,
        detected: bool = False,
    ) -> Alert:
        """Write what `change` makes of the alert, unless somebody was faster; then look again."""
        name = by.strip()[: transitions.LONGEST_NAME]
        for _ in range(_TRIES):
            now = self._clock()
            with self._sessions.begin() as session:
                before = read_alert(_row(session, alert_id))
                after = change(before, now)
                if after == before:
                    return before
                after = replace(after, revision=before.revision + 1)
                written = session.execute(
                    update(AlertRow)
                    .where(AlertRow.id == alert_id, AlertRow.revision == before.revision)
                    .values(
                        **decision_columns(after),
                        **(detection_columns(after) if detected else {}),
                        updated_at=now,
                    )
                    .execution_options(synchronize_session=False)
                    .returning(AlertRow.id)
                ).first()
                if written is not None:
                    session.add(
                        AlertEventRow(
                            alert_id=alert_id, at=now, kind=event, detail=detail, made_by=name
                        )
                    )
                    return after
        raise StoreFailure(
            "the alert kept changing while it was written", remedy="try again", where=alert_id
        )

    def _alerts(self, statement: Select[AlertRow]) -> list[Alert]:
        with self._sessions() as session:
            return [read_alert(row) for row in session.scalars(statement)]

    def _events(self, statement: Select[AlertEventRow]) -> list[AlertEvent]:
        with self._sessions() as session:
            return [
                AlertEvent(row.id, row.alert_id, row.at, row.kind, row.detail, row.made_by or "")
                for row in session.scalars(statement)
            ]


def _row(session: Session, alert_id: str) -> AlertRow:
    row = session.get(AlertRow, alert_id)
    if row is None:
        raise NotFound(f"no alert {alert_id!r}", remedy="courtpulse alerts list shows them")
    return row

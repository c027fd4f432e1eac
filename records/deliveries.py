"""Outbox of notifications: written with the alert, sent afterwards, retried until taken or dead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from domain.alerts import Notification
from domain.time import Clock
from records.codec import from_json, to_json
from records.models import DeliveryRow


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification on its way through one channel; state is waiting, sent or dead."""

    notification: Notification
    channel: str
    state: str
    attempts: int
    next_at: datetime
    error: str


class DeliveryRecords:
    """Deliveries by (key, channel). Putting a known one changes nothing."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def put(self, notification: Notification, channel: str) -> bool:
        """Queue for `channel`; False when it was queued before."""
        now = self._clock()
        row = DeliveryRow(
            key=notification.key,
            channel=channel,
            state="waiting",
            attempts=0,
            created_at=now,
            next_at=now,
            notification=to_json(notification),
        )
        with self._sessions() as session:
            if session.get(DeliveryRow, (notification.key, channel)) is not None:
                return False
        try:
            with self._sessions.begin() as session:
                session.add(row)
        except IntegrityError:
            return False  # another process queued it between the look and the write
        return True

    def due(self) -> list[Delivery]:
        """Waiting deliveries whose time has come, oldest first."""
        return self._where(DeliveryRow.state == "waiting", DeliveryRow.next_at <= self._clock())

    def dead(self) -> list[Delivery]:
        """Deliveries given up; a person may send them again."""
        return self._where(DeliveryRow.state == "dead")

    def mark(
        self,
        key: str,
        channel: str,
        state: str,
        *,
        next_at: datetime | None = None,
        error: str = "",
    ) -> None:
        """Note the outcome of one attempt."""
        with self._sessions.begin() as session:
            row = session.get_one(DeliveryRow, (key, channel))
            row.state, row.error, row.attempts = state, error, row.attempts + 1
            if next_at is not None:
                row.next_at = next_at

    def _where(self, *conditions: ColumnElement[bool]) -> list[Delivery]:
        statement = select(DeliveryRow).where(*conditions).order_by(DeliveryRow.created_at)
        with self._sessions() as session:
            return [
                Delivery(
                    from_json(Notification, row.notification),
                    row.channel,
                    row.state,
                    row.attempts,
                    row.next_at,
                    row.error,
                )
                for row in session.scalars(statement)
            ]

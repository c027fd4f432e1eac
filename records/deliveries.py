"""Outbox of notifications: written with the decision, sent afterwards, tried until taken or dead.

waiting → sending → sent | waiting (to be tried again) | dead. A delivery found "sending" by whoever
holds its channel's lock was left by a process that died: whether the receiver has it is unknown,
and it is due again at `next_at`, when the channel's window is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from domain.alerts import Notification
from domain.errors import NotFound
from domain.time import Clock
from records.codec import from_json, to_json
from records.models import DeliveryRow, SendRow

#: Longer than any wait we set: a delivery due later than this was put off by a clock that ran
#: ahead and has been set right, so it is due now.
LONGEST_WAIT = timedelta(hours=1)
_REMEMBER_SENDS = timedelta(hours=1)
_OPEN = ("waiting", "sending")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification on its way through one channel.

    Attributes:
        kind: what it is about, a value of `alerts.notices.Kind`.
        state: waiting, sending, sent or dead.
        parts: how many messages of it the receiver has.
        error: what went wrong last; holds no address and no secret.
    """

    notification: Notification
    channel: str
    kind: str
    state: str
    attempts: int
    parts: int
    created_at: datetime
    next_at: datetime
    error: str


class DeliveryRecords:
    """Deliveries by (key, channel). Putting a known one changes nothing."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def put(self, notification: Notification, channel: str, kind: str) -> bool:
        """Queue for `channel`; False when it was queued before."""
        now = self._clock()
        row = DeliveryRow(
            key=notification.key,
            channel=channel,
            kind=kind,
            state="waiting",
            attempts=0,
            parts=0,
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

    def channels_due(self) -> list[str]:
        """Channels with something due."""
        with self._sessions() as session:
            return list(session.scalars(select(DeliveryRow.channel).where(self._due()).distinct()))

    def next_due(self, channel: str) -> Delivery | None:
        """The oldest delivery of `channel` whose time has come."""
        found = self._where(self._due(), DeliveryRow.channel == channel, limit=1)
        return found[0] if found else None

    def listed(self, *states: str, limit: int = 1000) -> list[Delivery]:
        """Deliveries in these states (all without any), newest first."""
        wanted = [DeliveryRow.state.in_(states)] if states else []
        return self._where(*wanted, limit=limit, newest=True)

    def about(self, alert_id: str) -> list[Delivery]:
        """Deliveries of what was decided about one alert, newest first."""
        own = DeliveryRow.key.startswith(f"{alert_id}-", autoescape=True)
        return self._where(own, limit=1000, newest=True)

    def tally(self) -> dict[str, int]:
        """State → how many deliveries."""
        statement = select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)
        with self._sessions() as session:
            return {row.state: row[1] for row in session.execute(statement)}

    def begin(self, key: str, channel: str, until: datetime) -> None:
        """Note that an attempt begins; should we die in it, the delivery is due at `until`."""
        self._set(key, channel, state="sending", next_at=until, count=True)

    def note_part(self, key: str, channel: str, parts: int) -> None:
        """Note that the receiver has `parts` messages of it."""
        self._set(key, channel, parts=parts)

    def put_off(self, key: str, channel: str, until: datetime) -> None:
        """Wait until `until` without having tried."""
        self._set(key, channel, state="waiting", next_at=until)

    def sent(self, key: str, channel: str) -> None:
        """Note that the receiver took it."""
        self._set(key, channel, state="sent", next_at=self._clock(), error="")

    def failed(self, key: str, channel: str, error: str, again_at: datetime | None) -> None:
        """Note a failed attempt; without `again_at` the delivery is dead."""
        self._set(
            key, channel, state="waiting" if again_at else "dead",
            next_at=again_at or self._clock(), error=error,
        )  # fmt: skip

    def release(self, channel: str) -> None:
        """The channel works: what waits for its next attempt waits no longer."""
        self._update(DeliveryRow.channel == channel, DeliveryRow.state == "waiting")

    def revive(self, keys: Sequence[tuple[str, str]] | None = None) -> int:
        """Let dead deliveries, all or those named (key, channel), be tried anew; how many.

        Raises:
            NotFound: one that was named isn't dead.
        """
        if keys is None:
            return self._update(DeliveryRow.state == "dead", attempts=0)
        for key, channel in keys:
            one = and_(DeliveryRow.key == key, DeliveryRow.channel == channel)
            if not self._update(one, DeliveryRow.state == "dead", attempts=0):
                raise NotFound(
                    f"no dead delivery {key} to {channel}",
                    remedy="courtpulse deliveries --dead lists them",
                )
        return len(keys)

    def count_send(self, channel: str) -> None:
        """Note one request to `channel`."""
        now = self._clock()
        with self._sessions.begin() as session:
            session.execute(delete(SendRow).where(SendRow.at < now - _REMEMBER_SENDS))
            session.add(SendRow(channel=channel, at=now))

    def sends(self, channel: str, since: datetime) -> list[datetime]:
        """Requests to `channel` after `since` and not after now, oldest first."""
        statement = (
            select(SendRow.at)
            .where(SendRow.channel == channel, SendRow.at > since, SendRow.at <= self._clock())
            .order_by(SendRow.at)
        )
        with self._sessions() as session:
            return list(session.scalars(statement))

    def _due(self) -> ColumnElement[bool]:
        now = self._clock()
        time_has_come = or_(DeliveryRow.next_at <= now, DeliveryRow.next_at > now + LONGEST_WAIT)
        return and_(DeliveryRow.state.in_(_OPEN), time_has_come)

    def _set(
        self,
        key: str,
        channel: str,
        *,
        state: str | None = None,
        next_at: datetime | None = None,
        error: str | None = None,
        parts: int | None = None,
        count: bool = False,
    ) -> None:
        with self._sessions.begin() as session:
            row = session.get_one(DeliveryRow, (key, channel))
            row.state = row.state if state is None else state
            row.next_at = row.next_at if next_at is None else next_at
            row.error = row.error if error is None else error
            row.parts = row.parts if parts is None else parts
            row.attempts += count

    def _update(self, *conditions: ColumnElement[bool], **values: int) -> int:
        statement = (
            update(DeliveryRow)
            .where(*conditions)
            .values(state="waiting", next_at=self._clock(), **values)
        )
        with self._sessions.begin() as session:
            return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]

    def _where(
        self, *conditions: ColumnElement[bool], limit: int, newest: bool = False
    ) -> list[Delivery]:
        order = DeliveryRow.created_at.desc() if newest else DeliveryRow.created_at
        statement = (
            select(DeliveryRow).where(*conditions).order_by(order, DeliveryRow.key).limit(limit)
        )
        with self._sessions() as session:
            return [_delivery(row) for row in session.scalars(statement)]


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        notification=from_json(Notification, row.notification),
        channel=row.channel,
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        parts=row.parts,
        created_at=row.created_at,
        next_at=row.next_at,
        error=row.error,
    )

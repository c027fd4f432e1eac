"""Coverage by source and hour, kept for reports. Writing the same hour again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from domain.hours import Basis, SourceHour
from domain.sources import GapReason
from records.ledger_models import HourRow

_FIELDS = (
    "source", "start", "got", "arrived", "rate", "expected", "low", "basis", "history", "covered",
    "blind", "reason", "detail", "settled",
)  # fmt: skip


class HourRecords:
    """One row a source and hour."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def save(self, hours: Iterable[SourceHour]) -> int:
        """Write those that differ from what is kept; how many did."""
        written = 0
        with self._sessions.begin() as session:
            for hour in hours:
                row = session.get(HourRow, (hour.source, hour.start))
                if row is not None and _hour(row) == hour:
                    continue
                session.merge(HourRow(**{name: getattr(hour, name) for name in _FIELDS}))
                written += 1
        return written

    def between(
        self, since: datetime, until: datetime, sources: Sequence[str] | None = None
    ) -> list[SourceHour]:
        """Hours with since ≤ start < until, by source, then oldest first."""
        statement = (
            select(HourRow)
            .where(HourRow.start >= since, HourRow.start < until)
            .order_by(HourRow.source, HourRow.start)
        )
        if sources is not None:
            statement = statement.where(HourRow.source.in_(sources))
        with self._sessions() as session:
            return [_hour(row) for row in session.scalars(statement)]

    def delete_before(self, moment: datetime) -> int:
        """Delete hours that began before `moment`; how many."""
        with self._sessions.begin() as session:
            gone = session.execute(
                delete(HourRow).where(HourRow.start < moment).returning(HourRow.start)
            )
            return len(gone.all())


def _hour(row: HourRow) -> SourceHour:
    values = {name: getattr(row, name) for name in _FIELDS}
    return SourceHour(
        **{
            **values,
            "basis": Basis(row.basis),
            "reason": GapReason(row.reason) if row.reason else None,
        }
    )

"""Coverage by source and hour, kept for reports. Writing the same hour again changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from domain.hours import HOUR, Basis, SourceHour
from domain.sources import GapReason
from records.ledger_models import HourRow

#: Values of one IN; SQLite takes 32,766 variables, older ones 999.
_CHUNK = 500
_FIELDS = (
    "source", "start", "got", "arrived", "rate", "expected", "low", "basis", "history", "covered",
    "blind", "reason", "detail", "settled",
)  # fmt: skip


class HourRecords:
    """One row a source and hour."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def save(self, hours: Sequence[SourceHour]) -> int:
        """Write those that differ from what is kept; how many did."""
        if not hours:
            return 0
        starts = [hour.start for hour in hours]
        kept = {
            (hour.source, hour.start): hour
            for hour in self.between(min(starts), max(starts) + HOUR)
        }
        changed = [hour for hour in hours if kept.get((hour.source, hour.start)) != hour]
        rows = [{name: getattr(hour, name) for name in _FIELDS} for hour in changed]
        with self._sessions.begin() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            # Two programs may cover the same hour at once; both write the same.
            insert = dialect.insert(HourRow)
            values = {name: insert.excluded[name] for name in _FIELDS[2:]}
            statement = insert.on_conflict_do_update(
                index_elements=("source", "start"), set_=values
            )
            if rows:
                session.connection().execute(statement, rows)
        return len(changed)

    def at(self, starts: Collection[datetime]) -> list[SourceHour]:
        """Hours of every source that begin at one of `starts`, in no order."""
        found: list[SourceHour] = []
        wanted = sorted(starts)
        with self._sessions() as session:
            for place in range(0, len(wanted), _CHUNK):
                statement = select(HourRow).where(HourRow.start.in_(wanted[place : place + _CHUNK]))
                found += [_hour(row) for row in session.scalars(statement)]
        return found

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

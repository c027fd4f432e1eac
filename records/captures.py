"""Two looks at the same hour, counted by source and hour; what they say: `domain.completeness`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import JSON, Integer, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from domain.completeness import Capture, Looks
from records.models import Base, UtcDateTime


class CaptureRow(Base):
    """Posts of one source and hour in the first look, the second, and both."""

    __tablename__ = "captures"
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    looks: Mapped[str] = mapped_column(String(16), primary_key=True)
    first: Mapped[int] = mapped_column(Integer)
    second: Mapped[int] = mapped_column(Integer)
    both: Mapped[int] = mapped_column(Integer)


class LastCaptureRow(Base):
    """What the last comparison of a source added to the sums: it is taken out if it comes again.

    `counts`: hour (ISO, UTC), first, second, both.
    """

    __tablename__ = "last_captures"
    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    looks: Mapped[str] = mapped_column(String(16), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    counts: Mapped[list[tuple[str, int, int, int]]] = mapped_column(JSON)


class CaptureRecords:
    """Sums of captures; numbers only, no post."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def add(self, captures: Iterable[Capture]) -> None:
        """Add to the sums of their hours, all or none.

        A comparison that began where the last one of its source began replaces it: its run was
        killed before it was recorded, and repeated.
        """
        lots: defaultdict[tuple[str, Looks, datetime | None], list[Capture]] = defaultdict(list)
        for one in captures:
            lots[one.source, one.looks, one.since].append(one)
        with self._sessions.begin() as session:
            for (source, looks, since), lot in lots.items():
                taken = [] if since is None else _replace(session, source, looks, since, lot)
                for one in lot:
                    _count(session, one, 1)
                for row in taken:
                    if row.first + row.second == 0:
                        session.delete(row)

    def between(self, since: datetime, until: datetime) -> list[Capture]:
        """Captures of hours since ≤ hour < until, by source, kind and hour."""
        statement = (
            select(CaptureRow)
            .where(CaptureRow.hour >= since, CaptureRow.hour < until)
            .order_by(CaptureRow.source, CaptureRow.looks, CaptureRow.hour)
        )
        with self._sessions() as session:
            return [
                Capture(row.source, row.hour, Looks(row.looks), row.first, row.second, row.both)
                for row in session.scalars(statement)
            ]

    def delete_before(self, moment: datetime) -> int:
        """Forget hours before `moment`; how many rows."""
        with self._sessions.begin() as session:
            gone = session.scalars(
                delete(CaptureRow).where(CaptureRow.hour < moment).returning(CaptureRow.source)
            )
            return len(gone.all())


def _replace(
    session: Session, source: str, looks: Looks, since: datetime, lot: Sequence[Capture]
) -> list[CaptureRow]:
    """Take out what the same comparison added before, from which rows, and keep what it adds now."""
    last, taken = session.get(LastCaptureRow, (source, looks.value)), []
    if last is not None and last.since == since:
        for hour, first, second, both in last.counts:
            before = Capture(
                source, datetime.fromisoformat(hour), looks, first, second, both, since
            )
            taken.append(_count(session, before, -1))
    counts = [(one.hour.isoformat(), one.first, one.second, one.both) for one in lot]
    session.merge(LastCaptureRow(source=source, looks=looks.value, since=since, counts=counts))
    return [row for row in taken if row is not None]


def _count(session: Session, one: Capture, sign: int) -> CaptureRow | None:
    """Add to an hour, or take from it; None where there is nothing left to take from."""
    row = session.get(CaptureRow, (one.source, one.hour, one.looks.value))
    if row is None:
        if sign < 0:
            return None  # forgotten meanwhile
        row = CaptureRow(
            source=one.source, hour=one.hour, looks=one.looks.value, first=0, second=0, both=0
        )
        session.add(row)
    row.first += sign * one.first
    row.second += sign * one.second
    row.both += sign * one.both
    return row

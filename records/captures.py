"""Two looks at the same hour, counted by source and hour; what they say: `domain.completeness`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Integer, String, delete, select
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


class CaptureRecords:
    """Sums of captures; numbers only, no post."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def add(self, captures: Iterable[Capture]) -> None:
        """Add to the sums of their hours, all or none."""
        with self._sessions.begin() as session:
            for one in captures:
                key = (one.source, one.hour, one.looks.value)
                row = session.get(CaptureRow, key)
                if row is None:
                    row = CaptureRow(
                        source=one.source, hour=one.hour, looks=one.looks.value,
                        first=0, second=0, both=0,
                    )  # fmt: skip
                    session.add(row)
                row.first += one.first
                row.second += one.second
                row.both += one.both

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

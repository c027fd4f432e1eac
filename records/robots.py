"""What robots.txt of each source said, when it was fetched, and since when it says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, sessionmaker

from domain.ledger import RobotsReading, RobotsVerdict
from records.ledger_models import RobotsRow


@dataclass(frozen=True, slots=True)
class KnownVerdict:
    """The newest reading of one address, and since when it has said the same.

    Attributes:
        reading: its `fetched_at` is the last fetch.
        since: first fetch with this answer.
    """

    source: str
    reading: RobotsReading
    since: datetime


class RobotsRecords:
    """Readings by source; an unchanged one is only dated anew."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def add(self, source: str, readings: Iterable[RobotsReading]) -> None:
        """Keep what a run or a check of `source` read. Repeating it changes nothing."""
        with self._sessions.begin() as session:
            for reading in readings:
                newest = session.scalar(_newest_of(source, reading.address))
                if newest is not None and newest.checked_at >= reading.fetched_at:
                    continue
                if newest is not None and _same(newest, reading):
                    newest.checked_at = reading.fetched_at
                    newest.status = reading.status
                    continue
                session.add(_row(source, reading))
                session.flush()

    def newest(self, source: str | None = None) -> list[KnownVerdict]:
        """The newest reading of each address, in order of source and address."""
        last = (
            select(func.max(RobotsRow.id).label("id"))
            .group_by(RobotsRow.source, RobotsRow.address)
            .subquery()
        )
        statement = (
            select(RobotsRow)
            .join(last, RobotsRow.id == last.c.id)
            .order_by(RobotsRow.source, RobotsRow.address)
        )
        if source is not None:
            statement = statement.where(RobotsRow.source == source)
        with self._sessions() as session:
            return [
                KnownVerdict(row.source, _reading(row), row.fetched_at)
                for row in session.scalars(statement)
            ]

    def history(self, source: str, limit: int = 50) -> list[KnownVerdict]:
        """Answers that differed from the one before, newest first."""
        statement = (
            select(RobotsRow)
            .where(RobotsRow.source == source)
            .order_by(RobotsRow.id.desc())
            .limit(limit)
        )
        with self._sessions() as session:
            return [
                KnownVerdict(row.source, _reading(row), row.fetched_at)
                for row in session.scalars(statement)
            ]


def _newest_of(source: str, address: str) -> Select[RobotsRow]:
    return (
        select(RobotsRow)
        .where(RobotsRow.source == source, RobotsRow.address == address)
        .order_by(RobotsRow.id.desc())
        .limit(1)
    )


def _same(row: RobotsRow, reading: RobotsReading) -> bool:
    return (
        row.verdict == reading.verdict
        and tuple(row.disallowed) == reading.disallowed
        and row.detail == reading.detail
    )


def _row(source: str, reading: RobotsReading) -> RobotsRow:
    return RobotsRow(
        source=source,
        address=reading.address,
        verdict=reading.verdict.value,
        status=reading.status,
        disallowed=list(reading.disallowed),
        detail=reading.detail,
        fetched_at=reading.fetched_at,
        checked_at=reading.fetched_at,
    )


def _reading(row: RobotsRow) -> RobotsReading:
    return RobotsReading(
        address=row.address,
        verdict=RobotsVerdict(row.verdict),
        fetched_at=row.checked_at,
        status=row.status,
        disallowed=tuple(row.disallowed),
        detail=row.detail,
    )

"""Changes of a source's state: noticed first, told afterwards, each under one key.

Noticing and moving the standing are one transaction, and what was noticed waits until it is told.
A program killed anywhere goes on from there, and tells under the same key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Select, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from domain.sources import GapReason
from records.ledger_models import SourceChangeRow, StandingRow


class Subject(StrEnum):
    """In what respect a source is watched."""

    SILENCE = "silence"
    VOLUME = "volume"
    LICENCE = "licence"
    NOTICE = "notice"  # the licence ends soon
    ROBOTS = "robots"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a source stands, as last told.

    Attributes:
        bad: something is wrong; since: from when on.
        turning: since when it has looked otherwise, None when it hasn't.
    """

    source: str
    subject: Subject
    bad: bool
    since: datetime
    turning: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A change that is told once.

    Attributes:
        at: when it happened; began: when the trouble began (`at` itself, when it begins).
        told_at: None while it waits.
    """

    key: str
    source: str
    subject: Subject
    bad: bool
    at: datetime
    began: datetime
    noticed_at: datetime
    reason: GapReason | None = None
    detail: str = ""
    told_at: datetime | None = None


class SourceChangeRecords:
    """Standings and changes."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def standings(self) -> dict[tuple[str, Subject], Standing]:
        """Every standing by source and subject."""
        with self._sessions() as session:
            return {
                (row.source, Subject(row.subject)): Standing(
                    row.source, Subject(row.subject), row.bad, row.since, row.turning
                )
                for row in session.scalars(select(StandingRow))
            }

    def move(self, standing: Standing, change: SourceChange | None = None) -> None:
        """Keep a standing and, in the same transaction, the change that led to it.

        Two programs may notice the same at one instant: the second writes the same standing over
        the first one's, and its change, which has the same key, changes nothing.
        """
        with self._sessions.begin() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            kept = dialect.insert(StandingRow).values(
                source=standing.source,
                subject=standing.subject.value,
                bad=standing.bad,
                since=standing.since,
                turning=standing.turning,
            )
            moved = {name: kept.excluded[name] for name in ("bad", "since", "turning")}
            session.execute(
                kept.on_conflict_do_update(index_elements=("source", "subject"), set_=moved)
            )
            if change is not None:
                added = dialect.insert(SourceChangeRow).values(_values(change))
                session.execute(added.on_conflict_do_nothing(index_elements=("key",)))

    def untold(self) -> list[SourceChange]:
        """What waits to be told, oldest first."""
        return self._read(
            select(SourceChangeRow)
            .where(SourceChangeRow.told_at.is_(None))
            .order_by(SourceChangeRow.id)
        )

    def told(self, changes: Sequence[SourceChange], at: datetime) -> None:
        """Note that these were told."""
        with self._sessions.begin() as session:
            session.execute(
                update(SourceChangeRow)
                .where(SourceChangeRow.key.in_([change.key for change in changes]))
                .values(told_at=at)
            )

    def between(
        self, since: datetime, until: datetime, source: str | None = None
    ) -> list[SourceChange]:
        """Changes with since ≤ at < until, oldest first; for reports."""
        statement = (
            select(SourceChangeRow)
            .where(SourceChangeRow.at >= since, SourceChangeRow.at < until)
            .order_by(SourceChangeRow.at, SourceChangeRow.id)
        )
        if source is not None:
            statement = statement.where(SourceChangeRow.source == source)
        return self._read(statement)

    def _read(self, statement: Select[SourceChangeRow]) -> list[SourceChange]:
        with self._sessions() as session:
            return [_change(row) for row in session.scalars(statement)]


def _values(change: SourceChange) -> dict[str, object]:
    return {
        "key": change.key,
        "source": change.source,
        "subject": change.subject.value,
        "bad": change.bad,
        "at": change.at,
        "began": change.began,
        "noticed_at": change.noticed_at,
        "reason": change.reason.value if change.reason else None,
        "detail": change.detail,
        "told_at": change.told_at,
    }


def _change(row: SourceChangeRow) -> SourceChange:
    return SourceChange(
        key=row.key,
        source=row.source,
        subject=Subject(row.subject),
        bad=row.bad,
        at=row.at,
        began=row.began,
        noticed_at=row.noticed_at,
        reason=GapReason(row.reason) if row.reason else None,
        detail=row.detail,
        told_at=row.told_at,
    )

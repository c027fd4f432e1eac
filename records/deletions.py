"""Tombstones and count records: the pending list of deletions, and what each one cleared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from domain.deletion import Deletion, DeletionReason, Tombstone
from domain.errors import NotFound
from domain.time import Clock
from records.deletion_models import DeletionRow, TombstoneRow

#: Ids in one statement; SQLite takes 32,766 values, PostgreSQL 65,535.
_CHUNK = 5_000


class DeletionRecords:
    """Deletions by number. A tombstone is written before anything is deleted and never goes."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def ask(
        self,
        ids: Collection[str],
        reason: DeletionReason,
        source: str,
        *,
        held: Collection[str] = (),
        cases: Iterable[str] = (),
    ) -> int | None:
        """Bury those of `ids` that aren't yet, as one pending deletion; its number.

        Args:
            source: where they are from, "" unknown.
            held: those the index holds now; cases: watched cases they belong to.

        Returns:
            None when all were buried before.
        """
        now = self._clock()
        with self._sessions.begin() as session:
            fresh = sorted(set(ids) - _buried(session, ids))
            if not fresh:
                return None
            row = DeletionRow(
                source=source,
                reason=reason.value,
                asked_at=now,
                asked=len(fresh),
                held=len(set(fresh) & set(held)),
                cases=sorted(set(cases)),
                places=[],
            )
            session.add(row)
            session.flush()
            session.add_all(
                TombstoneRow(
                    post_id=post_id,
                    deletion_id=row.id,
                    source=source,
                    reason=reason.value,
                    asked_at=now,
                )
                for post_id in fresh
            )
            return row.id

    def bury(self, tombstones: Iterable[Tombstone]) -> int:
        """Take over tombstones from a journal without a count record; how many were new."""
        found = {stone.post_id: stone for stone in tombstones}
        with self._sessions.begin() as session:
            fresh = sorted(set(found) - _buried(session, found))
            session.add_all(
                TombstoneRow(
                    post_id=post_id,
                    deletion_id=0,
                    source=found[post_id].source,
                    reason=found[post_id].reason.value,
                    asked_at=found[post_id].asked_at,
                )
                for post_id in fresh
            )
        return len(fresh)

    def buried(self, ids: Collection[str]) -> set[str]:
        """Those of `ids` that have a tombstone."""
        with self._sessions() as session:
            return _buried(session, ids)

    def tombstones(self) -> list[Tombstone]:
        """All of them, oldest first."""
        statement = select(TombstoneRow).order_by(TombstoneRow.asked_at, TombstoneRow.post_id)
        with self._sessions() as session:
            return [
                Tombstone(row.post_id, row.source, DeletionReason(row.reason), row.asked_at)
                for row in session.scalars(statement)
            ]

    def sources_of(self, ids: Collection[str]) -> set[str]:
        """Sources of those of `ids` that are buried; "" is left out."""
        with self._sessions() as session:
            found = session.scalars(
                select(TombstoneRow.source).where(TombstoneRow.post_id.in_(sorted(ids))).distinct()
            )
            return {source for source in found if source}

    def pending(self) -> list[Deletion]:
        """Deletions with a place still to be cleared, oldest first."""
        statement = select(DeletionRow).where(DeletionRow.finished_at.is_(None))
        with self._sessions() as session:
            return [_deletion(row) for row in session.scalars(statement.order_by(DeletionRow.id))]

    def ids_of(self, deletion_id: int) -> list[str]:
        """The ids a deletion is about."""
        statement = select(TombstoneRow.post_id).where(TombstoneRow.deletion_id == deletion_id)
        with self._sessions() as session:
            return sorted(session.scalars(statement))

    def cleared(self, deletion_id: int, place: str, count: int) -> None:
        """Note that `place` holds none of it any more; a second time changes nothing.

        Raises:
            NotFound: no such deletion.
        """
        with self._sessions.begin() as session:
            row = _row(session, deletion_id)
            if place not in dict(row.places):
                row.places = [*row.places, (place, count)]

    def finish(self, deletion_id: int) -> None:
        """Note that every place was cleared; raises as `cleared` does."""
        with self._sessions.begin() as session:
            row = _row(session, deletion_id)
            row.finished_at = row.finished_at or self._clock()

    def recent(self, limit: int = 50) -> list[Deletion]:
        """Count records, the newest first."""
        statement = select(DeletionRow).order_by(DeletionRow.id.desc()).limit(limit)
        with self._sessions() as session:
            return [_deletion(row) for row in session.scalars(statement)]

    def tally(self, since: datetime, until: datetime) -> Mapping[tuple[str, DeletionReason], int]:
        """(source, reason) → ids asked for within since ≤ t < until; pending ones included."""
        statement = (
            select(DeletionRow.source, DeletionRow.reason, func.sum(DeletionRow.asked))
            .where(DeletionRow.asked_at >= since, DeletionRow.asked_at < until)
            .group_by(DeletionRow.source, DeletionRow.reason)
            .order_by(DeletionRow.source, DeletionRow.reason)
        )
        with self._sessions() as session:
            return {
                (source, DeletionReason(reason)): int(count)
                for source, reason, count in session.execute(statement)
            }


def _buried(session: Session, ids: Iterable[str]) -> set[str]:
    wanted = sorted(set(ids))
    found: set[str] = set()
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        found |= set(
            session.scalars(select(TombstoneRow.post_id).where(TombstoneRow.post_id.in_(chunk)))
        )
    return found


def _row(session: Session, deletion_id: int) -> DeletionRow:
    row = session.get(DeletionRow, deletion_id)
    if row is None:
        raise NotFound(f"no deletion {deletion_id}", remedy="courtpulse deletions list shows them")
    return row


def _deletion(row: DeletionRow) -> Deletion:
    return Deletion(
        id=row.id,
        source=row.source,
        reason=DeletionReason(row.reason),
        asked_at=row.asked_at,
        asked=row.asked,
        held=row.held,
        cases=tuple(row.cases),
        places=tuple((str(place), int(count)) for place, count in row.places),
        finished_at=row.finished_at,
    )

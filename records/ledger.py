"""On what footing each source is and was read. Appended only: a day's footing can be shown later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from domain.ledger import LedgerEntry, LedgerVersion
from domain.seeds import SEED_KINDS
from domain.time import Clock
from records.codec import from_json, to_json
from records.ledger_models import LedgerRow

#: Who takes a declaration away: nobody's file says so any more.
WITHDRAWN_BY = "declaration removed"


class LedgerRecords:
    """Versions of every source's entry."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def register(self, entries: Iterable[LedgerEntry]) -> list[LedgerVersion]:
        """Make the ledger say exactly `entries`; returns the versions this added.

        Two programs may do so at once: who comes second finds it said.
        """
        wanted = {entry.source: entry for entry in entries}
        newest = {version.source: version for version in self._newest()}
        added = [self._write(entry, newest.get(name)) for name, entry in sorted(wanted.items())]
        gone = [
            self._append(version, None)
            for name, version in sorted(newest.items())
            if name not in wanted and version.entry is not None
        ]
        return [version for version in (*added, *gone) if version is not None]

    def note(self, entry: LedgerEntry) -> LedgerVersion | None:
        """Say `entry` of its source alone; None when the ledger says so already."""
        newest = next((one for one in self._newest() if one.source == entry.source), None)
        return self._write(entry, newest)

    def entries(self) -> list[LedgerEntry]:
        """What is declared now, in order of source."""
        return [version.entry for version in self._newest() if version.entry is not None]

    def retentions(self) -> dict[str, timedelta]:
        """Source → how long its posts are kept; one taken away keeps what it last said."""
        found = {}
        for newest in self._newest():
            entry = newest.entry
            if entry is None:
                entry = next(
                    one.entry for one in reversed(self.history(newest.source)) if one.entry
                )
            found[newest.source] = entry.retention
        return found

    def seeds(self) -> frozenset[str]:
        """Sources that deliver no posts by what the ledger last said of them, also withdrawn ones."""
        statement = select(LedgerRow.source, LedgerRow.document).order_by(LedgerRow.revision)
        with self._sessions() as session:
            kinds = {
                source: document["kind"]
                for source, document in session.execute(statement)
                if document is not None
            }
        return frozenset(source for source, kind in kinds.items() if kind in SEED_KINDS)

    def history(self, source: str) -> list[LedgerVersion]:
        """Every version of a source, oldest first."""
        statement = select(LedgerRow).where(LedgerRow.source == source).order_by(LedgerRow.revision)
        with self._sessions() as session:
            return [_version(row) for row in session.scalars(statement)]

    def at(self, source: str, moment: datetime) -> LedgerVersion | None:
        """The version that held at `moment`; None before the source was first declared."""
        statement = (
            select(LedgerRow)
            .where(LedgerRow.source == source, LedgerRow.since <= moment)
            .order_by(LedgerRow.revision.desc())
            .limit(1)
        )
        with self._sessions() as session:
            row = session.scalar(statement)
            return _version(row) if row else None

    def _write(self, entry: LedgerEntry, newest: LedgerVersion | None) -> LedgerVersion | None:
        if newest is not None and newest.entry == entry:
            return None
        if newest is None:
            return self._insert(LedgerRow(source=entry.source, revision=1), entry, ())
        return self._append(newest, entry)

    def _append(self, newest: LedgerVersion, entry: LedgerEntry | None) -> LedgerVersion | None:
        row = LedgerRow(source=newest.source, revision=newest.revision + 1)
        return self._insert(row, entry, _changed(newest.entry, entry))

    def _insert(
        self, row: LedgerRow, entry: LedgerEntry | None, changed: tuple[str, ...]
    ) -> LedgerVersion | None:
        row.since = self._clock()
        row.made_by = entry.declared_in if entry else WITHDRAWN_BY
        row.changed = list(changed)
        row.document = to_json(entry) if entry else None
        try:
            with self._sessions.begin() as session:
                session.add(row)
        except IntegrityError:
            return None  # another program has said it meanwhile
        return _version(row)

    def _newest(self) -> list[LedgerVersion]:
        last = (
            select(LedgerRow.source, func.max(LedgerRow.revision).label("revision"))
            .group_by(LedgerRow.source)
            .subquery()
        )
        statement = (
            select(LedgerRow)
            .join(
                last,
                (LedgerRow.source == last.c.source) & (LedgerRow.revision == last.c.revision),
            )
            .order_by(LedgerRow.source)
        )
        with self._sessions() as session:
            return [_version(row) for row in session.scalars(statement)]


def _changed(before: LedgerEntry | None, after: LedgerEntry | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    return tuple(
        field.name
        for field in fields(LedgerEntry)
        if getattr(before, field.name) != getattr(after, field.name)
    )


def _version(row: LedgerRow) -> LedgerVersion:
    return LedgerVersion(
        source=row.source,
        revision=row.revision,
        since=row.since,
        made_by=row.made_by,
        changed=tuple(row.changed),
        entry=from_json(LedgerEntry, row.document) if row.document is not None else None,
    )

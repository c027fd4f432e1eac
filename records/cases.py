"""The registry of watched cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from domain.cases import Case
from domain.errors import NotFound
from records.codec import from_json, to_json
from records.models import CaseRow


class CaseRecords:
    """Cases by id. Saving a known id replaces it; `watched_since` only ever moves back."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def save(self, case: Case) -> Case:
        """Insert or replace; returns the case as stored."""
        with self._sessions.begin() as session:
            row = session.get(CaseRow, case.id)
            if row is None:
                row = CaseRow(id=case.id, watched_since=case.watched_since)
                session.add(row)
            stored = replace(case, watched_since=min(row.watched_since, case.watched_since))
            row.watched_since = stored.watched_since
            row.title, row.court = stored.title, stored.court
            row.archived_at, row.document = stored.archived_at, to_json(stored)
        return stored

    def get(self, case_id: str) -> Case:
        """One case.

        Raises:
            NotFound: no such case.
        """
        with self._sessions() as session:
            row = session.get(CaseRow, case_id)
        if row is None:
            raise NotFound(f"no case {case_id!r}", remedy="courtpulse cases list shows them")
        return from_json(Case, row.document)

    def all(self, *, archived: bool = False) -> list[Case]:
        """Cases in order of title; archived ones only on request."""
        statement = select(CaseRow).order_by(CaseRow.title, CaseRow.id)
        if not archived:
            statement = statement.where(CaseRow.archived_at.is_(None))
        with self._sessions() as session:
            return [from_json(Case, row.document) for row in session.scalars(statement)]

    def archive(self, case_id: str, at: datetime) -> Case:
        """Stop watching; posts and alerts stay."""
        return self.save(replace(self.get(case_id), archived_at=at))

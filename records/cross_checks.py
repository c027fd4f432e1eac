"""How our news volume compares with what outside news indexes saw, newest only."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from domain.seeds import CrossCheck
from records.codec import from_json, to_json
from records.seed_models import CrossCheckRow


class CrossCheckRecords:
    """One cross-check an outside index; a newer one replaces it."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def save(self, check: CrossCheck) -> None:
        """Insert or replace."""
        with self._sessions.begin() as session:
            session.merge(CrossCheckRow(source=check.source, at=check.at, document=to_json(check)))

    def all(self) -> list[CrossCheck]:
        """All of them, in order of their index's name."""
        with self._sessions() as session:
            rows = session.scalars(select(CrossCheckRow).order_by(CrossCheckRow.source))
            return [from_json(CrossCheck, row.document) for row in rows]

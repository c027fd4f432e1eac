"""Reports that were made, with the aggregates they were made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from domain.errors import NotFound
from records.models import ReportRow


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report's identity, its frozen aggregates (JSON) and its files (format → path)."""

    id: str
    kind: str
    since: datetime
    until: datetime
    created_at: datetime
    aggregates: dict[str, Any]
    files: dict[str, str] = field(default_factory=dict)


class ReportRecords:
    """Reports by id; the same period replaced keeps its id."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def save(self, report: StoredReport) -> None:
        """Insert or replace."""
        with self._sessions.begin() as session:
            session.merge(
                ReportRow(
                    id=report.id,
                    kind=report.kind,
                    since=report.since,
                    until=report.until,
                    created_at=report.created_at,
                    aggregates=report.aggregates,
                    files=report.files,
                )
            )

    def get(self, report_id: str) -> StoredReport:
        """One report.

        Raises:
            NotFound: no such report.
        """
        with self._sessions() as session:
            row = session.get(ReportRow, report_id)
        if row is None:
            raise NotFound(f"no report {report_id!r}", remedy="courtpulse report list shows them")
        return _report(row)

    def all(self, limit: int = 60, kind: str = "") -> list[StoredReport]:
        """The newest first, of one kind; else all that have files to read."""
        statement = select(ReportRow).order_by(ReportRow.created_at.desc()).limit(limit)
        statement = statement.where(ReportRow.kind == kind if kind else ReportRow.kind != "drift")
        with self._sessions() as session:
            return [_report(row) for row in session.scalars(statement)]


def _report(row: ReportRow) -> StoredReport:
    return StoredReport(
        row.id, row.kind, row.since, row.until, row.created_at, row.aggregates, row.files
    )

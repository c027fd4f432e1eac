"""What courts' systems said of cases when they were last imported.

Litigants' names don't lie here: a digest tells whether the system says the same as before, and of
whom it speaks is kept as a public ruling names them. The names themselves belong to the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from hashlib import blake2b

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from domain.cases import Case
from domain.registry import CaseAct, Imported
from records.cases import add_event, by_hundreds, write
from records.codec import from_json
from records.models import CaseRow
from records.registry_models import CaseImportKeyRow, CaseImportRow


@dataclass(frozen=True, slots=True)
class ImportedCase:
    """A case an import adds or changes, what its row said, and the words of its history.

    Attributes:
        before: the case the import was planned on; None: it didn't exist.
        fields: see `domain.registry.Imported`; no name of a litigant.
        case: None: only what the row said is kept, because nothing of the case changes.
    """

    case_id: str
    before: Case | None
    case: Case | None
    key: str
    fields: Mapping[str, str]
    detail: str
    stage: str = ""
    relink: bool = False


class CaseImportRecords:
    """Rows by system and key."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def digest(self, text: str) -> str:
        """What stands for `text` here, 32 hex digits: the same text gives the same."""
        return blake2b(text.encode("utf-8"), digest_size=16, key=self._key).hexdigest()

    @cached_property
    def _key(self) -> bytes:
        with self._sessions() as session:
            return session.scalars(select(CaseImportKeyRow.key)).one()

    def known(self, system: str, keys: Iterable[str]) -> dict[str, Imported]:
        """What `system` said before, by key."""
        found: dict[str, Imported] = {}
        with self._sessions() as session:
            for some in by_hundreds(keys):
                statement = select(CaseImportRow).where(
                    CaseImportRow.system == system, CaseImportRow.key.in_(some)
                )
                found.update((row.key, _imported(row)) for row in session.scalars(statement))
        return found

    def of_some(self, system: str, case_ids: Iterable[str]) -> list[Imported]:
        """What `system` said of several cases, in no order."""
        found: list[Imported] = []
        with self._sessions() as session:
            for some in by_hundreds(case_ids):
                statement = select(CaseImportRow).where(
                    CaseImportRow.system == system, CaseImportRow.case_id.in_(some)
                )
                found += [_imported(row) for row in session.scalars(statement)]
        return found

    def of(self, case_id: str) -> list[Imported]:
        """What every system said of one case, newest first."""
        statement = select(CaseImportRow).where(CaseImportRow.case_id == case_id)
        with self._sessions() as session:
            rows = session.scalars(statement.order_by(CaseImportRow.at.desc(), CaseImportRow.key))
            return [_imported(row) for row in rows]

    def write(self, system: str, by: str, at: datetime, cases: Sequence[ImportedCase]) -> None:
        """Write some cases and what was said of them, all or none.

        What a person changed of a case since the import was planned stays as the person wrote it.
        """
        met: set[str] = set()
        # Flushing before every question asked would take most of the time of ten thousand cases.
        with self._sessions.begin() as session, session.no_autoflush:
            for one in cases:
                if one.case_id in met:
                    session.flush()  # two rows of the system on one case
                met.add(one.case_id)
                if one.case is not None:
                    write(session, _now(session, one), True if one.relink else None)
                session.merge(
                    CaseImportRow(
                        system=system, key=one.key, case_id=one.case_id, at=at,
                        fields=dict(one.fields),
                    )
                )  # fmt: skip
                if one.detail:
                    add_event(session, one.case_id, at, CaseAct.IMPORTED, by, one.detail)
                if one.stage:
                    add_event(session, one.case_id, at, CaseAct.STAGE, by, one.stage)


def _now(session: Session, one: ImportedCase) -> Case:
    """What the import makes of the case as it stands: only fields nobody wrote meanwhile change."""
    assert one.case is not None
    row = session.get(CaseRow, one.case_id, with_for_update=True)
    held = None if row is None else from_json(Case, row.document)
    if held is None or held == one.before:
        return one.case
    if one.before is None:
        return held  # somebody else registered it
    planned = {
        name: getattr(one.case, name)
        for name in (field.name for field in fields(Case))
        if getattr(one.case, name) != getattr(one.before, name)
        and getattr(held, name) == getattr(one.before, name)
    }
    return replace(held, **planned)


def _imported(row: CaseImportRow) -> Imported:
    return Imported(row.system, row.key, row.case_id, row.fields, row.at)

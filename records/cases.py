"""The registry of cases: those that are only registered, those that are watched, those that were."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, cast, delete, func, or_, select
from sqlalchemy.orm import Session, sessionmaker

from domain.cases import Case, CaseState
from domain.errors import BadInput, NotFound
from domain.registry import CaseAct, CaseEvent
from records.codec import from_json, to_json
from records.models import CaseRow
from records.registry_models import CaseEventRow, CaseNumberRow

#: States in which posts are linked to a case and counted.
COUNTED = (CaseState.WATCHED.value, CaseState.CLOSED.value)
#: Numbers asked for in one statement; SQLite takes 32,766 parameters.
_AT_ONCE = 500

#: What a change makes of a case; raising leaves it as it was.
Change = Callable[[Case], Case]


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases of the registry; empty fields don't filter.

    Attributes:
        causes: exact causes, as written.
        words: part of the title, the court or a case number.
    """

    states: tuple[CaseState, ...] = ()
    causes: tuple[str, ...] = ()
    court: str = ""
    words: str = ""


class CaseRecords:
    """Cases by id. Saving a known id replaces it; `watched_since` only ever moves back."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._read: dict[str, tuple[str, Case]] = {}

    def save(self, case: Case, *, relink: bool | None = None) -> Case:
        """Insert or replace; returns the case as stored.

        Args:
            relink: True: its posts are still to be linked; False: they are; None: as it was.
        """
        with self._sessions.begin() as session:
            return write(session, case, relink)

    def change(
        self, case_id: str, change: Change, act: CaseAct, by: str, detail: str, at: datetime,
        *, relink: bool | None = None,
    ) -> Case:  # fmt: skip
        """Replace a case by what `change` makes of it, nobody else writing meanwhile.

        Raises:
            NotFound: no such case.
            BadInput: nobody gave a name.
        """
        with self._sessions.begin() as session:
            stored = write(session, change(locked(session, case_id)), relink)
            add_event(session, case_id, at, act, by, detail)
            return stored

    def linked(self, case: Case, since: datetime) -> Case:
        """Say that the posts of `case` are linked, the first of `since`.

        What was written of it meanwhile stays; if that decides which posts belong to it, they are
        still to be linked.

        Raises:
            NotFound: no such case.
        """
        with self._sessions.begin() as session:
            held = locked(session, case.id)
            relink = False if held.matching == case.matching else None
            return write(
                session, replace(held, watched_since=min(held.watched_since, since)), relink
            )

    def get(self, case_id: str) -> Case:
        """One case.

        Raises:
            NotFound: no such case.
        """
        with self._sessions() as session:
            row = session.get(CaseRow, case_id)
        if row is None:
            raise _unknown(case_id)
        return from_json(Case, row.document)

    def all(self, *, archived: bool = False) -> list[Case]:
        """Cases that are counted, in order of title; archived ones only on request.

        Those that are only registered are never among them: ask `page`.
        """
        states = (*COUNTED, CaseState.ARCHIVED.value) if archived else COUNTED
        document = cast(CaseRow.document, Text)
        statement = select(CaseRow.id, document).where(CaseRow.state.in_(states))
        with self._sessions() as session:
            rows = session.execute(statement.order_by(CaseRow.title, CaseRow.id)).all()
        return [self._case(case_id, text) for case_id, text in rows]

    def _case(self, case_id: str, document: str) -> Case:
        """The case of a document; one that reads as it did is the same object.

        Annotate asks twice for every segment, and making a thousand cases anew takes 80 ms.
        """
        known = self._read.get(case_id)
        if known is None or known[0] != document:
            known = document, from_json(Case, json.loads(document))
            self._read[case_id] = known
        return known[1]

    def page(self, asked: CaseFilter, limit: int = 50, offset: int = 0) -> tuple[list[Case], int]:
        """Cases of the whole registry in order of title, and how many there are in all."""
        statement = _where(select(CaseRow), asked)
        counting = _where(select(func.count()).select_from(CaseRow), asked)
        with self._sessions() as session:
            rows = session.scalars(
                statement.order_by(CaseRow.title, CaseRow.id).limit(limit).offset(offset)
            )
            return [from_json(Case, row.document) for row in rows], session.scalar(counting) or 0

    def counts(self) -> Counter[tuple[CaseState, str]]:
        """Cases by state and cause as written."""
        statement = select(CaseRow.state, CaseRow.cause, func.count()).group_by(
            CaseRow.state, CaseRow.cause
        )
        with self._sessions() as session:
            return Counter(
                {(CaseState(state), cause): n for state, cause, n in session.execute(statement)}
            )

    def by_numbers(self, numbers: Iterable[str]) -> dict[str, list[str]]:
        """Case number → ids of the cases that have it; numbers of none are left out."""
        found: dict[str, list[str]] = {}
        with self._sessions() as session:
            for some in by_hundreds(numbers):
                statement = select(CaseNumberRow).where(CaseNumberRow.number.in_(some))
                for row in session.scalars(statement.order_by(CaseNumberRow.case_id)):
                    found.setdefault(row.number, []).append(row.case_id)
        return found

    def some(self, case_ids: Iterable[str]) -> dict[str, Case]:
        """Known cases of these ids."""
        found: dict[str, Case] = {}
        with self._sessions() as session:
            for ids in by_hundreds(case_ids):
                for row in session.scalars(select(CaseRow).where(CaseRow.id.in_(ids))):
                    found[row.id] = from_json(Case, row.document)
        return found

    def to_relink(self) -> list[Case]:
        """Counted cases whose posts are still to be linked: a watcher was stopped half-way."""
        statement = select(CaseRow).where(CaseRow.relink, CaseRow.state.in_(COUNTED))
        with self._sessions() as session:
            rows = session.scalars(statement.order_by(CaseRow.id))
            return [from_json(Case, row.document) for row in rows]

    def note(self, case_id: str, act: CaseAct, by: str, detail: str, at: datetime) -> None:
        """Append a line to a case's history."""
        with self._sessions.begin() as session:
            add_event(session, case_id, at, act, by, detail)

    def history(self, case_id: str, act: CaseAct | None = None) -> list[CaseEvent]:
        """What happened to a case, oldest first."""
        statement = select(CaseEventRow).where(CaseEventRow.case_id == case_id)
        if act is not None:
            statement = statement.where(CaseEventRow.act == act.value)
        with self._sessions() as session:
            return [
                CaseEvent(row.id, row.case_id, row.at, CaseAct(row.act), row.made_by, row.detail)
                for row in session.scalars(statement.order_by(CaseEventRow.at, CaseEventRow.id))
            ]


def by_hundreds(values: Iterable[str]) -> Iterator[list[str]]:
    """`values` without repeats, as many at a time as a statement may ask for."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), _AT_ONCE):
        yield distinct[start : start + _AT_ONCE]


def locked(session: Session, case_id: str) -> Case:
    """The case as it stands, locked until the session ends.

    Raises:
        NotFound: no such case.
    """
    row = session.get(CaseRow, case_id, with_for_update=True)
    if row is None:
        raise _unknown(case_id)
    return from_json(Case, row.document)


def write(session: Session, case: Case, relink: bool | None = None) -> Case:
    """Insert or replace in a session of the caller's."""
    row = session.get(CaseRow, case.id, with_for_update=True)
    held: list[str] = []
    if row is None:
        row = CaseRow(id=case.id, watched_since=case.watched_since, relink=False)
        session.add(row)
    else:
        held = list(row.document.get("numbers", ()))
    stored = replace(case, watched_since=min(row.watched_since, case.watched_since))
    row.watched_since = stored.watched_since
    row.title, row.court, row.cause = stored.title, stored.court, stored.cause
    row.state, row.archived_at = stored.state.value, stored.archived_at
    row.document = to_json(stored)
    if relink is not None:
        row.relink = relink
    _write_numbers(session, stored.id, set(held), stored.numbers)
    return stored


def add_event(
    session: Session, case_id: str, at: datetime, act: CaseAct, by: str, detail: str
) -> None:
    """Append to a case's history in a session of the caller's.

    Raises:
        BadInput: nobody gave a name.
    """
    if not by.strip():
        raise BadInput("没有写姓名", remedy="写下谁在操作，以后能知道谁决定的")
    session.add(
        CaseEventRow(
            case_id=case_id, at=at, act=act.value, made_by=by.strip()[:64], detail=detail.strip()
        )
    )


def _write_numbers(session: Session, case_id: str, held: set[str], numbers: Sequence[str]) -> None:
    if gone := held - set(numbers):
        session.execute(
            delete(CaseNumberRow).where(
                CaseNumberRow.case_id == case_id, CaseNumberRow.number.in_(gone)
            )
        )
    for number in dict.fromkeys(numbers):
        if number not in held:
            session.add(CaseNumberRow(number=number, case_id=case_id))


def _where(statement: Select[Any], asked: CaseFilter) -> Select[Any]:
    if asked.states:
        statement = statement.where(CaseRow.state.in_([state.value for state in asked.states]))
    if asked.causes:
        statement = statement.where(CaseRow.cause.in_(asked.causes))
    if asked.court:
        statement = statement.where(CaseRow.court == asked.court)
    if asked.words:
        numbered = select(CaseNumberRow.case_id).where(
            CaseNumberRow.number.contains(asked.words, autoescape=True)
        )
        statement = statement.where(
            or_(
                CaseRow.title.contains(asked.words, autoescape=True),
                CaseRow.court.contains(asked.words, autoescape=True),
                CaseRow.id.in_(numbered),
            )
        )
    return statement


def _unknown(case_id: str) -> NotFound:
    return NotFound(f"no case {case_id!r}", remedy="courtpulse cases list shows them")

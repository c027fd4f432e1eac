"""Candidate cases: what the program proposed and what people made of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from domain.candidates import Candidate, CandidateState
from domain.errors import BadInput, NotAllowed, NotFound
from domain.time import Clock
from records.codec import from_json, to_json
from records.models import CaseRow
from records.registry_models import CandidateRow

#: Rows read at once when all are looked through.
_CHUNK = 500
_Statement = TypeVar("_Statement", bound="Select[Any]")


class CandidateRecords:
    """Candidates by id."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    def page(
        self, states: Sequence[CandidateState] = (), *, limit: int = 100, offset: int = 0
    ) -> list[Candidate]:
        """Candidates, the strongest first; of some states only when named."""
        statement = select(CandidateRow).order_by(CandidateRow.score.desc(), CandidateRow.id)
        return self._read(_of(statement, states).limit(limit).offset(offset))

    def count(self, states: Sequence[CandidateState] = ()) -> int:
        """How many there are; of some states only when named."""
        with self._sessions() as session:
            return session.scalar(_of(select(func.count(CandidateRow.id)), states)) or 0

    def decided(self, limit: int = 30) -> list[Candidate]:
        """Those that a person decided on last and that aren't open, newest decision first."""
        at = CandidateRow.document["decided_at"].as_string()
        statement = select(CandidateRow).where(
            CandidateRow.state != CandidateState.OPEN.value, at.is_not(None)
        )
        return self._read(statement.order_by(at.desc(), CandidateRow.id).limit(limit))

    def known(self, anchors: Collection[str], ids: Collection[str]) -> list[Candidate]:
        """The open ones, and of the others those with one of these anchors or ids, in order of id.

        Open ones fade, so they are few; the others are read one after the other.
        """
        statement = select(CandidateRow).order_by(CandidateRow.id)
        with self._sessions() as session:
            return [
                one
                for row in session.scalars(statement.execution_options(yield_per=_CHUNK))
                if (one := from_json(Candidate, row.document)).state is CandidateState.OPEN
                or one.id in ids
                or not set(one.evidence.anchors).isdisjoint(anchors)
            ]

    def get(self, candidate_id: str) -> Candidate:
        """One candidate.

        Raises:
            NotFound: no such candidate.
        """
        with self._sessions() as session:
            row = session.get(CandidateRow, candidate_id)
        if row is None:
            raise NotFound(
                f"no candidate {candidate_id!r}", remedy="courtpulse cases candidates list"
            )
        return from_json(Candidate, row.document)

    def free(self, candidate_id: str, case_id: str, *, merged: bool = False) -> Candidate:
        """The candidate, if it may still become, or (merged) join, the case of that id.

        Raises:
            NotFound: no such candidate; NotAllowed: it became or joined another one.
        """
        one = self.get(candidate_id)
        _refuse_decided(one, case_id, merged)
        return one

    def put(self, found: Sequence[Candidate], known: Sequence[Candidate]) -> list[Candidate]:
        """Write what a run found; one that a person decided on since `known` was read is left.

        Returns:
            those written.
        """
        before = {one.id: one for one in known}
        written: list[Candidate] = []
        with self._sessions.begin() as session:
            for one in found:
                row = session.get(CandidateRow, one.id, with_for_update=True)
                held = from_json(Candidate, row.document) if row else None
                if held == before.get(one.id):
                    _write(session, row, one)
                    written.append(one)
        return written

    def forget(self, moment: datetime) -> int:
        """Delete those that nobody has to decide on and that last changed before `moment`.

        Their words and titles come from posts, which are kept no longer; a case keeps its history.
        """
        statement = delete(CandidateRow).where(
            CandidateRow.state != CandidateState.OPEN.value, CandidateRow.updated_at < moment
        )
        with self._sessions.begin() as session:
            return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]

    def accept(self, candidate_id: str, case_id: str, by: str, *, merged: bool = False) -> None:
        """It became the case of that id, or (merged) its words joined it.

        Raises:
            NotFound: no such candidate or case; NotAllowed: somebody decided on it already;
            BadInput: nobody gave a name.
        """
        state = CandidateState.MERGED if merged else CandidateState.ACCEPTED

        def decide(one: Candidate) -> Candidate:
            _refuse_decided(one, case_id, merged)
            return replace(one, state=state, case_id=case_id)

        self._decide(candidate_id, by, decide, case_id)

    def refuse(self, candidate_id: str, by: str, why: str) -> Candidate:
        """It is none, for a reason; it comes back only when it grows well beyond what it is now.

        Raises:
            NotFound: no such candidate; NotAllowed: somebody decided on it already;
            BadInput: no name or no reason.
        """
        if not why.strip():
            raise BadInput("没有写理由", remedy="写一句为什么，以后能看懂")

        def decide(one: Candidate) -> Candidate:
            if one.state not in (CandidateState.OPEN, CandidateState.FADED):
                raise _decided()
            return replace(
                one, state=CandidateState.REFUSED, reason=why.strip(),
                refused_at_posts=one.evidence.posts,
            )  # fmt: skip

        return self._decide(candidate_id, by, decide)

    def reopen(self, candidate_id: str, by: str) -> Candidate:
        """Take a refusal back.

        Raises:
            NotFound: no such candidate; NotAllowed: it isn't refused; BadInput: no name.
        """

        def decide(one: Candidate) -> Candidate:
            if one.state is not CandidateState.REFUSED:
                raise NotAllowed("这条候选没有被排除", remedy="刷新页面看最新状态")
            return replace(one, state=CandidateState.OPEN, reason="", refused_at_posts=0)

        return self._decide(candidate_id, by, decide)

    def _read(self, statement: Select[CandidateRow]) -> list[Candidate]:
        with self._sessions() as session:
            return [from_json(Candidate, row.document) for row in session.scalars(statement)]

    def _decide(
        self,
        candidate_id: str,
        by: str,
        decide: Callable[[Candidate], Candidate],
        case_id: str = "",
    ) -> Candidate:
        if not by.strip():
            raise BadInput("没有写姓名", remedy="写下谁在操作，以后能知道谁决定的")
        with self._sessions.begin() as session:
            row = session.get(CandidateRow, candidate_id, with_for_update=True)
            if row is None:
                raise NotFound(
                    f"no candidate {candidate_id!r}", remedy="courtpulse cases candidates list"
                )
            if case_id and session.get(CaseRow, case_id) is None:
                raise NotFound(f"no case {case_id!r}", remedy="courtpulse cases list shows them")
            held = from_json(Candidate, row.document)
            made = decide(held)
            if made != held:
                now = self._clock()
                made = replace(made, decided_by=by.strip()[:64], decided_at=now)
                _write(session, row, made)
            return made


def _of(statement: _Statement, states: Sequence[CandidateState]) -> _Statement:
    wanted = [state.value for state in states]
    return statement.where(CandidateRow.state.in_(wanted)) if wanted else statement


def _write(session: Session, row: CandidateRow | None, one: Candidate) -> None:
    row = row or CandidateRow(id=one.id)
    row.state, row.updated_at, row.score = one.state.value, one.updated_at, one.evidence.score
    row.document = to_json(one)
    session.add(row)


def _refuse_decided(one: Candidate, case_id: str, merged: bool) -> None:
    """Refuse what became or joined a case, unless it is the same again: sent twice, or after a kill."""
    state = CandidateState.MERGED if merged else CandidateState.ACCEPTED
    decided = one.state in (CandidateState.ACCEPTED, CandidateState.MERGED)
    if decided and (one.state, one.case_id) != (state, case_id):
        raise _decided()


def _decided() -> NotAllowed:
    return NotAllowed(
        "已经有人处理过这条候选",
        remedy="刷新页面看最新状态（命令行：courtpulse cases candidates list --all）",
    )

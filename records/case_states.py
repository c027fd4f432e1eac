"""Closing, archiving, taking up again: each with who, when and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from domain.cases import Case, CaseState
from domain.errors import BadInput, NotAllowed
from domain.registry import CaseAct
from domain.time import SHANGHAI, Clock
from records.cases import Change, add_event, locked, write
from records.codec import from_json
from records.models import CaseRow

#: Stands where a person's name would: the press office closed it, time archived it.
_PROGRAM = "courtpulse"


class CaseStates:
    """Moves a case from one state to another. The one before is in its history."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    def close(self, case_id: str, by: str, why: str, counted: timedelta) -> Case:
        """Close a watched case; for `counted` more its posts still count, so a relapse is seen.

        Raises:
            NotAllowed: it isn't watched; BadInput: no name or no reason; NotFound: no such case.
        """
        now = self._clock()
        until = now + counted
        detail = (
            f"{_reason(why)}（{until.astimezone(SHANGHAI):%Y-%m-%d %H:%M}前仍计数，以便发现复燃）"
        )
        return self._move(
            case_id, (CaseState.WATCHED,), CaseAct.CLOSED, by, detail,
            lambda case: replace(case, closed_at=now, counted_until=until),
        )  # fmt: skip

    def reopen(self, case_id: str, by: str, why: str) -> Case:
        """Take closing back; nothing was missed meanwhile.

        Raises:
            NotAllowed: it isn't closed; BadInput: no name or no reason; NotFound: no such case.
        """
        return self._move(
            case_id, (CaseState.CLOSED,), CaseAct.REOPENED, by, _reason(why),
            lambda case: replace(case, closed_at=None, counted_until=None),
        )  # fmt: skip

    def archive(self, case_id: str, by: str, why: str) -> Case:
        """Stop counting. Posts stay as long as posts are kept; its alerts are the caller's to end.

        Raises:
            NotAllowed: it isn't counted; BadInput: no name or no reason; NotFound: no such case.
        """
        now = self._clock()
        return self._move(
            case_id, (CaseState.WATCHED, CaseState.CLOSED), CaseAct.ARCHIVED, by, _reason(why),
            lambda case: replace(case, archived_at=now),
        )  # fmt: skip

    def resume(self, case_id: str, by: str, why: str) -> Case:
        """Watch an archived case again, or one that was only registered; its past is to be linked.

        Raises:
            NotAllowed: it is counted already; BadInput: no name or no reason; NotFound: no such.
        """
        return self._move(
            case_id, (CaseState.ARCHIVED, CaseState.REGISTERED), CaseAct.RESUMED, by, _reason(why),
            lambda case: replace(
                case, archived_at=None, closed_at=None, counted_until=None, watched=True
            ),
            relink=True,
        )  # fmt: skip

    def expire(self) -> list[Case]:
        """Archive closed cases whose days of counting are over; safe to repeat."""
        now = self._clock()
        statement = select(CaseRow.document).where(CaseRow.state == CaseState.CLOSED.value)
        with self._sessions() as session:
            closed = [from_json(Case, document) for document in session.scalars(statement)]
        return [
            expired
            for case in closed
            if _over(case, now) and (expired := self._expire(case.id, now)) is not None
        ]

    def _expire(self, case_id: str, now: datetime) -> Case | None:
        """Archive a case, unless somebody reopened it, or closed it anew, since it was read."""
        with self._sessions.begin() as session:
            case = locked(session, case_id)
            if case.state is not CaseState.CLOSED or not _over(case, now):
                return None
            detail = "结案后的计数期已满，没有再取消结案"
            add_event(session, case_id, now, CaseAct.ARCHIVED, _PROGRAM, detail)
            return write(session, replace(case, archived_at=now))

    def _move(
        self, case_id: str, allowed: tuple[CaseState, ...], act: CaseAct, by: str, detail: str,
        change: Change, relink: bool | None = None,
    ) -> Case:  # fmt: skip
        with self._sessions.begin() as session:
            case = locked(session, case_id)
            if case.state not in allowed:
                raise NotAllowed(
                    "案件现在的状态不能这样操作",
                    remedy=f"刷新页面看最新状态（命令行：courtpulse cases history {case_id}）",
                )
            add_event(session, case_id, self._clock(), act, by, detail)
            return write(session, change(case), relink)


def _reason(why: str) -> str:
    if not why.strip():
        raise BadInput("没有写理由", remedy="写一句为什么，以后能看懂")
    return why.strip()


def _over(case: Case, now: datetime) -> bool:
    return case.counted_until is not None and case.counted_until <= now

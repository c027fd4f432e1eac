"""Key dates of cases: proposed by a source or entered by a person, accepted or refused by a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from domain.cases import Case
from domain.errors import BadInput, NotAllowed, NotFound
from domain.registry import CaseAct, KeyDate, KeyDateKind, Review
from domain.time import Clock
from records.cases import add_event, by_hundreds, locked, write
from records.registry_models import KeyDateRow


@dataclass(frozen=True, slots=True)
class Day:
    """A day somebody says a case has."""

    case_id: str
    kind: KeyDateKind
    day: date
    note: str = ""


class KeyDateRecords:
    """A day of a kind stands once per case: proposing it again, or after a refusal, does nothing."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions, self._clock = sessions, clock

    def propose(self, days: Sequence[Day], source: str, by: str) -> list[KeyDate]:
        """Write down days for a person to decide on; returns the new ones.

        Raises:
            NotFound: no such case.
        """
        return self._add(days, source, by, Review.PROPOSED)

    def enter(self, days: Sequence[Day], source: str, by: str) -> list[KeyDate]:
        """Write down days that hold: a person's own, or of the court's own system.

        A day that was only proposed is thereby accepted; one that somebody refused stays refused
        unless a person enters it, or the same source that took it back. Returns those that changed something.

        Raises:
            NotFound: no such case; BadInput: nobody gave a name.
        """
        return self._add(days, source, by, Review.ACCEPTED)

    def accept(self, date_id: int, by: str) -> KeyDate:
        """Take a proposed or refused day as true; a hearing reaches the alert policy.

        Raises:
            NotFound: no such day; NotAllowed: it is accepted already; BadInput: no name.
        """
        return self._decide(date_id, Review.ACCEPTED, by, "")

    def refuse(self, date_id: int, by: str, why: str) -> KeyDate:
        """Say of a day that it isn't so; also takes back what was entered by mistake.

        Raises:
            NotFound: no such day; NotAllowed: it is refused already; BadInput: no name or reason.
        """
        if not why.strip():
            raise BadInput("没有写理由", remedy="写一句为什么，以后能看懂")
        return self._decide(date_id, Review.REFUSED, by, why)

    def of(self, case_id: str) -> list[KeyDate]:
        """All days of a case, refused ones included, in order of time."""
        statement = select(KeyDateRow).where(KeyDateRow.case_id == case_id)
        with self._sessions() as session:
            rows = session.scalars(statement.order_by(KeyDateRow.day, KeyDateRow.id))
            return [_key_date(row) for row in rows]

    def of_some(self, case_ids: Iterable[str]) -> list[KeyDate]:
        """All days of several cases, in no order."""
        found: list[KeyDate] = []
        with self._sessions() as session:
            for ids in by_hundreds(case_ids):
                statement = select(KeyDateRow).where(KeyDateRow.case_id.in_(ids))
                found += [_key_date(row) for row in session.scalars(statement)]
        return found

    def waiting(self, limit: int = 100) -> list[KeyDate]:
        """Proposed days nobody decided on, the nearest first."""
        statement = (
            select(KeyDateRow)
            .where(KeyDateRow.review == Review.PROPOSED.value)
            .order_by(KeyDateRow.day, KeyDateRow.id)
        )
        with self._sessions() as session:
            return [_key_date(row) for row in session.scalars(statement.limit(limit))]

    def _add(self, days: Sequence[Day], source: str, by: str, review: Review) -> list[KeyDate]:
        if not by.strip():
            raise BadInput("没有写姓名", remedy="写下谁登记")
        by_case: dict[str, list[Day]] = {}
        for day in days:
            by_case.setdefault(day.case_id, []).append(day)
        made: list[KeyDateRow] = []
        with self._sessions.begin() as session, session.no_autoflush:
            for case_id, named in by_case.items():
                case, held = locked(session, case_id), _held(session, case_id)
                rows = [
                    row
                    for day in named
                    if (row := self._one(session, held, day, source, by, review))
                ]
                if review is Review.ACCEPTED:
                    self._settle(session, case, rows, review, by, source)
                made += rows
            session.flush()
            return [_key_date(row) for row in made]

    def _one(
        self, session: Session, held: dict[tuple[str, date], KeyDateRow], day: Day, source: str,
        by: str, review: Review,
    ) -> KeyDateRow | None:  # fmt: skip
        """The row that is new or may change; None where the day stands as it is."""
        row = held.get((day.kind.value, day.day))
        if row is None:
            row = KeyDateRow(
                case_id=day.case_id, kind=day.kind.value, day=day.day, source=source[:100],
                review=Review.PROPOSED.value, entered_by=by.strip()[:64],
                entered_at=self._clock(), note=day.note.strip(), decided_by="",
            )  # fmt: skip
            session.add(row)
            held[day.kind.value, day.day] = row
            return row
        if review is Review.PROPOSED or row.review == Review.ACCEPTED.value:
            return None
        refused = row.review == Review.REFUSED.value
        return None if refused and not _may_return(row, source, by) else row

    def _decide(self, date_id: int, review: Review, by: str, why: str) -> KeyDate:
        if not by.strip():
            raise BadInput("没有写姓名", remedy="写下谁决定")
        with self._sessions.begin() as session:
            row = session.get(KeyDateRow, date_id)
            if row is None:
                raise NotFound(f"no key date {date_id}", remedy="refresh the page")
            case = locked(session, row.case_id)
            session.refresh(row)
            if row.review == review.value:
                raise NotAllowed("这个日期已经这样决定了", remedy="刷新页面看最新状态")
            self._settle(session, case, [row], review, by, why or row.source)
            return _key_date(row)

    def _settle(
        self, session: Session, case: Case, rows: Sequence[KeyDateRow], review: Review, by: str,
        why: str,
    ) -> None:  # fmt: skip
        now, hearings = self._clock(), set(case.hearings)
        says = "采用" if review is Review.ACCEPTED else "不采用"
        for row in rows:
            row.review, row.decided_by, row.decided_at = review.value, by.strip()[:64], now
            detail = f"{says}{row.kind} {row.day.isoformat()}（{why.strip()}）"
            add_event(session, case.id, now, CaseAct.DATE, by, detail)
            if row.kind == KeyDateKind.HEARING:
                hearings.discard(row.day)
                hearings |= {row.day} if review is Review.ACCEPTED else set()
        if hearings != set(case.hearings):
            write(session, replace(case, hearings=tuple(sorted(hearings))))


def _held(session: Session, case_id: str) -> dict[tuple[str, date], KeyDateRow]:
    rows = session.scalars(select(KeyDateRow).where(KeyDateRow.case_id == case_id))
    return {(row.kind, row.day): row for row in rows}


def _may_return(row: KeyDateRow, source: str, by: str) -> bool:
    """A refused day comes back by a person's hand, or by whoever took it back."""
    return source == BY_HAND or row.decided_by == by.strip()[:64]


#: Source of a day a person typed in.
BY_HAND = "人工"


def _key_date(row: KeyDateRow) -> KeyDate:
    return KeyDate(
        id=row.id,
        case_id=row.case_id,
        kind=KeyDateKind(row.kind),
        day=row.day,
        source=row.source,
        review=Review(row.review),
        entered_by=row.entered_by,
        entered_at=row.entered_at,
        note=row.note,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )

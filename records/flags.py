"""What people said of the facts behind ★ lines, appended only."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from domain.alerts import Fact
from domain.errors import BadInput
from domain.policy import FlagMark
from domain.time import Clock
from records.models import AlertEventRow, FlagMarkRow


class FlagRecords:
    """People's words on facts, by alert."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def mark(
        self, alert_id: str, fact: Fact, value: bool | None, made_by: str, reason: str = ""
    ) -> FlagMark:
        """Say that a fact holds (True), doesn't (False), or withdraw the word on it (None).

        Raises:
            BadInput: nobody gave a name.
        """
        if not made_by.strip():
            raise BadInput("确认或撤回要写姓名", remedy="写下谁作的判断")
        mark = FlagMark(alert_id, fact, value, made_by.strip(), self._clock(), reason.strip())
        word = {True: "yes", False: "no", None: "withdrawn"}[value]
        with self._sessions.begin() as session:
            session.add(
                FlagMarkRow(
                    alert_id=alert_id,
                    fact=fact.value,
                    value=value,
                    made_by=mark.made_by,
                    at=mark.at,
                    reason=mark.reason,
                )
            )
            detail = f"{fact.value} {word}" + (f"：{mark.reason}" if mark.reason else "")
            session.add(
                AlertEventRow(
                    alert_id=alert_id, at=mark.at, kind="flag", detail=detail, made_by=mark.made_by
                )
            )
        return mark

    def history(self, alert_id: str) -> list[FlagMark]:
        """Everything said about one alert's facts, oldest first."""
        statement = select(FlagMarkRow).where(FlagMarkRow.alert_id == alert_id)
        with self._sessions() as session:
            return [
                FlagMark(
                    row.alert_id, Fact(row.fact), row.value, row.made_by, row.at, row.reason or ""
                )
                for row in session.scalars(statement.order_by(FlagMarkRow.id))
            ]

    def said(self, alert_id: str) -> dict[Fact, bool]:
        """The newest word on each fact; facts whose word was withdrawn are left out."""
        newest = {mark.fact: mark.value for mark in self.history(alert_id)}
        return {fact: value for fact, value in newest.items() if value is not None}

"""What the court did about an alert: stops clocks, and is marked on charts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from domain.errors import BadInput, NotAllowed, NotFound
from domain.policy import Act, ActKind
from domain.time import Clock
from records.models import ActRow, AlertEventRow


class ActRecords:
    """Acts by alert; one entered by mistake is withdrawn, not deleted."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def add(
        self, alert_id: str, kind: ActKind, made_by: str, note: str = "", at: datetime | None = None
    ) -> Act:
        """Write down what was done at `at` (default: now).

        Raises:
            BadInput: nobody gave a name, or it lies in the future.
        """
        now = self._clock()
        done = at or now
        if not made_by.strip():
            raise BadInput("登记动作要写姓名", remedy="写下谁登记")
        if done > now:
            raise BadInput("动作的时间还没有到", remedy="做完以后再登记")
        row = ActRow(
            alert_id=alert_id, kind=kind.value, at=done, made_by=made_by.strip(), note=note.strip()
        )
        with self._sessions.begin() as session:
            session.add(row)
            session.add(_event(alert_id, now, kind.value, note, made_by))
            session.flush()
            return _act(row)

    def withdraw(self, alert_id: str, act_id: int, made_by: str) -> Act:
        """Take back what was entered by mistake; its clock runs on.

        Raises:
            NotFound: no such act of this alert.
            NotAllowed: it is withdrawn already, or nobody gave a name.
        """
        now = self._clock()
        if not made_by.strip():
            raise NotAllowed("撤回要写姓名", remedy="写下谁撤回")
        with self._sessions.begin() as session:
            row = session.get(ActRow, act_id, with_for_update=True)
            if row is None or row.alert_id != alert_id:
                raise NotFound(f"no act {act_id} of alert {alert_id}", remedy="refresh the page")
            if row.withdrawn_at is not None:
                raise NotAllowed("这个动作已经撤回", remedy="刷新页面看最新状态")
            row.withdrawn_at, row.withdrawn_by = now, made_by.strip()
            session.add(_event(alert_id, now, f"{row.kind} withdrawn", "", made_by))
            session.flush()
            return _act(row)

    def of(self, alert_id: str) -> list[Act]:
        """Acts of one alert in order of time, withdrawn ones included."""
        statement = select(ActRow).where(ActRow.alert_id == alert_id)
        with self._sessions() as session:
            rows = session.scalars(statement.order_by(ActRow.at, ActRow.id))
            return [_act(row) for row in rows]


def _event(alert_id: str, at: datetime, what: str, note: str, made_by: str) -> AlertEventRow:
    detail = "：".join(part for part in (what, note.strip()) if part)
    return AlertEventRow(
        alert_id=alert_id, at=at, kind="act", detail=detail, made_by=made_by.strip()
    )


def _act(row: ActRow) -> Act:
    return Act(
        id=row.id,
        alert_id=row.alert_id,
        kind=ActKind(row.kind),
        at=row.at,
        made_by=row.made_by,
        note=row.note or "",
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by or "",
    )

"""Steps of courts' thresholds, made by decisions on alerts; undone, never deleted."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from domain.errors import NotAllowed, NotFound
from domain.policy import ThresholdStep
from domain.time import Clock
from records.models import ThresholdStepRow


class StepRecords:
    """Threshold steps by court and alert. One alert has at most one step that counts."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def add(self, court: str, alert_id: str, kind: str, amount: float, made_by: str) -> None:
        """Add a step; an earlier one of the same alert is undone, the same one again is nothing."""
        now = self._clock()
        with self._sessions.begin() as session:
            standing = self._standing(session, alert_id)
            if any(row.kind == kind for row in standing):
                return
            for row in standing:
                row.undone_at, row.undone_by = now, made_by
            session.add(
                ThresholdStepRow(
                    court=court,
                    alert_id=alert_id,
                    kind=kind,
                    amount=amount,
                    made_by=made_by,
                    at=now,
                )
            )

    def withdraw(self, alert_id: str, made_by: str) -> None:
        """The decision that made the alert's step was taken back; without a step nothing happens."""
        now = self._clock()
        with self._sessions.begin() as session:
            for row in self._standing(session, alert_id):
                row.undone_at, row.undone_by = now, made_by

    def undo(self, step_id: int, made_by: str) -> ThresholdStep:
        """Let one step no longer count; the decision on its alert stands.

        Raises:
            NotFound: no such step.
            NotAllowed: it is undone already, or nobody gave a name.
        """
        now = self._clock()
        if not made_by.strip():
            raise NotAllowed("撤销要写姓名", remedy="写下谁撤销")
        with self._sessions.begin() as session:
            row = session.get(ThresholdStepRow, step_id, with_for_update=True)
            if row is None:
                raise NotFound(f"no threshold step {step_id}", remedy="courtpulse thresholds list")
            if row.undone_at is not None:
                raise NotAllowed("这一步已经撤销", remedy="刷新页面看最新状态")
            row.undone_at, row.undone_by = now, made_by.strip()
            session.flush()
            return _step(row)

    def all(self, court: str | None = None) -> list[ThresholdStep]:
        """Steps in order of time, undone ones included."""
        statement = select(ThresholdStepRow).order_by(ThresholdStepRow.at, ThresholdStepRow.id)
        if court is not None:
            statement = statement.where(ThresholdStepRow.court == court)
        with self._sessions() as session:
            return [_step(row) for row in session.scalars(statement)]

    @staticmethod
    def _standing(session: Session, alert_id: str) -> list[ThresholdStepRow]:
        statement = (
            select(ThresholdStepRow)
            .where(ThresholdStepRow.alert_id == alert_id, ThresholdStepRow.undone_at.is_(None))
            .with_for_update()
        )
        return list(session.scalars(statement))


def _step(row: ThresholdStepRow) -> ThresholdStep:
    return ThresholdStep(
        id=row.id,
        court=row.court,
        alert_id=row.alert_id,
        kind=row.kind,
        amount=row.amount,
        made_by=row.made_by,
        at=row.at,
        undone_at=row.undone_at,
        undone_by=row.undone_by or "",
    )

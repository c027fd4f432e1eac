"""What the policy decided, and what of it still waits to be queued for channels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from domain.policy import TOLD, Decision
from records.codec import from_json, to_json
from records.models import DecisionRow


class DecisionRecords:
    """Decisions by key, appended; putting a known key changes nothing."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def put(self, decision: Decision) -> bool:
        """Keep `decision`; what is to be told waits for `queued`. False when its key is known."""
        row = DecisionRow(
            key=decision.key,
            alert_id=decision.alert_id,
            at=decision.at,
            outcome=decision.outcome.value,
            waiting=decision.outcome in TOLD,
            document=to_json(decision),
        )
        try:
            with self._sessions.begin() as session:
                session.add(row)
        except IntegrityError:
            return False
        return True

    def waiting(self) -> list[Decision]:
        """Decisions to tell that no outbox has taken yet, oldest first."""
        statement = select(DecisionRow).where(DecisionRow.waiting).order_by(DecisionRow.id)
        with self._sessions() as session:
            return [from_json(Decision, row.document) for row in session.scalars(statement)]

    def queued(self, key: str, routed: tuple[str, ...]) -> None:
        """The outbox has written its deliveries; `routed` says for each channel why or why not."""
        with self._sessions.begin() as session:
            row = session.scalars(select(DecisionRow).where(DecisionRow.key == key)).one()
            row.waiting = False
            row.document = to_json(replace(from_json(Decision, row.document), routed=routed))

    def trails(self, alert_ids: Collection[str]) -> dict[str, list[Decision]]:
        """What was decided about each of these alerts, oldest first; those without are left out."""
        found: dict[str, list[Decision]] = {}
        statement = select(DecisionRow).where(DecisionRow.alert_id.in_(alert_ids))
        with self._sessions() as session:
            for row in session.scalars(statement.order_by(DecisionRow.id)):
                found.setdefault(row.alert_id, []).append(from_json(Decision, row.document))
        return found

    def known(self, key: str) -> bool:
        """Whether a decision of this key was kept."""
        with self._sessions() as session:
            return session.scalar(select(DecisionRow.id).where(DecisionRow.key == key)) is not None

    def trail(self, alert_id: str) -> list[Decision]:
        """Everything decided about one alert, oldest first."""
        statement = select(DecisionRow).where(DecisionRow.alert_id == alert_id)
        with self._sessions() as session:
            return [
                from_json(Decision, row.document)
                for row in session.scalars(statement.order_by(DecisionRow.id))
            ]

"""Small facts about progress: when a viewer last looked, how far a stage got."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from records.models import MarkRow, SeenRow


class MarkRecords:
    """Instants by name."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def get(self, name: str) -> datetime | None:
        """The instant under `name`, None when never set."""
        with self._sessions() as session:
            row = session.get(MarkRow, name)
            return row.at if row else None

    def set(self, name: str, at: datetime) -> None:
        """Set the instant under `name`; of two programs that set it at once, one is the last."""
        with self._sessions.begin() as session:
            dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
            mark = dialect.insert(MarkRow).values(name=name, at=at)
            session.execute(
                mark.on_conflict_do_update(index_elements=("name",), set_={"at": mark.excluded.at})
            )

    def seen(self, viewer: str) -> datetime | None:
        """When `viewer` last marked the feed as read."""
        with self._sessions() as session:
            row = session.get(SeenRow, viewer)
            return row.at if row else None

    def see(self, viewer: str, at: datetime) -> None:
        """Mark the feed as read up to `at`."""
        with self._sessions.begin() as session:
            session.merge(SeenRow(viewer=viewer, at=at))

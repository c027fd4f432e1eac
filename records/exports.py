"""The exports list: what left the house, and which posts it rests on.

After a deletion it says what has to be recalled or replaced; a person says when that was done.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, and_, distinct, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from domain.deletion import Export, ExportKind
from domain.errors import NotAllowed, NotFound, StoreFailure
from domain.time import Clock
from records.deletion_models import ExportPostRow, ExportRow, TombstoneRow

#: Attempts while others enter the same.
_TRIES = 5


class ExportRecords:
    """Exports by number; the same version of the same thing is entered once."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def enter(self, kind: ExportKind, name: str, version: str, posts: Collection[str]) -> bool:
        """Enter something that leaves, before it does; False when it was entered before.

        Posts that weren't entered with it then are added: a feed of a day grows.

        Args:
            version: tells apart what was made anew under the same name.
            posts: ids of the posts it rests on.
        """
        wanted = set(posts)
        same = and_(
            ExportRow.kind == kind.value, ExportRow.name == name, ExportRow.version == version
        )
        for _ in range(_TRIES):
            try:
                with self._sessions.begin() as session:
                    row = session.scalar(select(ExportRow).where(same))
                    fresh = row is None
                    if row is None:
                        row = self._row(session, kind, name, version)
                    held = set(
                        session.scalars(
                            select(ExportPostRow.post_id).where(ExportPostRow.export_id == row.id)
                        )
                    )
                    row.posts = len(held | wanted)
                    session.add_all(
                        ExportPostRow(post_id=post_id, export_id=row.id)
                        for post_id in sorted(wanted - held)
                    )
                    return fresh
            except IntegrityError:
                continue  # another process entered it between the look and the write
        raise StoreFailure("an export can't be entered", remedy="try again", where=name)

    def _row(self, session: Session, kind: ExportKind, name: str, version: str) -> ExportRow:
        row = ExportRow(
            kind=kind.value,
            name=name,
            version=version,
            made_at=self._clock(),
            posts=0,
            settled_by="",
        )
        session.add(row)
        session.flush()
        return row

    def to_recall(self) -> list[Export]:
        """What holds posts deleted since it was made or last dealt with, newest first."""
        return [export for export in self._listed(_exports()) if export.deleted]

    def recent(self, limit: int = 50) -> list[Export]:
        """The newest first."""
        return self._listed(_exports().limit(limit))

    def settle(self, export_id: int, by: str) -> None:
        """Somebody recalled or replaced it; what is deleted later counts again.

        Raises:
            NotFound: no such export.
            NotAllowed: without a name.
        """
        if not by.strip():
            raise NotAllowed("say who dealt with it", remedy="give a name")
        with self._sessions.begin() as session:
            row = session.get(ExportRow, export_id)
            if row is None:
                raise NotFound(
                    f"no export {export_id}", remedy="courtpulse deletions exports lists them"
                )
            row.settled_at, row.settled_by = self._clock(), by.strip()

    def delete_before(self, moment: datetime) -> int:
        """Forget what was made before `moment`; how many."""
        with self._sessions.begin() as session:
            rows = list(session.scalars(select(ExportRow).where(ExportRow.made_at < moment)))
            for row in rows:
                for post in session.scalars(
                    select(ExportPostRow).where(ExportPostRow.export_id == row.id)
                ):
                    session.delete(post)
                session.delete(row)
        return len(rows)

    def _listed(self, statement: Select[ExportRow, int]) -> list[Export]:
        with self._sessions() as session:
            return [
                Export(
                    id=row.id,
                    kind=ExportKind(row.kind),
                    name=row.name,
                    version=row.version,
                    made_at=row.made_at,
                    posts=row.posts,
                    deleted=deleted,
                    settled_at=row.settled_at,
                    settled_by=row.settled_by,
                )
                for row, deleted in session.execute(statement)
            ]


def _exports() -> Select[ExportRow, int]:
    """Every export with how many of its posts were deleted since somebody dealt with it."""
    open_ = or_(ExportRow.settled_at.is_(None), TombstoneRow.asked_at > ExportRow.settled_at)
    return (
        select(ExportRow, func.count(distinct(TombstoneRow.post_id)))
        .outerjoin(ExportPostRow, ExportPostRow.export_id == ExportRow.id)
        .outerjoin(TombstoneRow, and_(TombstoneRow.post_id == ExportPostRow.post_id, open_))
        .group_by(ExportRow.id)
        .order_by(ExportRow.made_at.desc(), ExportRow.id.desc())
    )

"""What there is to tell of sources: their hours are brought up to date, then changes are noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from alerts.notices import Notice
from alerts.source_notices import of_change
from alerts.source_silence import mark, notice
from courtpulse.coverage import cover
from domain.errors import StoreFailure
from records.source_changes import SourceChange

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms

log = structlog.get_logger()


class SourceNews:
    """Changes of state that wait to be told."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        try:
            cover(rooms)
        except StoreFailure as error:
            # People are told of silent sources also while the index is down; the hours wait.
            log.error("coverage not brought up to date", problem=error.problem)
        self.changes: list[SourceChange] = notice(rooms.records, rooms.clock())

    def notices(self, address: str) -> list[Notice]:
        """One notice a change.

        Args:
            address: where the pages are, e.g. "http://127.0.0.1:8080".
        """
        titles = {one.source: one.title for one in self._rooms.records.runs.statuses()}
        return [
            of_change(change, titles.get(change.source, change.source), address)
            for change in self.changes
        ]

    def told(self) -> None:
        """They are queued: never again."""
        mark(self._rooms.records, self.changes, self._rooms.clock())

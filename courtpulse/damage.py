"""A damaged segment is blindness: its posts never came into the index, so its runs covered nothing.

A segment's name carries the time its first post was fetched; the runs under way then are the ones
that may have written it. Their windows become gaps, and the newest is collected again by itself:
the next run delivers again what the source still lists.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from crawlers import anew
from records.run_upkeep import concerned, spoil

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms

log = structlog.get_logger()

_STAMP = "%Y%m%dT%H%M%S.%fZ"
_WORDS = "采集批次 {name} 损坏，其中帖文没有进入索引；来源仍列出的会自动补采，其余请重新采集该时段"


def note_damaged(rooms: Rooms) -> int:
    """Make gaps of the windows that damaged segments held; how many runs that were. Repeatable."""
    spoiled = 0
    for name in rooms.inbox.damaged():
        fetched = datetime.strptime(name.partition("-")[0], _STAMP).replace(tzinfo=UTC)
        # Marked first: killed in between, what is read anew in vain counts once.
        for source in concerned(rooms.records, fetched):
            anew.mark(rooms.settings.folder / "state", source)
        sources = spoil(rooms.records, fetched, _WORDS.format(name=name[:22]))
        spoiled += len(sources)
        if sources:
            log.error("segment damaged", segment=name, sources=sources)
    return spoiled

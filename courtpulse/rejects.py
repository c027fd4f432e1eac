"""Trying rejected items again, after a fix."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from courtpulse.rooms import Rooms
from crawlers.codec import decode_raw
from domain.errors import BadInput

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many rejects were tried, taken this time, and still refused."""

    tried: int
    taken: int
    refused: int


def replay_rejects(rooms: Rooms, wanted: str) -> Replayed:
    """Hand one reject, or all, to a fresh ingest. What is taken leaves the quarantine.

    The segment is written before an item leaves, so a kill in between leaves it in both, which
    counts once. What never became an item (broken JSON, say) stays: its source must be read again.
    """
    items = [item.id for item in rooms.quarantine.list()] if wanted == "all" else [wanted]
    taken = 0
    for item in items:
        try:
            rooms.quarantine.replay(item, lambda content: _take(rooms, content))
            taken += 1
        except BadInput as error:
            log.warning("still refused", reject=item, problem=error.problem)
    return Replayed(len(items), taken, len(items) - taken)


def _take(rooms: Rooms, content: bytes) -> None:
    ingest = rooms.ingest()
    if not ingest.accept(decode_raw(content)):
        raise BadInput("it is refused for the same reason", remedy="see courtpulse sources rejects")
    ingest.commit()

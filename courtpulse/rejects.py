"""Trying rejected items again, after a fix."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from courtpulse.rooms import Rooms
from crawlers.codec import decode_raw
from crawlers.items import RawItem
from crawlers.quarantine import Rejected
from domain.errors import BadInput, CourtpulseError, NotFound

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
    counts once.
    """
    items = [item.id for item in rooms.quarantine.list()] if wanted == "all" else [wanted]
    taken = 0
    for item in items:
        try:
            _take(rooms, item)
            taken += 1
        except CourtpulseError as error:
            log.warning("still refused", reject=item, problem=error.problem)
    return Replayed(len(items), taken, len(items) - taken)


def _take(rooms: Rooms, reject: str) -> None:
    """Read the reject as an item, or as a fragment by its source's spider; ingest it."""
    about = rooms.quarantine.get(reject)

    def ingest_again(content: bytes) -> None:
        ingest = rooms.ingest()
        if not ingest.accept(_item(rooms, about, content), about.where):
            raise BadInput("it is refused again", remedy="courtpulse sources rejects says why")
        ingest.commit()

    rooms.quarantine.replay(reject, ingest_again)


def _item(rooms: Rooms, about: Rejected, content: bytes) -> RawItem:
    if content.startswith(b"{"):
        try:
            return decode_raw(content)
        except BadInput:
            # Not an item of ours but a fragment in JSON, as an interface delivers it.
            log.debug("reading a fragment", reject=about.id)
    from crawlers.replay import reread

    if about.source not in rooms.sources:
        raise NotFound(
            f"its source {about.source} is not declared or not enabled",
            remedy="import its file again, or enable the source",
            where=about.id,
        )
    return reread(
        rooms.sources[about.source], content, about.where, rooms.clock(), *rooms.settings.sources
    )

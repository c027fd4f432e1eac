"""Trying rejected items again, after a fix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from courtpulse.poison import WHERE
from courtpulse.rooms import Rooms
from crawlers.codec import decode, decode_raw
from crawlers.ingest import Ingest, post_id_of
from crawlers.items import RawItem
from crawlers.quarantine import Quarantine, Rejected
from domain.errors import BadInput, CourtpulseError, NotFound

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many rejects were tried; taken this time, refused again, or of posts deleted since."""

    tried: int
    taken: int
    refused: int
    deleted: int = 0


class _Deleted(CourtpulseError):
    """The item is of a post that was deleted for good."""


class _NoReturn(Quarantine):
    """Takes nothing in: what is refused again waits already, under the id it has."""

    def __init__(self) -> None:
        self.error = BadInput("it is refused again")

    def add(
        self, source: str, raw: bytes | str, error: BadInput, where: str = "", *, post_id: str = ""
    ) -> str:
        """Keep the reason."""
        self.error = error
        return ""


def replay_rejects(rooms: Rooms, wanted: str) -> Replayed:
    """Hand one reject, those of a source, or all to a fresh ingest; what is taken leaves.

    The segment is written before an item leaves, so a kill in between leaves it in both, which
    counts once. A reject of a post deleted since is deleted instead.

    Args:
        wanted: id of a reject, name of a source, or "all".
    """
    waiting = rooms.quarantine.list()
    chosen = [item.id for item in waiting if wanted in ("all", item.source)]
    taken = deleted = 0
    for item in chosen or ([] if wanted == "all" else [wanted]):
        try:
            _take(rooms, item)
            taken += 1
        except _Deleted:
            rooms.quarantine.delete(item)
            deleted += 1
        except CourtpulseError as error:
            log.warning("still refused", reject=item, problem=error.problem)
    tried = len(chosen) if chosen or wanted == "all" else 1
    return Replayed(tried, taken, tried - taken - deleted, deleted)


def _take(rooms: Rooms, reject: str) -> None:
    """Read the reject as an item, or as a fragment by its source's spider; ingest it."""
    about = rooms.quarantine.get(reject)
    _refuse_deleted(rooms, [about.post_id])

    def ingest_again(content: bytes) -> None:
        if about.where.startswith(WHERE):
            rooms.inbox.write([decode(content)])  # was ingested before; it failed later
            return
        item = _item(rooms, about, content)
        _refuse_deleted(rooms, [post_id_of(item)])
        door = _NoReturn()
        ingest = Ingest(rooms.inbox, rooms.tokens, door, rooms.clock)
        if not ingest.accept(item, about.where):
            raise door.error
        ingest.commit()

    rooms.quarantine.replay(reject, ingest_again)


def _refuse_deleted(rooms: Rooms, ids: Iterable[str]) -> None:
    if rooms.records.deletions.buried([one for one in ids if one]):
        raise _Deleted("its post was deleted for good")


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

"""Everything that arrives, in the order in which it arrived; 20 bytes a post, the rest stays on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np

from crawlers.ingest import post_id_of
from crawlers.items import RawItem
from domain.errors import BadInput
from domain.posts import CollectedPost

#: A post as it stood in a segment, or an item that the ingest has yet to redact.
Arrived = CollectedPost | RawItem

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Recording(Protocol):
    """One input. `index` is asked once, `read` in any order afterwards."""

    name: str  # as it was given; for messages

    def digest(self) -> str: ...  # of its content: the same content, the same digest
    def index(self) -> Iterator[tuple[int, int]]: ...  # (microsecond of arrival, place)
    def read(self, place: int) -> Arrived: ...
    def damage(self) -> list[tuple[str, bytes, BadInput]]: ...  # what `index` left out, with where


class Arrivals:
    """The posts of several recordings, merged by time of arrival.

    Raises:
        BadInput: there is not a single post in the recordings.
    """

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self._recordings = recordings
        parts = [
            np.fromiter(recording.index(), dtype=[("at", "<i8"), ("place", "<i8")])
            for recording in recordings
        ]
        self._at = np.concatenate([part["at"] for part in parts])
        self._place = np.concatenate([part["place"] for part in parts])
        self._from = np.repeat(np.arange(len(parts), dtype=np.int16), [len(part) for part in parts])
        if not len(self._at):
            raise BadInput(
                "there is nothing to replay",
                remedy="give segments, JSONL of posts, or development streams with events",
                where=", ".join(recording.name for recording in recordings)[:200],
            )
        order = np.lexsort((self._place, self._from, self._at))
        self._at, self._place, self._from = (
            self._at[order], self._place[order], self._from[order],
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self._at)

    @property
    def first(self) -> datetime:
        """When the first post arrived, UTC."""
        return moment(int(self._at[0]))

    @property
    def last(self) -> datetime:
        """When the last post arrived, UTC."""
        return moment(int(self._at[-1]))

    def between(self, since: datetime, until: datetime) -> list[Arrived]:
        """The newest version of each post that arrived in since ≤ t < until, oldest post first.

        In order of publication, so that it doesn't matter how they are cut into segments.
        """
        newest: dict[str, Arrived] = {}
        for row in range(self.before(since), self.before(until)):
            item = self._recordings[self._from[row]].read(int(self._place[row]))
            newest[_identity(item, row)] = item
        return [
            newest[key] for key in sorted(newest, key=lambda key: (_published(newest[key]), key))
        ]

    def before(self, until: datetime) -> int:
        """How many arrived before `until`."""
        return int(np.searchsorted(self._at, microsecond(until)))

    def any_between(self, since: datetime, until: datetime) -> bool:
        """Whether anything arrived in since ≤ t < until."""
        return self.before(until) > self.before(since)


def microsecond(at: datetime) -> int:
    """`at` in microseconds since 1970-01-01T00:00Z."""
    return (at - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The instant of that number of microseconds, UTC."""
    return _EPOCH + microseconds * _MICROSECOND


def _identity(item: Arrived, row: int) -> str:
    """The post's id; an item without one goes on alone, for the ingest to refuse."""
    if isinstance(item, CollectedPost):
        return item.post.id
    try:
        return post_id_of(item)
    except BadInput:
        return f"~{row:012d}"


def _published(item: Arrived) -> datetime:
    return (item.post if isinstance(item, CollectedPost) else item).published_at

"""Recorded inbox segments: posts as they were collected, redacted long ago, with their tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from courtpulse.replay.arrivals import microsecond
from crawlers.inbox import posts_of
from domain.errors import BadInput
from domain.posts import CollectedPost

#: More posts than a segment ever holds; a place is the segment's number and the post's in it.
_MOST = 1 << 20
#: Segments held at a time: sources write side by side, each its own.
_OPEN = 8


class Segments:
    """A folder's segments, wherever in it they lie; see `courtpulse.replay.arrivals.Recording`."""

    def __init__(self, folder: Path, files: Sequence[Path]) -> None:
        self.name = str(folder)
        # By name, which begins with the time; a segment in pending/ and committed/ is one.
        self._files = sorted({file.name: file for file in files}.values(), key=lambda one: one.name)
        self._damage: list[tuple[str, bytes, BadInput]] = []
        self._read = lru_cache(maxsize=_OPEN)(self._segment)

    def digest(self) -> str:
        """Of the segments' names: each holds a hash of its content, unless a post was deleted."""
        held = hashlib.sha256()
        for file in self._files:
            held.update(f"{file.name} {file.stat().st_size}\n".encode())
        return held.hexdigest()

    def index(self) -> Iterator[tuple[int, int]]:
        """Arrival is when a post was fetched."""
        for number, file in enumerate(self._files):
            try:
                posts = self._read(number)
            except BadInput as error:
                self._damage.append((file.name, b"", error))
                continue
            for place, item in enumerate(posts):
                yield microsecond(item.post.fetched_at), number * _MOST + place

    def read(self, place: int) -> CollectedPost:
        """The post at that place."""
        return self._read(place // _MOST)[place % _MOST]

    def damage(self) -> list[tuple[str, bytes, BadInput]]:
        """Segments that can't be read; whole, because half a segment has no known end."""
        return self._damage

    def _segment(self, number: int) -> list[CollectedPost]:
        with self._files[number].open("rb") as file:
            return list(posts_of(file))

"""The inbox: immutable segments of collected posts between the crawlers and everything else.

    pending/    written, not yet annotated and indexed
    committed/  done; kept seven days for replay and for newly watched cases
    damaged/    could not be read; kept seven days, named in the error

A segment is zstd-compressed JSON lines. Its last line counts the posts, because a cut-off zstd
frame ends without an error. The name is the first fetch time and a hash of the content, so names
sort by time, and writing the same posts again gives the same name and changes nothing. A process
killed at any instant leaves at worst a temporary file, which no listing shows, or a segment in
both pending/ and committed/, which is then processed once more, without effect.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import IO

import zstandard

from crawlers.codec import decode, encode
from crawlers.folders import open_folder
from domain.errors import BadInput, NotFound
from domain.posts import CollectedPost
from domain.time import Clock, system_clock

SUFFIX = ".jsonl.zst"
#: A temporary file this old has no living writer: a segment is written in well under a second.
STALE_AFTER = timedelta(hours=1)
#: Longest line of a segment: 100,000 characters of text as six-byte escapes, and some room.
_MAX_LINE = 2 * 1024 * 1024
_TICK = timedelta(microseconds=1)
_PARTS = ("pending", "committed", "damaged")


class Inbox:
    """Segments under `url`, a local path or an fsspec URL."""

    def __init__(self, url: str, clock: Clock = system_clock) -> None:
        self._folder = open_folder(str(url))
        self._clock = clock
        self._last = datetime.min.replace(tzinfo=UTC)
        self._digests: dict[str, str] | None = None

    def write(self, posts: Sequence[CollectedPost]) -> str:
        """Write `posts` as one pending segment and return its name.

        Later calls get later names, so of two versions of a post the later is indexed last.

        Raises:
            ValueError: `posts` is empty; nothing collected is no segment.
        """
        if not posts:
            raise ValueError("a segment holds at least one post")
        lines = [encode(post) for post in posts]
        digest = hashlib.sha256(b"\n".join(lines)).hexdigest()[:16]
        ending = f"-{digest}{SUFFIX}"
        if held := self._known(digest):
            return held
        fetched_at = min(post.post.fetched_at for post in posts).astimezone(UTC)
        self._last = max(fetched_at, self._last + _TICK)
        name = f"{self._last:%Y%m%dT%H%M%S.%fZ}{ending}"
        self._store(f"pending/{name}", lines)
        if self._digests is not None:
            self._digests[digest] = name
        return name

    def _known(self, digest: str) -> str | None:
        """Name of a segment with this content, if one is held.

        The folder is listed once a writer; what others write at the same time isn't seen, which
        costs a second segment with the same posts and changes nothing.
        """
        if self._digests is None:
            held = (*self.pending(), *self.committed())
            self._digests = {name.removesuffix(SUFFIX)[-16:]: name for name in held}
        name = self._digests.get(digest)
        if name is None or any(self._folder.exists(f"{part}/{name}") for part in _PARTS[:2]):
            return name
        del self._digests[digest]  # expired since
        return None

    def pending(self) -> list[str]:
        """Return the names of uncommitted segments, oldest first."""
        return self._names("pending")

    def oldest_pending(self) -> datetime | None:
        """Fetch time of the oldest segment that waits, UTC; None when none does."""
        waiting = self.pending()
        if not waiting:
            return None
        moment = waiting[0].removesuffix(SUFFIX).rpartition("-")[0]
        return datetime.strptime(moment, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)

    def committed(self) -> list[str]:
        """Return the names of committed segments that are still held, oldest first."""
        return self._names("committed")

    def damaged(self) -> list[str]:
        """Return the names of segments that could not be read, oldest first."""
        return self._names("damaged")

    def read(self, name: str) -> Iterator[CollectedPost]:
        """Yield the posts of a segment, pending or committed.

        Raises:
            BadInput: the segment is damaged. It has been moved to damaged/; posts yielded before
                the damage are sound. Other segments are not concerned.
            NotFound: there is no such segment.
        """
        yield from self._read(self._place(name), name)

    def _read(self, place: str, name: str) -> Iterator[CollectedPost]:
        try:
            with self._folder.open(place) as file:
                yield from posts_of(file)
        except BadInput as error:
            self._folder.touch(place, self._clock())
            self._folder.move(place, f"damaged/{name}")
            raise BadInput(
                f"segment is damaged and was moved aside: {error.problem}",
                remedy="run the source again for its time; the rest of the inbox goes on",
                where=f"damaged/{name}",
            ) from error

    def commit(self, name: str) -> None:
        """Mark a segment as done; fine when it is already.

        Raises:
            NotFound: there is no such segment.
        """
        place = self._place(name)
        if place.startswith("pending/"):
            try:
                # Stamped before the rename: killed in between, the segment is kept too long, never
                # too short.
                self._folder.touch(place, self._clock())
                self._folder.move(place, f"committed/{name}")
            except FileNotFoundError:
                self._place(name)  # committed by an other process meanwhile, or gone

    def delete_older(self, moment: datetime) -> int:
        """Delete what was committed or found damaged before `moment`; return how many segments.

        Temporary files that killed writers left behind go as well.
        """
        self._delete_stale()
        deleted = 0
        for part in ("committed", "damaged"):
            for name in self._names(part):
                if self._folder.modified(f"{part}/{name}") < moment:
                    self._folder.delete(f"{part}/{name}")
                    deleted += 1
        return deleted

    def tombstone(self, ids: Iterable[str]) -> int:
        """Rewrite every segment that holds one of `ids` without it; return how many posts went.

        Names stay, so a segment keeps its place and its state. A damaged segment is deleted when
        the call names any id, because nobody can tell what it holds; so is a temporary file whose
        writer is dead. A living writer's becomes a segment within a second, which `without` cleans
        when it is annotated.
        """
        wanted = frozenset(ids)
        if not wanted:
            return 0
        for name in self._names("damaged"):
            self._folder.delete(f"damaged/{name}")
        for part in _PARTS:
            for name in self._folder.orphans(part):
                self._folder.delete(f"{part}/{name}")
        # Pending first: a segment committed meanwhile is then met in committed/.
        return sum(
            self._without(part, name, wanted)
            for part in ("pending", "committed")
            for name in self._names(part)
        )

    def without(self, name: str, ids: Iterable[str]) -> int:
        """Rewrite one segment without `ids`; how many posts went. For posts deleted meanwhile."""
        wanted = frozenset(ids)
        return sum(self._without(part, name, wanted) for part in ("pending", "committed"))

    def _without(self, part: str, name: str, ids: frozenset[str]) -> int:
        place = f"{part}/{name}"
        try:
            # This copy and no other: a kill while it was moved leaves both.
            posts = list(self._read(place, name))
            modified = self._folder.modified(place)
        except FileNotFoundError:
            return 0  # committed or expired since it was listed
        except BadInput:
            self._folder.delete(f"damaged/{name}")
            return 0
        kept = [post for post in posts if post.post.id not in ids]
        if len(kept) < len(posts):
            self._store(place, [encode(post) for post in kept])
            self._folder.touch(place, modified)
            if part == "pending" and self._folder.exists(f"committed/{name}"):
                self._folder.delete(place)  # committed while it was rewritten
        return len(posts) - len(kept)

    def _names(self, part: str) -> list[str]:
        return [name for name in self._folder.names(part) if name.endswith(SUFFIX)]

    def _place(self, name: str) -> str:
        if "/" in name or not name.endswith(SUFFIX):
            raise NotFound("this is not the name of a segment", where=name[:100])
        for part in ("pending", "committed"):
            if self._folder.exists(f"{part}/{name}"):
                return f"{part}/{name}"
        raise NotFound(
            "no such segment in the inbox",
            remedy="segments are deleted seven days after their commit",
            where=name,
        )

    def _store(self, place: str, lines: Sequence[bytes]) -> None:
        end = json.dumps({"end": len(lines)}).encode("ascii")
        compressor = zstandard.ZstdCompressor(level=3, write_checksum=True)
        with self._folder.writing(place) as file:
            file.write(compressor.compress(b"\n".join([*lines, end]) + b"\n"))

    def _delete_stale(self) -> None:
        for part in _PARTS:
            for name in self._folder.stale(part):
                # The system's clock, as file times are its own; `clock` may be a test's.
                if self._folder.modified(f"{part}/{name}") < system_clock() - STALE_AFTER:
                    self._folder.delete(f"{part}/{name}")


def posts_of(file: IO[bytes]) -> Iterator[CollectedPost]:
    """Yield the posts of an opened segment; nothing is moved.

    Raises:
        BadInput: it is damaged; posts yielded before are sound.
    """
    return (decode(line) for line in _lines(file))


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines of a segment less the last, which must count them."""
    count, ahead = 0, b""
    for line in _split(file):
        if ahead:
            count += 1
            yield ahead
        ahead = line
    if ahead != json.dumps({"end": count}).encode("ascii"):
        raise BadInput(f"it ends after {count} posts without its last line")


def _split(file: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    reader = zstandard.ZstdDecompressor().stream_reader(file)
    while True:
        try:
            chunk = reader.read(256 * 1024)
        except zstandard.ZstdError as error:
            raise BadInput("it can't be decompressed") from error
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
        if len(rest) > _MAX_LINE:
            raise BadInput("it holds a line without end")
        if not chunk:
            break
    if rest:
        raise BadInput("it is cut off within a line")

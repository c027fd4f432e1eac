"""Where a spider's process died or hung, so that the same page doesn't cost every run.

The process says in a small file what it is at: the page it reads, or the post it takes in. Whoever
finds it dead counts a death there. After `MOST_DEATHS` in the same place that page is left out (the
source is then blind, and says so), or that post goes to the quarantine, and everything else is read.
After `FORGOTTEN` it is tried again, and as soon as a run gets past it.
"""

from __future__ import annotations

import json
import mmap
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from crawlers.keys import private_folder, write_private
from crawlers.state import digest
from domain.errors import BadInput, StoreFailure
from domain.time import as_utc
from text.urls import without_account

#: Deaths in one place before it is left out; a machine that was short of memory twice isn't poison.
MOST_DEATHS = 3
#: So long a place is left out: what is rejected is kept as long, and a program is mended by then.
FORGOTTEN = timedelta(days=7)
#: Bytes of the file; a place ends at its first zero byte.
_LENGTH = 1024
_MOST_PLACES = 100
_ITEM = "#"


class Place:
    """What this process is at, kept in a file for the time when it can't say so any more.

    Args:
        path: None: nothing is noted; a page is read again, and nobody collects.
    """

    def __init__(self, path: Path | None) -> None:
        self._path, self._now = path, ""
        self._file: mmap.mmap | None = None

    def at(self, place: str) -> _Within:
        """Within, the process is at `place`; afterwards where it was before.

        Raises:
            StoreFailure: the file can't be written.
        """
        return _Within(self, place)

    def note(self, place: str) -> str:
        """The process is at `place` from now on; where it was before."""
        before, self._now = self._now, place
        if self._path is not None:
            if self._file is None:
                self._file = _mapped(self._path)
            # Into shared memory, without a call of the system: it is done for every post.
            noted = place.encode()[: _LENGTH - 1] + b"\0"
            self._file[: len(noted)] = noted
        return before


class _Within:
    """`Place.at`; a generator as context manager takes three times as long."""

    __slots__ = ("_before", "_place", "_where")

    def __init__(self, where: Place, place: str) -> None:
        self._where, self._place, self._before = where, place, ""

    def __enter__(self) -> None:
        self._before = self._where.note(self._place)

    def __exit__(self, *_: object) -> None:
        self._where.note(self._before)


def _mapped(path: Path) -> mmap.mmap:
    try:
        private_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.pwrite(descriptor, bytes(_LENGTH), 0)
            return mmap.mmap(descriptor, _LENGTH)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreFailure(
            f"where the spider is can't be noted: {error.strerror}",
            remedy="check free space and permissions of the data folder",
            where=str(path),
        ) from error


@dataclass(slots=True)
class Deaths:
    """Deaths of one source's processes by place: how many, and when the last was (ISO)."""

    path: Path
    counts: dict[str, tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path, source: str) -> Deaths:
        """Read them; a file that can't be read is none, and the deaths are counted anew."""
        path = folder / "deaths" / f"{source}.json"
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
            counts = {
                str(place): (int(many), as_utc(datetime.fromisoformat(at)).isoformat())
                for place, (many, at) in held.items()
            }
        except (OSError, ValueError, TypeError, AttributeError):
            counts = {}
        return cls(path, counts)

    def left_out(self, now: datetime) -> frozenset[str]:
        """Places where nothing is read any more."""
        return frozenset(
            place
            for place, (many, at) in self.counts.items()
            if many >= MOST_DEATHS and as_utc(now) - datetime.fromisoformat(at) < FORGOTTEN
        )

    def add(self, place: str, now: datetime) -> int:
        """Count a death at `place`; which one it is. After `FORGOTTEN` counting begins anew.

        Raises:
            OSError: it can't be kept, and isn't counted.
        """
        kept = {
            one: (many, at)
            for one, (many, at) in self.counts.items()
            if as_utc(now) - datetime.fromisoformat(at) < FORGOTTEN
        }
        many = kept.pop(place, (0, ""))[0] + 1
        kept[place] = (many, as_utc(now).isoformat())
        self.counts = dict(list(kept.items())[-_MOST_PLACES:])
        self._save()
        return many

    def survived(self) -> None:
        """A run came to its end: what was no poison is forgotten. Raises `OSError` as `add`."""
        left = {place: held for place, held in self.counts.items() if held[0] >= MOST_DEATHS}
        if left != self.counts:
            self.counts = left
            self._save()

    def _save(self) -> None:
        private_folder(self.path.parent)
        write_private(self.path, json.dumps(self.counts, ensure_ascii=False).encode())


def place_path(folder: Path, source: str) -> Path:
    """The file in which a source's process notes where it is; `folder` holds the states."""
    return folder / "deaths" / f"{source}.at"


def take_place(folder: Path, source: str) -> str:
    """Where the process was when it died, asked once; "" when it was at nothing of the source's."""
    path = place_path(folder, source)
    try:
        noted = path.read_bytes()
    except FileNotFoundError:
        return ""
    path.unlink(missing_ok=True)
    return noted.partition(b"\0")[0].decode("utf-8", "replace")


def page_place(url: str) -> str:
    """A page by host and path, without an account; its query, which may hold a token, by a digest."""
    try:
        parts = urlsplit(without_account(url))
    except BadInput:  # longer than any address; its host says enough
        parts = urlsplit(url)._replace(path="")
    return f"{parts.hostname}{parts.path[:200]} {digest(url)}"


def item_place(key: str) -> str:
    """One item or post; its address and id stay unsaid."""
    return f"{_ITEM}{digest(key)}"


def words(place: str) -> str:
    """A place as the press office reads it."""
    if place.startswith(_ITEM):
        return f"其中一条（编号 {place.removeprefix(_ITEM)}）"
    return unquote(place.partition(" ")[0])


def deadly() -> BadInput:
    """Why an item is rejected that has killed too many processes."""
    return BadInput(
        f"reading it ended the process {MOST_DEATHS} times",
        remedy="report it with its source; replay it after a fix",
    )

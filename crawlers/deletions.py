"""Deletions that a source told us of while it was read, until they are carried out.

A stream says once that an author deleted a post. The id is on disk before the run's state moves
past that line, and stays there until the post is gone everywhere; carrying it out twice is fine.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from crawlers.keys import private_folder, write_private
from crawlers.lines import append
from domain.errors import StoreFailure

#: How a source's file ends.
SUFFIX = ".deleted"


def waiting(folder: Path) -> list[str]:
    """Sources with deletions that wait in `folder`, also those no longer declared; in order."""
    return sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}"))


class Deletions:
    """Ids of posts to forget, one file a source in `folder`; no text, no address."""

    def __init__(self, folder: Path, source: str) -> None:
        self._folder = folder
        self._path = folder / f"{source}{SUFFIX}"

    def add(self, ids: Iterable[str]) -> None:
        """Append `ids` for good.

        Raises:
            StoreFailure: disk full, no permission.
        """
        told = list(ids)
        if not told:
            return
        try:
            with self._alone():
                append(self._path, told)
        except OSError as error:
            raise StoreFailure(
                f"a deletion can't be noted: {error.strerror}",
                remedy="make room or correct the permissions; the stream is read again",
                where=str(self._path),
            ) from error

    def read(self) -> list[str]:
        """What waits, in order; a line cut off by a kill is left out and comes again."""
        try:
            text = self._path.read_text(encoding="ascii")
        except FileNotFoundError:
            return []
        return list(dict.fromkeys(line for line in text.split("\n") if len(line) == 32))

    def done(self, ids: Iterable[str]) -> None:
        """Forget those of `ids`, whose posts are gone; what was told meanwhile stays."""
        gone = set(ids)
        with self._alone():
            left = [one for one in self.read() if one not in gone]
            if left:
                write_private(self._path, "".join(f"{one}\n" for one in left).encode("ascii"))
            else:
                self._path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process changes the file within; the system ends the lock of one that dies."""
        lock = private_folder(self._folder) / f".{self._path.name}.lock"
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

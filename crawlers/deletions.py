"""Deletions that a source told us of while it was read, until they are carried out.

A stream says once that an author deleted a post. The id is on disk before the run's state moves
past that line, and stays there until the post is gone everywhere; carrying it out twice is fine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from crawlers.keys import private_folder
from domain.errors import StoreFailure


class Deletions:
    """Ids of posts to forget, one file a source in `folder`; no text, no address."""

    def __init__(self, folder: Path, source: str) -> None:
        self._folder = folder
        self._path = folder / f"{source}.deleted"

    def add(self, ids: Iterable[str]) -> None:
        """Append `ids` for good.

        Raises:
            StoreFailure: disk full, no permission.
        """
        lines = "".join(f"{one}\n" for one in ids)
        if not lines:
            return
        try:
            private_folder(self._folder)
            with self._path.open("a", encoding="ascii") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
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

    def done(self) -> None:
        """Forget what was read; call it when the posts are gone and no spider of the source runs."""
        self._path.unlink(missing_ok=True)

"""Files of lines that only grow, and whose lines last once `append` has returned."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from crawlers.keys import sync_folder


def append(path: Path, lines: Iterable[str]) -> None:
    """Add ASCII `lines` (without their ends) to the file at `path`, and sync it; none touch no file.

    A line that a kill cut off before is ended first, so that it doesn't take the next one with it. The
    file is created readable by its owner alone.

    Raises:
        OSError: disk full, no permission.
    """
    added = "".join(f"{line}\n" for line in lines)
    if not added:
        return
    fresh = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "rb+") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            added = added if file.read(1) == b"\n" else "\n" + added
        file.write(added.encode("ascii"))
        file.flush()
        os.fsync(file.fileno())
    if fresh:  # a file whose name doesn't last has no lines
        sync_folder(path.parent)

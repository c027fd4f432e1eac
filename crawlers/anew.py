"""A source whose posts were lost after they were fetched is read anew.

Its state says of every version "delivered", and the next run would pass it over: the window would
be covered and the posts gone. Whoever finds the loss marks the source; the next run forgets what was
delivered before it begins. A run under way at that moment keeps its state, and the mark stays.
"""

from __future__ import annotations

from pathlib import Path

from crawlers.keys import private_folder
from crawlers.state import SourceState
from domain.errors import StoreFailure


def mark(folder: Path, source: str) -> None:
    """Have the next run of `source` deliver again what it finds; `folder` holds the states."""
    (private_folder(folder) / f"{source}.anew").touch()


def begin(folder: Path, source: str) -> None:
    """Obey the mark, if there is one; killed in between it is obeyed again.

    Raises:
        StoreFailure: disk full, no permission.
    """
    marked, path = folder / f"{source}.anew", folder / f"{source}.json"
    if not marked.exists():
        return
    if path.exists():
        try:
            state = SourceState.load(path)
        except StoreFailure:
            return  # damaged: the run itself says so, and the mark stays
        state.begin_anew()
        state.save(path)
    marked.unlink(missing_ok=True)

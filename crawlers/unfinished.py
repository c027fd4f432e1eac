"""What of earlier windows is still to be read: a small file a source, changed around the run log.

Written twice a run by the parent process: before the run log the union of what was and what is left,
after it only what is left. Killed anywhere in between, the next run reads a piece again rather than
not at all, and the same post has the same id.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from crawlers.keys import sync_folder
from crawlers.pieces import Piece
from domain.errors import StoreFailure


@dataclass(frozen=True, slots=True)
class Parts:
    """A piece cut by region: what the whole holds (None: not said), what its parts held so far."""

    whole: Piece
    total: int | None
    found: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a run leaves to the next one.

    Attributes:
        pieces: still to be read, newest first as they were cut.
        families: cut by region and not yet held against their wholes.
        reached: Unix second up to which windows were taken up; None: ask the run log.
    """

    pieces: tuple[Piece, ...] = ()
    families: tuple[Parts, ...] = ()
    reached: int | None = None

    def joined(self, other: Unfinished) -> Unfinished:
        """Both, each piece once; `reached` of this one."""
        wholes = {parts.whole: parts for parts in (*other.families, *self.families)}
        return Unfinished(
            tuple(dict.fromkeys((*self.pieces, *other.pieces))),
            tuple(wholes.values()),
            self.reached,
        )

    @property
    def reached_at(self) -> datetime | None:
        """`reached` as an instant."""
        return None if self.reached is None else datetime.fromtimestamp(self.reached, UTC)


#: Every window was read to its end.
NOTHING = Unfinished()


def load(path: Path) -> Unfinished:
    """Read the file; nothing is unfinished when there is none.

    Raises:
        StoreFailure: the file can't be read or is not ours.
    """
    try:
        return _form().validate_json(path.read_bytes())
    except FileNotFoundError:
        return NOTHING
    except ValidationError as error:
        raise StoreFailure(
            "the list of unfinished searches is damaged",
            remedy="delete the file: what it lists stays a gap, nothing counts twice",
            where=str(path),
        ) from error
    except OSError as error:
        raise _failure(path, error) from error


def save(path: Path, unfinished: Unfinished) -> None:
    """Write the file as a whole or not at all; an empty list needs none.

    Raises:
        StoreFailure: disk full, no permission.
    """
    if unfinished == NOTHING and not path.exists():
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(_form().dump_json(unfinished))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise _failure(path, error) from error


@cache
def _form() -> TypeAdapter[Unfinished]:
    return TypeAdapter(Unfinished)


def _failure(path: Path, error: OSError) -> StoreFailure:
    return StoreFailure(
        f"the list of unfinished searches can't be kept: {error.strerror}",
        remedy="check free space and permissions of the data folder",
        where=str(path),
    )

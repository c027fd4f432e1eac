"""The journal of tombstones: one line an id beside the data, so that a restored backup can be told.

A backup holds what was deleted after it was made. The journal is never restored from a backup; it
holds ids, sources and times, no text, and may be copied anywhere. `courtpulse deletions replay`
deletes again what it names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from crawlers.lines import append
from domain.deletion import DeletionReason, Tombstone
from domain.errors import BadInput, StoreFailure

NAME = "tombstones.jsonl"


class Journal:
    """Tombstones in one file, appended and synced before anything is deleted."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, stones: Iterable[Tombstone]) -> None:
        """Add `stones`; a line that a kill cut off before is ended first.

        Raises:
            StoreFailure: disk full, no permission. Nothing was deleted yet.
        """
        try:
            append(self.path, map(_line, stones))
        except OSError as error:
            raise StoreFailure(
                f"the journal of tombstones can't be written: {error.strerror}",
                remedy="make room or correct the permissions, then delete again",
                where=str(self.path),
            ) from error

    def read(self) -> Iterator[Tombstone]:
        """Yield every tombstone once, oldest first; a line cut off by a kill is passed over.

        Raises:
            BadInput: a whole line isn't a tombstone.
        """
        if not self.path.exists():
            return
        seen: set[str] = set()
        lines = self.path.read_text(encoding="ascii", errors="replace").split("\n")
        for number, line in enumerate(lines, start=1):
            stone = _stone(line)
            if stone is None:
                # Only a kill leaves a beginning without an end; its deletion was not begun either.
                if line and not (line.startswith('{"id"') and not line.endswith("}")):
                    raise BadInput(
                        f"line {number} is no tombstone",
                        remedy="use a journal as courtpulse wrote it",
                        where=str(self.path),
                    )
            elif stone.post_id not in seen:
                seen.add(stone.post_id)
                yield stone


def _line(stone: Tombstone) -> str:
    fields = {
        "id": stone.post_id,
        "source": stone.source,
        "reason": stone.reason.value,
        "at": stone.asked_at.isoformat(),
    }
    return json.dumps(fields)


def _stone(line: str) -> Tombstone | None:
    try:
        fields = json.loads(line)
        return Tombstone(
            str(fields["id"]),
            str(fields["source"]),
            DeletionReason(fields["reason"]),
            datetime.fromisoformat(fields["at"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None

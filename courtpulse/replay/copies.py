"""Replays are copies of posts: what is deleted leaves them too, and they go as segments do.

Concerns the replays that lie below the data folder; for one made elsewhere (`--into`) answers who made
it. Read again, it forgets what was deleted since.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from courtpulse.replay.folder import is_replay
from courtpulse.replay.plan import Plan, settings_of
from domain.deletion import DeletionReason

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms

#: Where replays lie in the data folder.
REPLAYS = "replays"
#: Name of the canonical output in a replay's folder.
ALERTS = "alerts.jsonl"


def forget(rooms: Rooms, ids: Sequence[str]) -> int:
    """Take posts out of every replay; how many copies the replays' indexes held.

    The output of a replay that held one goes as well, as it may quote it; the same command writes it
    anew. A replay under way goes on without the posts.

    Raises:
        StoreFailure: a replay can't be read or written.
    """
    found = 0
    for folder in _folders(rooms.settings.folder):
        found += _forget(rooms, folder, ids)
    return found


def expire(folder: Path, before: datetime) -> int:
    """Delete the replays below data folder `folder` that nobody touched since `before`; how many."""
    old = [path for path in _folders(folder) if _touched(path) < before]
    for path in old:
        shutil.rmtree(path)
    return len(old)


def _forget(rooms: Rooms, folder: Path, ids: Sequence[str]) -> int:
    from courtpulse.deletion import Eraser
    from courtpulse.rooms import Rooms

    output = folder / ALERTS
    copy = Rooms(settings_of(Plan(()), rooms.settings, folder), rooms.clock)
    try:
        # Before its posts are gone: killed in between, nothing would tell that it may quote them.
        if copy.store.get(ids) or (output.exists() and _names(output, ids)):
            output.unlink(missing_ok=True)
        return Eraser(copy).forget(ids, DeletionReason.ASKED)
    finally:
        copy.close()


def _names(output: Path, ids: Sequence[str]) -> bool:
    text = output.read_text(encoding="utf-8")
    return any(one in text for one in ids)


def _folders(data: Path) -> Iterator[Path]:
    for path in sorted((data / REPLAYS).glob("*")):
        if is_replay(path):
            yield path


def _touched(path: Path) -> datetime:
    times = [one.stat().st_mtime for one in path.iterdir() if one.is_file()]
    return datetime.fromtimestamp(max(times), UTC)

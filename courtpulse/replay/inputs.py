"""What a path given to `courtpulse replay` is: segments, JSONL of posts, or development streams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from courtpulse.replay.arrivals import Recording
from courtpulse.replay.lines import Lines
from courtpulse.replay.recorded import Segments
from courtpulse.replay.streams import Streams
from crawlers.inbox import SUFFIX
from domain.errors import BadInput

_STREAMS = (".csv", ".csv.xz", ".csv.gz")


def open_inputs(paths: Sequence[Path], series: Sequence[int] = ()) -> list[Recording]:
    """The recordings of `paths`, in their order.

    Raises:
        BadInput: a path doesn't exist, or holds nothing that can be replayed.
    """
    return [recording for path in paths for recording in _of(path, series)]


def _of(path: Path, series: Sequence[int]) -> list[Recording]:
    if path.is_dir():
        segments = [
            file
            for part in ("", "pending", "committed", "inbox/pending", "inbox/committed")
            for file in sorted((path / part).glob(f"*{SUFFIX}"))
        ]
        found: list[Recording] = [Segments(path, segments)] if segments else []
        found += [Lines(file) for file in sorted(path.glob("*.jsonl"))]
        if found:
            return found
        raise _unusable(path, "holds no segments and no .jsonl")
    if not path.is_file():
        raise _unusable(path, "does not exist")
    if path.name.endswith(SUFFIX):
        return [Segments(path, [path])]
    if path.name.endswith(".jsonl"):
        return [Lines(path)]
    if path.name.endswith(_STREAMS):
        return [Streams(path, series)]
    raise _unusable(path, "is of no known kind")


def _unusable(path: Path, problem: str) -> BadInput:
    return BadInput(
        problem,
        remedy="give an inbox or a folder of segments, a .jsonl of posts, or a .csv(.xz) of events",
        where=str(path),
    )

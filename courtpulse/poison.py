"""A post that kills whoever annotates it goes to the quarantine alone; its segment goes on.

Before a segment is annotated a mark says so, and after it the mark goes. Whoever finds the marks of
`MOST_TRIES` that never came back sends a probe ahead: a process that reads the posts one by one and
says which it is at. Where it dies, or stays longer than `ITEM_SECONDS`, is the poison. Halving the
segment, as one would by hand, finds the same with ten times as many deaths.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import structlog

from courtpulse.annotate import StageReport
from courtpulse.scratch import scratch, sweep
from crawlers.codec import encode
from crawlers.keys import private_folder
from domain.errors import BadInput, ConfigurationError, CourtpulseError, NotFound, StoreFailure

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms

log = structlog.get_logger()

#: Tries of a segment that may end in death; a machine that reboots twice isn't poison yet.
MOST_TRIES = 3
#: Longest a post may take alone; the longest of 100,000 characters takes under two.
ITEM_SECONDS = 20.0
#: Longest a segment may take: 2,000 posts at the two a second of the slowest checkpoint measured.
SEGMENT_SECONDS = 1_000.0
#: Longest the model and the cases may take to load.
_LOAD_SECONDS = 180.0
COMMAND = (sys.executable, "-P", "-m", "courtpulse.probe")
#: Folder within the private one where the probe writes.
SCRATCH = "probe"
#: Begins the place of a quarantined post, which is replayed as it is (`courtpulse.rejects`).
WHERE = "segment "
_ROOT = Path(__file__).resolve().parent.parent


class TookTooLong(CourtpulseError):
    """A segment was given up in the middle of it; it is tried again, and after that examined."""


@contextmanager
def limited(segment: str, seconds: float = SEGMENT_SECONDS) -> Iterator[None]:
    """Give up what takes longer than `seconds`, a regular expression that never ends included.

    Works in a process's main thread, by the alarm clock; elsewhere the caller's limit holds. An
    alarm that was set before (Airflow's) goes on afterwards.

    Raises:
        TookTooLong: time is up.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise TookTooLong(
            f"it takes longer than {seconds:.0f} seconds",
            remedy="it is tried again; after three tries its posts are read one by one",
            where=segment,
        )

    began, handler = time.monotonic(), signal.signal(signal.SIGALRM, ring)
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            rest = left - (time.monotonic() - began)
            signal.setitimer(signal.ITIMER_REAL, max(rest, 0.01))


class Tries:
    """How often a segment was begun and not ended, one small file a segment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def one(self, segment: str) -> Iterator[int]:
        """Count a try; its number. What isn't the segment's fault (an index that is down) isn't counted."""
        path = private_folder(self._folder) / segment
        before = self._read(path)
        path.write_text(str(before + 1), encoding="ascii")
        try:
            yield before + 1
        except (StoreFailure, ConfigurationError, NotFound):
            path.write_text(str(before), encoding="ascii")
            raise
        path.unlink(missing_ok=True)

    def _read(self, path: Path) -> int:
        try:
            return int(path.read_text(encoding="ascii") or 0)
        except (FileNotFoundError, ValueError):
            return 0  # never begun, or killed while the first mark was written


@dataclass(frozen=True, slots=True)
class _End:
    """How a probe ended: the post it was at, None when it read all."""

    at: int | None
    how: str = ""


class Isolation:
    """Finds the posts of a segment that kill, and sets each aside."""

    def __init__(self, rooms: Rooms, item_seconds: float = ITEM_SECONDS) -> None:
        self._rooms = rooms
        self._item_seconds = item_seconds

    def clean(self, segment: str) -> int:
        """Quarantine every killing post of `segment`; how many.

        Raises:
            CourtpulseError: the probe dies before it reads a post; this machine is at fault.
            BadInput: the segment is damaged.
        """
        posts = list(self._rooms.inbox.read(segment))
        start, poisonous = 0, []
        while start < len(posts):
            end = self._probe(segment, start)
            if end.at is None:
                break
            poisonous.append(posts[end.at])
            self._rooms.quarantine.add(
                posts[end.at].post.source,
                encode(replace(posts[end.at], author_tokens=())),
                BadInput(
                    f"annotating it {end.how}",
                    remedy="report it with its source; replay it after a fix",
                ),
                f"{WHERE}{segment} post {end.at}",
                post_id=posts[end.at].post.id,
            )
            log.error("a post was set aside", segment=segment, post=end.at, how=end.how)
            start = end.at + 1
        self._rooms.inbox.without(segment, [one.post.id for one in poisonous])
        return len(poisonous)

    def _probe(self, segment: str, start: int) -> _End:
        with scratch(self._rooms.private / SCRATCH) as folder:
            return self._probe_in(folder, segment, start)

    def _probe_in(self, folder: Path, segment: str, start: int) -> _End:
        order = {
            "segment": segment,
            "start": start,
            "scratch": str(folder),
            "settings": self._rooms.settings.model_dump(mode="json"),
        }
        inherited = os.environ.get("PYTHONPATH", "")
        path = os.pathsep.join(part for part in (str(_ROOT), inherited) if part)
        with subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            text=True,
        ) as process:
            assert process.stdin
            assert process.stdout
            with contextlib.suppress(BrokenPipeError):  # it died first; its code says so below
                process.stdin.write(json.dumps(order))
                process.stdin.close()
            try:
                return self._follow(process, process.stdout, segment)
            finally:
                process.kill()

    def _follow(self, process: subprocess.Popen[str], said: IO[str], segment: str) -> _End:
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=_read_into, args=(said, lines), daemon=True).start()
        at: int | None = None
        while True:
            limit = _LOAD_SECONDS if at is None else self._item_seconds
            try:
                line = lines.get(timeout=limit)
            except queue.Empty:
                if at is None:
                    raise _unwell("doesn't get ready", segment) from None
                return _End(at, f"takes longer than {self._item_seconds:.0f} seconds")
            if line is None:
                code = _code(process, self._item_seconds)
                if code == 0:
                    return _End(None)
                if at is None:
                    raise _unwell(f"ends with code {code} before it reads a post", segment)
                return _End(at, f"ends the process (code {code})")
            # Whatever else a library prints says nothing.
            at = int(line) if line.strip().isdecimal() else at


def carefully(
    rooms: Rooms, segments: Iterable[str], run: Callable[[list[str]], StageReport]
) -> StageReport:
    """`run` each segment, counted and timed; one that failed too often is cleaned of poison first.

    Raises:
        TookTooLong: a segment's time was up.
        CourtpulseError: as `run` and `Isolation.clean` do.
    """
    sweep(rooms.private / SCRATCH)
    tries, total = Tries(rooms.settings.folder / "tries"), StageReport()
    for name in segments:
        with tries.one(name) as number:
            if number > MOST_TRIES:
                try:
                    Isolation(rooms).clean(name)
                except BadInput as error:
                    log.error("segment set aside", segment=name, problem=error.problem)
                    total += StageReport(damaged=1)
                    continue
            with limited(name):
                total += run([name])
    return total


def _read_into(said: IO[str], lines: queue.SimpleQueue[str | None]) -> None:
    for line in said:
        lines.put(line)
    lines.put(None)


def _code(process: subprocess.Popen[str], seconds: float) -> int:
    """How a process ended that says nothing more; one that doesn't end is killed."""
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _unwell(what: str, segment: str) -> CourtpulseError:
    return CourtpulseError(
        f"the probe of a segment that failed {MOST_TRIES} times {what}",
        remedy="see the log above; the segment stays in the inbox",
        where=segment,
    )

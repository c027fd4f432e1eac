"""Drives a replay: tick by tick through the chain, under a clock that stands at each tick's end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import structlog

from courtpulse.annotate import StageReport
from courtpulse.flow import Flow
from courtpulse.journal import NAME as JOURNAL
from courtpulse.replay import output
from courtpulse.replay.arrivals import Arrivals, Arrived, Recording
from courtpulse.replay.copies import ALERTS, REPLAYS
from courtpulse.replay.folder import Folder
from courtpulse.replay.inputs import open_inputs
from courtpulse.replay.known import Known, Telling, known_of
from courtpulse.replay.plan import SEGMENT, Plan, fingerprint, settings_of
from courtpulse.replay.rooms import DataClock, ReplayRooms
from courtpulse.settings import Settings
from crawlers.ingest import Ingest
from crawlers.items import RawItem
from domain.posts import CollectedPost
from domain.time import SHANGHAI, bucket_index, bucket_start

log = structlog.get_logger()

#: After the last post the clock goes on until no alert is open, at most so long.
_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found.

    Attributes:
        posts: what arrived; linked, rejected: of what this process ingested.
        ticks: ticks that this process ran.
        alerts: file of the canonical output; digest: its SHA-256.
        seconds: what this process took.
    """

    folder: Path
    first: datetime
    last: datetime
    posts: int
    linked: int
    rejected: int
    ticks: int
    raised: int
    backfilled: int
    alerts: Path
    digest: str
    seconds: float


def replay(
    plan: Plan,
    live: Settings,
    tell: Callable[[datetime, int], None] = lambda _now, _done: None,
    sleep: Callable[[float], None] = time.sleep,
) -> Replayed:
    """Replay `plan`, or go on where a killed process left it; a finished one is only read again.

    Args:
        live: settings of the office; its folder is read, never written outside ``replays/``.
        tell: called after each tick with its end and the posts that arrived by then.

    Raises:
        BadInput: an input can't be used.
        ConfigurationError: no cases, a wrong policy or routes file, a folder of something else.
    """
    recordings = open_inputs(plan.inputs, plan.series)
    arrivals = Arrivals(recordings)
    known = known_of(plan, live, recordings, arrivals.first, arrivals.last)
    wanted = settings_of(plan, live, live.folder)
    contents = [*(one.digest() for one in recordings), known.digest()]
    mark = fingerprint(plan, wanted, contents)
    folder = Folder((plan.into or live.folder / REPLAYS / mark).resolve())
    folder.claim(mark)
    settings = settings_of(plan, live, folder.path)
    clock = DataClock(arrivals.first)
    rooms = ReplayRooms(settings, clock)
    try:
        run = _Run(plan, rooms, clock, folder, arrivals, known, tell, sleep)
        return run.all(recordings, live.folder / JOURNAL)
    finally:
        rooms.close()


class _Run:
    """One process' part of a replay."""

    def __init__(
        self,
        plan: Plan,
        rooms: ReplayRooms,
        clock: DataClock,
        folder: Folder,
        arrivals: Arrivals,
        known: Known,
        tell: Callable[[datetime, int], None],
        sleep: Callable[[float], None],
    ) -> None:
        self._plan, self._rooms, self._folder, self._arrivals = plan, rooms, folder, arrivals
        self._known, self._tell, self._sleep = known, tell, sleep
        self._clock = clock
        self._flow = Flow(rooms)
        self._started = time.monotonic()
        self._paced_from: datetime | None = None  # where this process took up
        self._ticks = self._rejected = self._raised = self._backfilled = 0
        self._annotated = StageReport()

    def all(self, recordings: Sequence[Recording], deleted: Path) -> Replayed:
        """Every tick that is left, then the output; without the posts the journal `deleted` names."""
        if self._folder.done_until is None:
            self._begin(recordings)
        self._flow.eraser().replay(deleted)
        if not self._folder.finished:
            telling = Telling(self._rooms.records, self._known)
            for start, end in self._windows():
                self._tick(start, end, telling)
            self._folder.finish()
        self._clock.now = self._folder.done_until or self._arrivals.last
        path = self._folder.path / ALERTS
        digest = output.write(self._rooms, path)
        return Replayed(
            folder=self._folder.path,
            first=self._arrivals.first,
            last=self._arrivals.last,
            posts=len(self._arrivals),
            linked=self._annotated.linked,
            rejected=self._rejected,
            ticks=self._ticks,
            raised=self._raised,
            backfilled=self._backfilled,
            alerts=path,
            digest=digest,
            seconds=round(time.monotonic() - self._started, 1),
        )

    def _begin(self, recordings: Sequence[Recording]) -> None:
        """Watch the cases; what no input could make a post of lies in the quarantine."""
        _ = self._rooms.policy_settings, self._rooms.routing  # wrong files stop us here
        for case in self._known.cases:
            self._rooms.records.cases.save(case)
        for recording in recordings:
            for where, raw, error in recording.damage():
                self._rooms.quarantine.add("replay", raw, error, where)
                self._rejected += 1

    def _windows(self) -> Iterator[tuple[datetime, datetime]]:
        """Start and end of the ticks that are left; the one a killed process was in comes again."""
        every, last = self._plan.every, self._arrivals.last
        start = self._folder.done_until or bucket_start(bucket_index(self._arrivals.first))
        interrupted = self._folder.begun_until
        while start <= last or (self._is_open() and start - last <= _AFTER):
            end = start + every
            if self._is_busy(start, end) or end == interrupted:
                yield self._folder.done_until or start, end
            start = end

    def _is_busy(self, start: datetime, end: datetime) -> bool:
        """Whether the tick could change anything: a post, an open alert."""
        return self._arrivals.any_between(start, end) or self._is_open()

    def _is_open(self) -> bool:
        return bool(self._rooms.records.alerts.open())

    def _tick(self, start: datetime, end: datetime, telling: Telling) -> None:
        """Everything that arrived in start ≤ t < end, at `end`."""
        self._wait(end)
        self._folder.begin(end)
        self._clock.now = end
        if start.astimezone(SHANGHAI).date() != end.astimezone(SHANGHAI).date():
            self._flow.housekeep()
        telling.tell(end)
        segments = self._ingest(self._arrivals.between(start, end))
        if segments:
            self._annotated += self._flow.annotate(segments)
        found = self._flow.detect()
        self._flow.notify()
        self._folder.mark(end)
        self._ticks += 1
        self._raised += found.raised
        self._backfilled += found.backfilled
        self._tell(end, self._arrivals.before(end))

    def _ingest(self, items: Sequence[Arrived]) -> list[str]:
        """Names of the segments that hold `items`, in their order."""
        segments: list[str] = []
        ingest = self._rooms.ingest()
        for redacted, alike in groupby(items, key=lambda item: isinstance(item, CollectedPost)):
            for batch in _cut(list(alike), min(self._plan.batch, SEGMENT)):
                segments += self._posts(batch) if redacted else self._items(ingest, batch)
        return segments

    def _posts(self, batch: Sequence[Arrived]) -> list[str]:
        return [self._rooms.inbox.write([one for one in batch if isinstance(one, CollectedPost)])]

    def _items(self, ingest: Ingest, batch: Sequence[Arrived]) -> list[str]:
        for item in batch:
            if isinstance(item, RawItem):
                ingest.accept(item)
        self._rejected += ingest.tally.rejected
        return ingest.commit()

    def _wait(self, end: datetime) -> None:
        """Until the data's time, at the speed asked for, has come to `end`."""
        if self._plan.speed is None:
            return
        self._paced_from = self._paced_from or self._folder.done_until or self._arrivals.first
        due = (end - self._paced_from).total_seconds() / self._plan.speed
        left = due - (time.monotonic() - self._started)
        if left > 0:
            self._sleep(left)


def _cut(items: Sequence[Arrived], size: int) -> Iterator[Sequence[Arrived]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]

"""What a replay must know besides posts: cases, and what the live office knew of its sources.

Cases come from a file, from the streams themselves, or from the live registry. Only in the last
case do the live records' runs and gaps count: then the recording is taken for this office's own
past, and what was not seen then must not be zero now.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from pydantic_core import to_json

from courtpulse.replay.arrivals import Recording
from courtpulse.replay.plan import Plan
from courtpulse.replay.streams import Streams
from courtpulse.settings import Settings
from domain.cases import Case
from domain.errors import ConfigurationError
from domain.sources import Gap, GapReason, SourceRun
from records import Records
from records.runs import SourceInfo

#: More runs than any office's records hold within the retention of its posts.
_ALL = 10_000_000
#: Gaps that were found when they were over; all others lasted until they were closed.
_AFTERWARDS = frozenset({GapReason.PAGE_CAP, GapReason.BELOW_EXPECTATION})


@dataclass(frozen=True, slots=True)
class Known:
    """Cases, and the sources' runs and gaps in order of when they came to be known."""

    cases: tuple[Case, ...]
    sources: tuple[SourceInfo, ...] = ()
    runs: tuple[SourceRun, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def digest(self) -> str:
        """Of all of it."""
        return hashlib.sha256(to_json((self.cases, self.sources, self.runs, self.gaps))).hexdigest()


def known_of(
    plan: Plan, live: Settings, recordings: Sequence[Recording], first: datetime, last: datetime
) -> Known:
    """Collect it; the live folder is read and not written.

    Args:
        first, last: when the first and the last post arrived.

    Raises:
        ConfigurationError: the file of cases is wrong, no case is watched, or the live records
            are of another version: a replay brings nothing up to date.
    """
    if plan.cases is not None:
        from courtpulse.case_files import read_cases

        return Known(tuple(read_cases(plan.cases, first)))
    own = [case for one in recordings if isinstance(one, Streams) for case in one.cases()]
    known = Known(tuple(own)) if own else _live(live, first, last)
    if not known.cases:
        raise ConfigurationError(
            "no case is watched", remedy="give --cases FILE, or add cases: courtpulse cases add"
        )
    return known


def _live(settings: Settings, first: datetime, last: datetime) -> Known:
    from courtpulse.seeds import is_seed
    from courtpulse.sources import declared, info
    from records.coverage import post_gaps

    records = Records.read(settings.records)
    try:
        seeds = records.ledger.seeds()  # the replay's own ledger is empty
        runs = [
            run
            for run in records.runs.runs(limit=_ALL)
            if run.finished_at <= last
            and run.window_end > first - timedelta(days=28)
            and run.source not in seeds
        ]
        return Known(
            cases=tuple(records.cases.all()),
            sources=tuple(
                info(source)
                for source in declared(settings.sources).values()
                if not is_seed(source)
            ),
            runs=tuple(sorted(runs, key=lambda run: (run.finished_at, run.source))),
            gaps=tuple(post_gaps(records, first - timedelta(days=28), last)),
        )
    finally:
        records.close()


class Telling:
    """Tells the replay's records of runs and gaps when the live ones learned of them; once each."""

    def __init__(self, records: Records, known: Known) -> None:
        self._runs = records.runs
        told = {
            (run.source, run.started_at, run.finished_at) for run in self._runs.runs(limit=_ALL)
        }
        events: list[tuple[datetime, Callable[[], None]]] = [
            (run.finished_at, partial(self._runs.add_run, run))
            for run in known.runs
            if (run.source, run.started_at, run.finished_at) not in told
        ]
        for gap in known.gaps:
            if gap.reason in _AFTERWARDS and gap.end is not None:
                events.append((gap.end, partial(self._runs.add_gap, gap)))
                continue
            events.append((gap.start, partial(self._open, gap)))
            if gap.end is not None:
                events.append((gap.end, partial(self._runs.close_gap, gap.source, gap.end)))
        self._events = deque(sorted(events, key=lambda event: event[0]))
        if known.sources:
            self._runs.register(list(known.sources))

    def tell(self, now: datetime) -> bool:
        """Everything known by `now`; whether there was anything."""
        told = False
        while self._events and self._events[0][0] <= now:
            _, act = self._events.popleft()
            act()
            told = True
        return told

    def _open(self, gap: Gap) -> None:
        """Unless the replay that was killed here had told of it."""
        moment = timedelta(microseconds=1)
        known = self._runs.gaps(gap.start, gap.start + moment)
        if not any(one.source == gap.source and one.start == gap.start for one in known):
            self._runs.open_gap(gap)

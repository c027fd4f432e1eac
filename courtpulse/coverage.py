"""Coverage by source and hour, computed from runs, gaps and the index; repeating changes nothing.

Each pass looks at the last two days and at what runs since the pass before reached back to; once a
day it looks at a month, for posts that came late by another way. Hours are by publication time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from alerts.blindness import missing
from alerts.usual_hours import same_hours, usual
from courtpulse.damage import note_damaged
from domain.hours import HOUR, Basis, HourState, SourceHour
from domain.protocols import Query
from domain.sources import Gap, GapReason
from records.coverage import Stretch, covered_stretches, reach
from records.runs import LATE_AFTER_INTERVALS, LATE_AFTER_LEAST

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms

log = structlog.get_logger()

#: Looked at by every pass.
RECENT = timedelta(hours=48)
#: Looked at once a day, and the furthest a run's window is followed back.
FURTHEST = timedelta(days=31)
_DAY = timedelta(days=1)
_NO_RUN = "这一段没有采集，请检查调度是否在运行"


@dataclass(frozen=True, slots=True)
class _Source:
    """What is known of one source: its interval, since when it is watched, its share over time."""

    name: str
    every: timedelta | None
    begins: datetime
    rates: tuple[tuple[datetime, float], ...]

    def rate(self, moment: datetime) -> float:
        """Share of the stream it delivered at `moment`; before the ledger, its first."""
        held = [rate for since, rate in self.rates if since <= moment]
        return held[-1] if held else self.rates[0][1]


def cover(rooms: Rooms) -> int:
    """Bring the hours up to date; how many changed.

    Raises:
        StoreFailure: the index doesn't answer; the next pass does it.
    """
    note_damaged(rooms)
    records, now = rooms.records, rooms.clock()
    last, whole = records.marks.get("cover"), records.marks.get("cover-whole")
    long = whole is None or now - whole >= _DAY
    since = _floor(_since(rooms, last, now, long))
    changed = records.hours.save(_hours(rooms, since, now, anew=long))
    records.marks.set("cover", now)
    if long:
        records.marks.set("cover-whole", now)
    log.info("covered", hours=changed, since=since.isoformat())
    return changed


def _since(rooms: Rooms, last: datetime | None, now: datetime, long: bool) -> datetime:
    if long or last is None:
        return now - FURTHEST
    reached = rooms.records.runs.oldest_window(last - HOUR)
    return max(now - FURTHEST, min(now - RECENT, reached or now))


def _hours(rooms: Rooms, since: datetime, now: datetime, *, anew: bool) -> list[SourceHour]:
    sources = _sources(rooms)
    if not sources:
        return []
    until = _floor(now) + HOUR
    names = tuple(sorted(sources))
    counts = rooms.store.counts(Query(sources=names, since=since, until=until), ("source",), HOUR)
    got = {(cell.key[0], cell.start): cell.posts for cell in counts}
    arrived = _arrived(rooms, since, until)
    seen = covered_stretches(rooms.records, names, since)
    recorded = _by_source(rooms.records.runs.gaps(since, until))
    unseen = _by_source(missing(rooms.records, since, until, seeds=True))
    kept = {(hour.source, hour.start): hour for hour in rooms.records.hours.between(since, until)}
    hours = []
    for name, source in sources.items():
        for start in _starts(max(since, _floor(source.begins)), until):
            hours.append(
                _hour(
                    source, start, now, got.get((name, start), 0), arrived[name, start],
                    seen.get(name, []), recorded[name], unseen[name],
                )
            )  # fmt: skip
    return _expected(rooms, hours, {} if anew else kept)


def _hour(
    source: _Source, start: datetime, now: datetime, got: int, arrived: int,
    seen: Sequence[Stretch], recorded: Sequence[Gap], unseen: Sequence[Gap],
) -> SourceHour:  # fmt: skip
    end = min(start + HOUR, now)
    length = max(end - start, timedelta(microseconds=1))
    covered = _overlap(seen, start, end) / length
    blind = _overlap(_joined((gap.start, gap.end or now) for gap in recorded), start, end) / length
    settled = covered >= 1 or start + HOUR + _delay(source.every) <= now
    reason, detail = _reason([*recorded, *unseen], start, end, now)
    if reason is None and settled and covered < 1:
        reason, detail = GapReason.NOT_RUN, _NO_RUN
    return SourceHour(
        source=source.name,
        start=start,
        got=got,
        arrived=arrived,
        rate=source.rate(start + HOUR),
        covered=round(min(covered, 1.0), 4),
        blind=round(min(blind, 1.0), 4),
        reason=reason if blind or (settled and covered < 1) else None,
        detail=detail if blind or (settled and covered < 1) else "",
        settled=settled and start + HOUR <= now,
    )


def _delay(every: timedelta | None) -> timedelta:
    """How long after an hour its last run may come without anything being wrong."""
    return max(LATE_AFTER_LEAST, LATE_AFTER_INTERVALS * (every or timedelta(0)))


def _reason(
    gaps: Iterable[Gap], start: datetime, end: datetime, now: datetime
) -> tuple[GapReason | None, str]:
    """Reason of the gap that takes most of the hour."""
    longest: tuple[timedelta, Gap] | None = None
    for gap in gaps:
        part = min(gap.end or now, end) - max(gap.start, start)
        if part > timedelta(0) and (longest is None or part > longest[0]):
            longest = part, gap
    return (longest[1].reason, longest[1].detail) if longest else (None, "")


def _expected(
    rooms: Rooms, hours: Sequence[SourceHour], kept: Mapping[tuple[str, datetime], SourceHour]
) -> list[SourceHour]:
    """`hours` with what each was to bring; a kept expectation stands, it rests on the past alone."""
    fresh = [one for one in hours if (one.source, one.start) not in kept]
    past = _past(rooms, fresh)
    least = {name: _least_an_hour(rooms, name) for name in {one.source for one in hours}}
    result = []
    for hour in hours:
        before = kept.get((hour.source, hour.start))
        if before is not None and before.rate == hour.rate:
            result.append(
                replace(
                    hour, expected=before.expected, low=before.low, basis=before.basis,
                    history=before.history,
                )
            )  # fmt: skip
            continue
        values = [
            past[hour.source, start]
            for start in same_hours(hour.start)
            if (hour.source, start) in past
        ]
        found = usual(values, hour.rate)
        if found is not None:
            result.append(
                replace(
                    hour, expected=found.expected, low=found.low, basis=Basis.PAST,
                    history=found.history,
                )
            )  # fmt: skip
        elif (declared := least[hour.source]) is not None:
            result.append(
                replace(
                    hour, expected=declared / hour.rate, basis=Basis.DECLARED, history=len(values)
                )
            )
        else:
            result.append(replace(hour, history=len(values)))
    return result


def _past(rooms: Rooms, hours: Sequence[SourceHour]) -> dict[tuple[str, datetime], float]:
    """Posts of the whole stream in earlier weeks' hours that were seen whole."""
    starts = {start for hour in hours for start in same_hours(hour.start)}
    whole = {HourState.FULL, HourState.MADE_GOOD, HourState.THIN}
    return {
        (hour.source, hour.start): hour.scaled
        for hour in rooms.records.hours.at(starts)
        if hour.settled and hour.state in whole
    }


def _least_an_hour(rooms: Rooms, source: str) -> float | None:
    declaration = rooms.sources.get(source)
    least = declaration.expect.min_items_per_day if declaration else None
    return least / 24 if least else None


def _sources(rooms: Rooms) -> dict[str, _Source]:
    reached = reach(rooms.records)
    intervals = rooms.records.runs.intervals()
    found = {}
    for entry in rooms.records.ledger.entries():
        name = entry.source
        if entry.enabled and name in intervals:
            history = rooms.records.ledger.history(name)
            first = history[0].since
            begins = min(first, reached.get(name, (first, first))[0])
            rates = tuple((one.since, one.entry.sample_rate) for one in history if one.entry)
            found[name] = _Source(name, intervals[name], begins, rates)
    return found


def _arrived(rooms: Rooms, since: datetime, until: datetime) -> Counter[tuple[str, datetime]]:
    arrived: Counter[tuple[str, datetime]] = Counter()
    for source, finished, new in rooms.records.runs.arrivals(since, until):
        arrived[source, _floor(finished)] += new
    return arrived


def _by_source(gaps: Iterable[Gap]) -> defaultdict[str, list[Gap]]:
    found: defaultdict[str, list[Gap]] = defaultdict(list)
    for gap in gaps:
        found[gap.source].append(gap)
    return found


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return joined


def _overlap(stretches: Iterable[Stretch], start: datetime, end: datetime) -> timedelta:
    """Time within start ≤ t < end that lies in one of the stretches, which don't overlap."""
    parts = (min(until, end) - max(since, start) for since, until in stretches)
    return sum((part for part in parts if part > timedelta(0)), timedelta(0))


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _starts(since: datetime, until: datetime) -> Iterator[datetime]:
    while since < until:
        yield since
        since += HOUR

"""What other settings would have done: one case's past, scored again beside the settings of now.

Nothing is written. All watched cases are stepped, because what they have in common is part of the
score; the episodes of the one case are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import numpy as np

from alerts.detection import HISTORY, WARM_UP, history_start, hot_buckets, read_history
from alerts.episodes import MERGE, Episode, all_seen, find
from alerts.streams import Streams
from alerts.tuning import LEVELLED, Tuning
from domain.cases import Case
from domain.protocols import Store
from domain.time import BUCKET, Clock, bucket_index, bucket_start, system_clock
from records import Records


@dataclass(frozen=True, slots=True)
class Setting:
    """What a replay is done with.

    Attributes:
        negative: also listen to the court-negative stream.
    """

    theta: float
    negative: bool = True
    tuning: Tuning = LEVELLED


@dataclass(frozen=True, slots=True)
class Found:
    """An episode: when its alert would have been raised, when it was last hot, how high it went."""

    raised_at: datetime
    last_at: datetime
    score: float
    stream: str


@dataclass(frozen=True, slots=True)
class Change:
    """One episode under both settings; None where a setting doesn't find it.

    Attributes:
        verdict: "same", "earlier", "later" (the other setting than now), "gained", "lost".
        minutes: how much later the other setting raises it, negative for earlier.
    """

    verdict: str
    now: Found | None
    other: Found | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Simulation:
    """The episodes of a case under the settings of now and under others, oldest first."""

    case_id: str
    since: datetime
    until: datetime
    changes: tuple[Change, ...]


def simulate(
    store: Store, records: Records, case: Case, now: Setting, other: Setting,
    clock: Clock = system_clock, history: timedelta = HISTORY,
) -> Simulation:  # fmt: skip
    """Replay `case` over `history` under both settings.

    Raises:
        StoreFailure: the index or the records don't answer.
    """
    first, last = history_start(clock(), history), bucket_index(clock())
    cases = {one.id: one for one in records.cases.all()} | {case.id: case}
    streams = read_history(store, records, tuple(cases), first, last)
    since = {one.id: max(first, bucket_index(one.watched_since)) for one in cases.values()}
    cut_off = first + WARM_UP // BUCKET if since[case.id] == first else first
    before, after = (
        _episodes(streams, since, case.id, setting, cut_off) for setting in (now, other)
    )
    return Simulation(
        case_id=case.id,
        since=bucket_start(cut_off),
        until=bucket_start(last + 1),
        changes=tuple(compared(before, after)),
    )


def _episodes(
    streams: Streams, since: dict[str, int], case: str, setting: Setting, oldest: int
) -> list[Episode]:
    if not setting.negative:
        streams = replace(streams, negative=np.zeros_like(streams.negative))
    hot = hot_buckets(streams, since, setting.theta, setting.tuning)
    found = find(case, hot[case], partial(streams.seen_between, case))
    return [episode for episode in found if episode.last >= oldest]


def compared(now: Sequence[Episode], other: Sequence[Episode]) -> list[Change]:
    """Each episode of `now` beside the first of `other` that overlaps it or lies within six hours."""
    left, changes = list(other), []
    for episode in now:
        match = next((one for one in left if _touch(episode, one)), None)
        if match is not None:
            left.remove(match)
        changes.append(_change(episode, match))
    changes += [_change(None, episode) for episode in left]
    return sorted(changes, key=_begin)


def _touch(one: Episode, other: Episode) -> bool:
    early, late = sorted((one, other), key=lambda episode: episode.first)
    return late.first <= early.last or all_seen(early.last, late.first) <= MERGE


def _change(now: Episode | None, other: Episode | None) -> Change:
    if now is None or other is None:
        verdict = "gained" if now is None else "lost"
        return Change(verdict, _found(now), _found(other), None)
    minutes = (other.first - now.first) * 5
    verdict = "same" if minutes == 0 else "earlier" if minutes < 0 else "later"
    return Change(verdict, _found(now), _found(other), minutes)


def _found(episode: Episode | None) -> Found | None:
    if episode is None:
        return None
    return Found(
        raised_at=bucket_start(episode.first + 1),
        last_at=bucket_start(episode.last + 1),
        score=episode.score.value,
        stream=episode.stream,
    )


def _begin(change: Change) -> datetime:
    return min(found.raised_at for found in (change.now, change.other) if found is not None)

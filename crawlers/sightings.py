"""Which posts a run saw where, so that two looks at the same time can be compared.

**Windows**: what the run before saw in its last `overlap` and what this run sees of the same
stretch. What a search indexed late is in the second look only. **Queries**: what the query that
finds most saw and what the others saw; posts older than the last window are left out, because that
window compared them already. Posts are kept as digests.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from datetime import UTC, datetime, timedelta

from crawlers.items import RawItem
from crawlers.state import SourceState, digest, key_of
from domain.completeness import Capture, Looks
from domain.time import as_utc


class Sightings:
    """What one run saw, by query."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, dict[str, datetime]] = defaultdict(dict)

    def note(self, query: str, items: Iterable[object]) -> None:
        """Keep the posts among `items` as seen by `query`."""
        for item in items:
            if isinstance(item, RawItem):
                self._seen[query][digest(key_of(item))] = as_utc(item.published_at)

    @property
    def all(self) -> dict[str, datetime]:
        """Digest → time of publication."""
        return {key: at for seen in self._seen.values() for key, at in seen.items()}

    def of_queries(self, source: str, since: datetime, begun: datetime) -> list[Capture]:
        """The query that found most beside the others, for posts from `since` on.

        Args:
            begun: where the runs before ended, the same for a run that is repeated.
        """
        fresh = [
            {key: at for key, at in seen.items() if at >= since} for seen in self._seen.values()
        ]
        if len(fresh) < 2:
            return []
        first, *others = sorted(fresh, key=len, reverse=True)
        second = {key: at for seen in others for key, at in seen.items()}
        return _by_hour(source, Looks.QUERIES, first, second, begun)

    def of_windows(self, source: str, state: SourceState, since: datetime) -> list[Capture]:
        """What the run before saw at its end beside what this one sees of the same stretch."""
        if len(state.tail_span) != 2:
            return []
        begin, end = (datetime.fromtimestamp(second, UTC) for second in state.tail_span)
        if since > begin:
            return []  # this window doesn't reach back so far
        first = {key: datetime.fromtimestamp(at, UTC) for key, at in state.tail.items()}
        second = {key: at for key, at in self.all.items() if begin <= at < end}
        return _by_hour(source, Looks.WINDOWS, first, second, begin)

    def keep_tail(self, state: SourceState, end: datetime, overlap: timedelta) -> None:
        """Put what this run saw in its last `overlap` into the state, for the next run."""
        begin = end - overlap
        state.tail_span = [begin.timestamp(), end.timestamp()] if overlap else []
        state.tail = {
            key: at.timestamp() for key, at in self.all.items() if begin <= at < end and overlap
        }


def _by_hour(
    source: str,
    looks: Looks,
    first: Mapping[str, datetime],
    second: Mapping[str, datetime],
    since: datetime,
) -> list[Capture]:
    hours: defaultdict[datetime, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for place, seen in enumerate((first, second)):
        for key, at in seen.items():
            hours[at.replace(minute=0, second=0, microsecond=0)][place].add(key)
    return [
        Capture(source, hour, looks, len(one), len(other), _shared(one, other), since)
        for hour, (one, other) in sorted(hours.items())
    ]


def _shared(one: Set[str], other: Set[str]) -> int:
    return len(one & other)

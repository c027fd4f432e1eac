"""What detection counts: authors per case and bucket, all and court-negative, and what was seen.

**Coverage.** A source feeds a case by the share of the case's counted posts that it delivers while
it is not blind, pulled toward its share over all cases by ten posts' weight [D]. A bucket's
coverage is the sum of the shares of the sources not blind in it; with every source blind it is 0.
What a source delivered for a stretch it was blind in is neither expected nor counted, also when it
arrives later: otherwise a catch-up would look like a burst. A page cap is not blindness: what came
through is a floor, and is held against the whole expectation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from domain.alerts import Count
from domain.annotation import Sentiment, Target
from domain.protocols import Query, Store
from domain.sources import Gap, GapReason
from domain.time import BUCKET, bucket_index, bucket_start

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Posts' worth of trust in a source's share over all cases, when a case has few of its own [D].
_SHARE_WEIGHT = 10.0
#: Up to this many cases are named in the query; beyond, all linked posts are counted.
_NAMED_CASES = 20
#: A seen share below this is taken for this much: small shares are guesses, and a guess too low
#: would raise an alert out of a gap [D].
_LEAST_COVERED = 0.2


@dataclass(frozen=True, slots=True)
class Streams:
    """Arrays (buckets, cases) from bucket `first` on; columns in the order of `cases`.

    Attributes:
        everything, negative: authors counted, of all posts and of court-negative ones.
        covered: share of the stream seen, 0–1.
    """

    first: int
    cases: tuple[str, ...]
    everything: Floats
    negative: Floats
    covered: Floats

    def seen_between(self, case_id: str, earlier: int, later: int) -> int:
        """Buckets after `earlier` up to `later` in which the case was not wholly blind."""
        column = self.covered[:, self.cases.index(case_id)]
        start = max(earlier + 1 - self.first, 0)
        return int(np.count_nonzero(column[start : max(later + 1 - self.first, 0)]))


def read_streams(
    store: Store, cases: Sequence[str], sources: Sequence[str], gaps: Sequence[Gap],
    first: int, last: int,
) -> Streams:  # fmt: skip
    """Count the posts of `cases` in buckets `first` … `last` (included).

    Args:
        sources: declared sources; others that delivered are found in the counts.
        gaps: gaps that touch the stretch.
    """
    buckets = last + 1 - first
    blind = blind_buckets(gaps, first, buckets)
    asked = tuple(cases) if len(cases) <= _NAMED_CASES else ()
    window = Query(
        cases=asked, linked=True, since=bucket_start(first), until=bucket_start(last + 1)
    )
    cells = store.counts(window, ("case", "source"), BUCKET)
    negative = store.counts(_court_negative(window), ("case", "source"), BUCKET)
    columns = {case: column for column, case in enumerate(cases)}
    return Streams(
        first=first,
        cases=tuple(cases),
        everything=_spread(cells, columns, blind, first, buckets),
        negative=_spread(negative, columns, blind, first, buckets),
        covered=_coverage(cells, columns, sources, blind, first, buckets),
    )


def blind_buckets(gaps: Sequence[Gap], first: int, buckets: int) -> dict[str, Bools]:
    """source → buckets it was blind in, wholly or in part; sources without gaps are left out."""
    blind: dict[str, Bools] = {}
    for gap in gaps:
        if gap.reason is GapReason.PAGE_CAP or gap.end == gap.start:
            continue
        start = max(bucket_index(gap.start) - first, 0)
        end = buckets if gap.end is None else _last_touched(gap.end) + 1 - first
        if end > start and start < buckets:
            flags = blind.setdefault(gap.source, np.zeros(buckets, np.bool_))
            flags[start:end] = True
    return blind


def _last_touched(end: datetime) -> int:
    """The bucket of the last instant before `end`."""
    index = bucket_index(end)
    return index - 1 if bucket_start(index) == end else index


def _court_negative(window: Query) -> Query:
    return replace(
        window,
        relevant=True,
        targets=(Target.COURT.value,),
        sentiments=(Sentiment.NEGATIVE.value,),
    )


def _spread(
    cells: Sequence[Count], columns: Mapping[str, int], blind: Mapping[str, Bools],
    first: int, buckets: int,
) -> Floats:  # fmt: skip
    counts = np.zeros((buckets, len(columns)))
    for cell in cells:
        case, source = cell.key
        column = columns.get(case)
        if column is None or cell.start is None or cell.authors is None:
            continue
        at = bucket_index(cell.start) - first
        if source not in blind or not blind[source][at]:
            counts[at, column] += cell.authors
    return counts


def _coverage(
    cells: Sequence[Count], columns: Mapping[str, int], sources: Sequence[str],
    blind: Mapping[str, Bools], first: int, buckets: int,
) -> Floats:  # fmt: skip
    if not blind:
        return np.ones((buckets, len(columns)))
    names = sorted({*sources, *blind, *(cell.key[1] for cell in cells)})
    seen = np.array([~blind[name] if name in blind else np.ones(buckets, bool) for name in names])
    shares = _shares(cells, columns, names, blind, first, seen.sum(axis=1))
    covered = seen.T.astype(float) @ shares
    covered = np.where(covered > 0, np.maximum(covered, _LEAST_COVERED), 0.0)
    covered[seen.all(axis=0)] = 1.0
    return np.asarray(np.minimum(covered, 1.0))


def _shares(
    cells: Sequence[Count], columns: Mapping[str, int], names: Sequence[str],
    blind: Mapping[str, Bools], first: int, seen_buckets: NDArray[np.int64],
) -> Floats:  # fmt: skip
    """(sources, cases): share of the case's posts a source delivers while it can be seen."""
    place = {name: row for row, name in enumerate(names)}
    counted = np.zeros((len(names), len(columns)))
    for cell in cells:
        case, source = cell.key
        column = columns.get(case)
        if column is None or cell.start is None:
            continue
        if source not in blind or not blind[source][bucket_index(cell.start) - first]:
            counted[place[source], column] += cell.posts
    # A source blind for half of the time would have delivered twice as much.
    weight = seen_buckets.max(initial=1) / np.maximum(seen_buckets, 1)
    volume = counted * weight[:, None]
    overall = volume.sum(axis=1)
    if overall.sum() == 0:
        overall = np.ones(len(names))
    overall = overall / overall.sum()
    total = volume.sum(axis=0)
    return np.asarray((volume + _SHARE_WEIGHT * overall[:, None]) / (total + _SHARE_WEIGHT))

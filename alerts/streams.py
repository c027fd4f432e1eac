"""What detection counts: authors per case and bucket, all and court-negative, and what was seen.

**Coverage.** A source feeds a case by the share of the case's counted posts that it delivers while
it is not blind, pulled toward its share over all cases by ten posts' weight [D]. A bucket's
coverage is the sum of the shares of the sources not blind in it; with every source blind it is 0.
What a source delivered for a stretch of which it missed a part is neither expected nor counted;
once a later run has fetched the rest (`alerts.blindness`), both count.

A source that delivers a sample (its declared rate is below 1) is seen by that share: what it
delivered stands for so many times as much, and what is expected is scaled down to the sample.

A page cap is different, because a burst is what causes it: what came through is a floor, and is
held against the whole expectation. Where nothing came through it is blindness like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from alerts.blindness import Bools, blind_buckets, touched
from domain.alerts import Count
from domain.annotation import Certainty, Sentiment, Target
from domain.protocols import Query, Store
from domain.sources import Gap, GapReason
from domain.time import BUCKET, bucket_index, bucket_start

Floats = NDArray[np.float64]

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
    first: int, last: int, sampled: Mapping[str, float] | None = None,
) -> Streams:  # fmt: skip
    """Count the posts of `cases` in buckets `first` … `last` (included).

    Args:
        sources: declared sources; others that delivered are found in the counts.
        gaps: what is missing of the stretch (`alerts.blindness.missing`).
        sampled: source → share of its stream that it delivers; absent = all of it.
    """
    buckets = last + 1 - first
    asked = tuple(cases) if len(cases) <= _NAMED_CASES else ()
    window = Query(
        cases=asked, linked=True, since=bucket_start(first), until=bucket_start(last + 1)
    )
    cells = store.counts(window, ("case", "source"), BUCKET)
    negative = store.counts(_court_negative(window), ("case", "source"), BUCKET)
    columns = {case: column for column, case in enumerate(cases)}
    blind = blind_buckets(_without_floors(gaps, cells, first, buckets), first, buckets)
    return Streams(
        first=first,
        cases=tuple(cases),
        everything=_spread(cells, columns, blind, first, buckets),
        negative=_spread(negative, columns, blind, first, buckets),
        covered=_coverage(cells, columns, sources, blind, first, buckets, sampled or {}),
    )


def _without_floors(
    gaps: Sequence[Gap], cells: Sequence[Count], first: int, buckets: int
) -> list[Gap]:
    """`gaps` without the page caps within which the source delivered something all the same."""
    capped = {gap.source for gap in gaps if gap.reason is GapReason.PAGE_CAP}
    delivered = {source: np.zeros(buckets, np.bool_) for source in capped}
    for cell in cells:
        if cell.start is not None and cell.key[1] in delivered:
            delivered[cell.key[1]][bucket_index(cell.start) - first] = True
    return [
        gap
        for gap in gaps
        if gap.reason is not GapReason.PAGE_CAP
        or not delivered[gap.source][slice(*touched(gap, first, buckets))].any()
    ]


def _court_negative(window: Query) -> Query:
    return replace(
        window,
        relevant=True,
        targets=(Target.COURT.value,),
        sentiments=(Sentiment.NEGATIVE.value,),
        certainties=(Certainty.SURE.value,),
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
    blind: Mapping[str, Bools], first: int, buckets: int, sampled: Mapping[str, float],
) -> Floats:  # fmt: skip
    if not blind and all(rate >= 1 for rate in sampled.values()):
        return np.ones((buckets, len(columns)))
    names = sorted({*sources, *blind, *(cell.key[1] for cell in cells)})
    seen = np.array([~blind[name] if name in blind else np.ones(buckets, bool) for name in names])
    rates = np.array([sampled.get(name, 1.0) for name in names])
    shares = _shares(cells, columns, names, blind, first, seen.sum(axis=1) * rates)
    covered = (seen.T * rates) @ shares
    covered = np.where(covered > 0, np.maximum(covered, _LEAST_COVERED), 0.0)
    if (rates >= 1).all():
        covered[seen.all(axis=0)] = 1.0
    return np.asarray(np.minimum(covered, 1.0))


def _shares(
    cells: Sequence[Count], columns: Mapping[str, int], names: Sequence[str],
    blind: Mapping[str, Bools], first: int, seen_buckets: Floats,
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
    # A source blind for half of the time, or sampled by half, would have delivered twice as much.
    weight = seen_buckets.max(initial=1) / np.maximum(seen_buckets, 1)
    volume = counted * weight[:, None]
    overall = volume.sum(axis=1)
    if overall.sum() == 0:
        overall = np.ones(len(names))
    overall = overall / overall.sum()
    total = volume.sum(axis=0)
    return np.asarray((volume + _SHARE_WEIGHT * overall[:, None]) / (total + _SHARE_WEIGHT))

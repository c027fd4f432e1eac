"""A case's observed and expected course, by the detector that raises its alerts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import gcd

import numpy as np

from alerts.course import course
from alerts.detection import HISTORY, history_start, read_history
from alerts.streams import Floats, Streams
from alerts.tail import quantile
from domain.annotation import Certainty, Sentiment, Target
from domain.cases import Case
from domain.protocols import Query, Store, TimelinePoint
from domain.time import BUCKET, Clock, bucket_index, bucket_start, system_clock
from records import Records

#: The band holds this much of quiet buckets.
_BAND = 0.95


@dataclass(frozen=True, slots=True)
class _Believed:
    """What the detector believed of each of a timeline's buckets; each (buckets,)."""

    expected: Floats
    low: Floats
    high: Floats
    covered: Floats


class CaseTimeline:
    """Implements `domain.protocols.Timeline`.

    Expected is what the detector believed at that moment, from the past alone, were all sources
    seen; the band is that of a negative binomial. Observed counts are all that is in the index,
    also from sources while they were blind; `covered` says how far to trust them.
    """

    def __init__(self, store: Store, records: Records, clock: Clock = system_clock) -> None:
        self._store, self._records, self._clock = store, records, clock

    def points(
        self, case: Case, since: datetime, until: datetime, bucket: timedelta
    ) -> list[TimelinePoint]:
        """Buckets of width `bucket` from `since`, up to `until` or now, whichever is first.

        Args:
            bucket: a multiple of five minutes.

        Raises:
            ValueError: `bucket` isn't a multiple of five minutes, or `until` isn't after `since`.
            StoreFailure: the index or the records don't answer.
        """
        width = bucket // BUCKET
        if width < 1 or width * BUCKET != bucket or until <= since:
            raise ValueError("a timeline needs until > since and a multiple of five minutes")
        begin = bucket_index(since)
        end = bucket_index(min(until, self._clock() + BUCKET) - timedelta(microseconds=1))
        if end < begin:
            return []
        everything = Query(cases=(case.id,), since=bucket_start(begin), until=bucket_start(end + 1))
        posts, negative, unsure = self._counted(case, everything, begin, end)
        texts = self._distinct(everything, begin, width)
        believed = self._believed(case, begin, end, width)
        return [
            TimelinePoint(
                start=bucket_start(begin + start),
                posts=int(posts[0, start : start + width].sum()),
                authors=int(posts[1, start : start + width].sum()),
                court_negative=int(negative[0, start : start + width].sum()),
                expected=float(believed.expected[position]),
                low=float(believed.low[position]),
                high=float(believed.high[position]),
                covered=float(believed.covered[position]),
                court_unsure=int(unsure[0, start : start + width].sum()),
                distinct=texts.get(position, 0),
            )
            for position, start in enumerate(range(0, end + 1 - begin, width))
        ]

    def _counted(
        self, case: Case, everything: Query, begin: int, end: int
    ) -> tuple[Floats, Floats, Floats]:
        """Of all posts, of court-negative ones, and of those about the court left open."""
        about_court = replace(everything, relevant=True, targets=(Target.COURT.value,))
        sure = replace(
            about_court,
            sentiments=(Sentiment.NEGATIVE.value,),
            certainties=(Certainty.SURE.value,),
        )
        unsure = replace(about_court, certainties=(Certainty.UNSURE.value, Certainty.MIXED.value))
        posts, negative, left = (
            self._observed(case, query, begin, end) for query in (everything, sure, unsure)
        )
        return posts, negative, left

    def _believed(self, case: Case, begin: int, end: int, width: int) -> _Believed:
        streams = self._streams(case, begin, end)
        watched = max(streams.first, min(bucket_index(case.watched_since), begin))
        seen = streams.covered[watched - streams.first :, 0]
        authors = streams.everything[watched - streams.first :, 0]
        believed = course(watched, authors.tolist(), seen.tolist())
        at = np.arange(begin - watched, end + 1 - watched, width)
        expected = np.add.reduceat(believed.means, at)
        size = np.array(believed.sizes)[at]
        low = quantile((1 - _BAND) / 2, size, expected)
        high = quantile((1 + _BAND) / 2, size, expected)
        covered = np.add.reduceat(seen, at) / np.diff([*at, len(seen)])
        return _Believed(expected, low, high, covered)

    def _streams(self, case: Case, begin: int, end: int) -> Streams:
        first = history_start(bucket_start(begin), HISTORY)
        return read_history(self._store, self._records, (case.id,), first, end)

    def _distinct(self, query: Query, begin: int, width: int) -> dict[int, int]:
        """Place of a bucket → different texts in it.

        The index cuts time from the epoch on, ours begin anywhere: its cells are as wide as fits
        into both, and a text in several cells of one bucket is one.
        """
        step = gcd(width, begin)
        texts: defaultdict[int, set[str]] = defaultdict(set)
        for cell in self._store.counts(query, ("copies",), step * BUCKET):
            if cell.start is not None:
                texts[(bucket_index(cell.start) - begin) // width].add(cell.key[0])
        return {place: len(found) for place, found in texts.items()}

    def _observed(self, case: Case, query: Query, begin: int, end: int) -> Floats:
        """(2, buckets): posts, and authors among them."""
        counts = np.zeros((2, end + 1 - begin))
        for cell in self._store.counts(query, ("case",), BUCKET):
            if cell.key == (case.id,) and cell.start is not None:
                at = bucket_index(cell.start) - begin
                counts[:, at] += cell.posts, cell.authors or 0
        return counts

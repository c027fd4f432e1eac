"""SURGE: a streaming burst detector on authors per five minutes, many cases at a time.

Per case it keeps a rate (Gamma), an hour profile and a dispersion (negative binomial), learnt with
a guard of one hour and with capped counts (`alerts.surge_state`), and scores five windows of
15 minutes to 6 hours by their tail probability. How it compares: `bench/spikes.py`.

**Gaps.** ``covered`` is the share of a case's stream that was seen in a bucket. It scales the
exposure; 0 is blindness: the bucket neither teaches nor scores, and posts reported for it are
ignored. Bucket numbers and the clock go on through a gap, so the hourly and daily steps stay where
they are; windows simply hold less exposure. Forgetting goes with what was seen (f^covered): we
keep what we know while blind; only the daily fading of the hour profile goes by calendar.

**The bucket that isn't over** is scored like a whole one: with the whole exposure and only the
posts so far, so its score can only be too low, and an alert need not wait for its end. It teaches
nothing, because learning is an hour behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.surge_state import HOUR, PRIOR_RATE, RING, Floats, State, past_exposure
from alerts.tail import log10_upper_tail
from domain.alerts import Score

#: Windows in buckets (15 min, 30 min, 1 h, 3 h, 6 h) and what each is charged for being tried.
WINDOWS = np.array((3, 6, 12, 36, 72))
BIAS = np.array((0.6, 0.48, 0.36, 0.24, 0.12))
#: Fewer distinct authors than this in a window are never a burst.
LEAST_AUTHORS = 6

#: A count is learnt this many buckets later, so that a burst does not hide itself.
GUARD = HOUR
#: Scatter beyond this is not believed: it would hide a burst.
DISPERSION_CAP = 8.0

_BUCKET_MINUTES = 5
_LEAST_MEAN = 1e-4


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of all cases in one bucket, shape (cases,), or in many, (buckets, cases).

    Attributes:
        value: S ≥ 0.
        window: minutes of the window that gave it; 0 where S is 0, as are the next two.
        observed, expected: distinct authors in that window.
    """

    value: Floats
    window: NDArray[np.int64]
    observed: NDArray[np.int64]
    expected: Floats

    def at(self, bucket: int) -> Scores:
        """The scores of one bucket of many; a view."""
        return Scores(
            self.value[bucket], self.window[bucket], self.observed[bucket], self.expected[bucket]
        )


def _zeros(shape: int | tuple[int, ...]) -> Scores:
    whole = np.int64
    return Scores(np.zeros(shape), np.zeros(shape, whole), np.zeros(shape, whole), np.zeros(shape))


class Surge:
    """Implements `domain.protocols.Detector`; one instance a stream ("all", "court_negative").

    Args:
        prior_rate: posts per hour a new case is believed to have; better the median over cases.
    """

    def __init__(self, prior_rate: float = PRIOR_RATE) -> None:
        self._prior_rate = prior_rate
        self._rows: dict[str, int] = {}
        self._state = State.start([], prior_rate, -1)
        self._last: int | None = None

    @property
    def cases(self) -> tuple[str, ...]:
        """Watched cases in the order of the columns of `advance`."""
        return tuple(self._rows)

    def watch(self, case_id: str, since: int) -> None:
        """Add a case from bucket `since` on.

        Raises:
            ValueError: the case is watched already, or `since` was stepped over before.
        """
        self.watch_all({case_id: since})

    def watch_all(self, since: Mapping[str, int]) -> None:
        """`watch` for many cases at once, which spares copying the arrays for each."""
        for case_id, first in since.items():
            if case_id in self._rows:
                raise ValueError(f"case {case_id!r} is watched already")
            if self._last is not None and first <= self._last:
                raise ValueError(f"bucket {first} was stepped over; rebuild to watch from there")
        for case_id in since:
            self._rows[case_id] = len(self._rows)
        newest = -1 if self._last is None else self._last
        fresh = State.start(list(since.values()), self._prior_rate, newest)
        self._state = self._state.joined(fresh)

    def step(
        self, bucket: int, counts: Mapping[str, int], covered: Mapping[str, float] | None = None
    ) -> dict[str, Score]:
        """Take one bucket; returns the score of every case watched by now.

        Raises:
            ValueError: a bucket was left out, or a case is unknown.
        """
        seen = None if covered is None else self._column(covered, 1.0)
        scores = self.advance(bucket, self._column(counts, 0.0), seen)
        return {
            case: Score(
                float(scores.value[row]),
                int(scores.window[row]),
                int(scores.observed[row]),
                float(scores.expected[row]),
            )
            for case, row in self._rows.items()
            if self._state.since[row] <= bucket
        }

    def advance(self, bucket: int, counts: Floats, covered: Floats | None = None) -> Scores:
        """`step` without dictionaries: arrays in the order of `cases`.

        Raises:
            ValueError: a bucket was left out.
        """
        share = np.ones(len(self._rows)) if covered is None else np.clip(covered, 0.0, 1.0)
        scores = _zeros(len(self._rows))
        self._score(bucket, self._take(bucket, counts, share), scores)
        return scores

    def replay(self, first: int, counts: Floats, covered: Floats | None = None) -> Scores:
        """`advance` over many buckets from `first`; arrays are (buckets, cases), as is the result."""
        scores = _zeros(counts.shape)
        shares = np.ones_like(counts) if covered is None else np.clip(covered, 0.0, 1.0)
        for offset, (row, share) in enumerate(zip(counts, shares, strict=True)):
            seen = self._take(first + offset, row, share)
            self._score(first + offset, seen, scores.at(offset))
        return scores

    def _take(self, bucket: int, counts: Floats, share: Floats) -> NDArray[np.bool_]:
        """Learn what is due and put the bucket into the rings; returns which cases were seen."""
        if self._last is None:
            # Only now is it known where the rings begin.
            self._state.exposure = past_exposure(bucket - 1, len(self._rows))
        elif bucket != self._last + 1:
            raise ValueError(f"bucket {bucket} after {self._last}: step without holes")
        self._last = bucket
        self._state.learn(bucket - GUARD)
        return self._state.add(bucket, counts, share)

    def _column(self, values: Mapping[str, float], absent: float) -> Floats:
        column = np.full(len(self._rows), absent)
        for case, value in values.items():
            if case not in self._rows:
                raise ValueError(f"case {case!r} is not watched")
            column[self._rows[case]] = value
        return column

    def _size(self) -> Floats:
        """NB size: doubt about the rate (1/a) and scatter about it (φ, capped) together."""
        state = self._state
        return np.asarray(1 / (1 / state.a + np.minimum(state.num / state.den, DISPERSION_CAP)))

    def _score(self, bucket: int, seen: NDArray[np.bool_], into: Scores) -> None:
        """Write the scores above 0 of `bucket` into zeros of shape (cases,)."""
        state = self._state
        now, back = bucket % RING, (bucket - WINDOWS) % RING
        # The longest window holds the others: most cases are done here.
        rows = np.flatnonzero((state.posts[now] - state.posts[back[-1]] >= LEAST_AUTHORS) & seen)
        if not rows.size:
            return
        observed = state.posts[now, rows] - state.posts[back[:, None], rows]
        exposure = state.exposure[now, rows] - state.exposure[back[:, None], rows]
        mean = np.maximum((state.a / state.b)[rows] * exposure, _LEAST_MEAN)
        value = np.zeros(mean.shape)
        enough = window, place = np.nonzero(observed >= LEAST_AUTHORS)
        size = self._size()[rows][place]
        value[enough] = -log10_upper_tail(observed[enough], size, mean[enough]) - BIAS[window]
        best, column = value.argmax(axis=0), np.arange(len(rows))
        hot = value[best, column] > 0
        best, column, rows = best[hot], column[hot], rows[hot]
        into.value[rows] = value[best, column]
        into.window[rows] = WINDOWS[best] * _BUCKET_MINUTES
        into.observed[rows] = np.rint(observed[best, column])
        into.expected[rows] = mean[best, column]

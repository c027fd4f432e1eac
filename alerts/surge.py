"""SURGE: a streaming burst detector on authors per five minutes, many cases at a time.

Per case it keeps a rate (Gamma), an hour profile and a dispersion (negative binomial), learnt with
a guard of one hour and with capped counts (`alerts.surge_state`), and scores windows of 10 minutes
to 6 hours by their tail probability. `alerts.tuning` says which windows, and how a score is levelled
between cases; how it compares: `courtpulse bench spikes`.

**Gaps.** ``covered`` is the share of a case's stream that was seen in a bucket. It scales the
exposure; 0 is blindness: the bucket neither teaches nor scores, and posts reported for it are
ignored. Bucket numbers and the clock go on through a gap, so the hourly and daily steps stay where
they are; windows simply hold less exposure. Forgetting goes with what was seen (f^covered): we
keep what we know while blind; only the daily fading of the hour profile goes by calendar.

**All cases at once.** Where the other cases of a group together are louder than expected, as much
more is expected of this one (`alerts.gain`): a platform's trouble is no case's burst.

**The bucket that isn't over** is scored like a whole one: with the whole exposure and only the
posts so far, so its score can only be too low, and an alert need not wait for its end. It teaches
nothing, because learning is an hour behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.gain import Gain
from alerts.surge_state import HOUR, Floats, State
from alerts.tail import log10_upper_tail
from alerts.tuning import LEVELLED, Tuning
from domain.alerts import Score

#: A count is learnt this many buckets later, so that a burst does not hide itself.
GUARD = HOUR
#: Scatter beyond this is not believed: it would hide a burst.
DISPERSION_CAP = 8.0

_BUCKET_MINUTES = 5
_LEAST_MEAN = 1e-4
#: Rates below this (posts an hour) earn no further handicap.
_LEAST_RATE = 0.02
#: Stretches before now, in buckets, that the handicap looks at: 6–30 h ago, 1–7 h ago.
_DAY_AGO, _HOURS_AGO = (72, 360), (12, 84)


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
    """Implements `domain.protocols.Detector`; a group of cases a stream ("all", "court_negative").

    Args:
        tuning: windows, prior and handicap.
    """

    def __init__(self, tuning: Tuning = LEVELLED) -> None:
        self.tuning = tuning
        self._windows = np.array([window for window, _ in tuning.windows])
        self._bias = np.array([bias for _, bias in tuning.windows])
        self._rows: dict[str, int] = {}
        self._state = State.start([], tuning.prior_weight, tuning.prior_rate)
        self._gain = Gain()
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

    def watch_all(self, since: Mapping[str, int], group: int = 0) -> None:
        """`watch` for many cases at once, which spares copying the arrays for each.

        Args:
            group: cases of a group are compared with each other for what they have in common.
        """
        for case_id, first in since.items():
            if case_id in self._rows:
                raise ValueError(f"case {case_id!r} is watched already")
            if self._last is not None and first <= self._last:
                raise ValueError(f"bucket {first} was stepped over; rebuild to watch from there")
        for case_id in since:
            self._rows[case_id] = len(self._rows)
        tuning = self.tuning
        fresh = State.start(list(since.values()), tuning.prior_weight, tuning.prior_rate)
        self._state = self._state.joined(fresh)
        self._gain.join(group, len(since))

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
        if self._last is not None and bucket != self._last + 1:
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
        return self._size_of(self._state.a, slice(None))

    def _size_of(self, weight: Floats, rows: NDArray[np.intp] | slice) -> Floats:
        scatter = np.minimum(self._state.num[rows] / self._state.den[rows], DISPERSION_CAP)
        return np.asarray(1 / (1 / weight + scatter))

    def _score(self, bucket: int, seen: NDArray[np.bool_], into: Scores) -> None:
        """Write the scores above 0 of `bucket` into zeros of shape (cases,)."""
        state, least = self._state, self.tuning.least
        longest = int(self._windows[-1])
        # The longest window holds the others: most cases are done here.
        rows = np.flatnonzero((state.counted(bucket, longest) >= least) & seen)
        if not rows.size:
            return
        back = self._windows[:, None]
        observed = state.counted(bucket, back, rows)
        enough = window, place = np.nonzero(observed >= least)
        weight, mean = self._expected(bucket, back, rows, observed)
        mean = np.maximum(mean * self._raised(bucket, rows), _LEAST_MEAN)
        size = self._size_of(weight, rows)
        value = np.zeros(mean.shape)
        tail = log10_upper_tail(observed[enough], size[enough], mean[enough])
        value[enough] = -tail - self._bias[window] - self._handicap(bucket, rows)[place]
        best, column = value.argmax(axis=0), np.arange(len(rows))
        hot = value[best, column] > 0
        best, column, rows = best[hot], column[hot], rows[hot]
        into.value[rows] = value[best, column]
        into.window[rows] = self._windows[best] * _BUCKET_MINUTES
        into.observed[rows] = np.rint(observed[best, column])
        into.expected[rows] = mean[best, column]

    def _expected(
        self, bucket: int, back: NDArray[np.int64], rows: NDArray[np.intp], observed: Floats
    ) -> tuple[Floats, Floats]:
        """Weight of what is known of the rate, and the mean, by window and row."""
        state = self._state
        watched = state.exposed(bucket, back, rows)
        exposure = watched + state.unwatched(bucket, back, rows)
        weight = np.broadcast_to(state.a[rows], exposure.shape)
        hours = np.broadcast_to(state.b[rows], exposure.shape)
        if self.tuning.fresh:
            rest = np.maximum(state.counted(bucket, GUARD, rows) - observed, 0.0)
            weight = weight + rest
            hours = hours + np.maximum(state.exposed(bucket, GUARD, rows) - watched, 0.0)
        return np.asarray(weight), np.asarray(weight / hours * exposure)

    def _raised(self, bucket: int, rows: NDArray[np.intp]) -> Floats:
        """Platform gain by window and row, ≥ 1."""
        if not self.tuning.gain:
            return np.ones((len(self._windows), len(rows)))
        return self._gain.of(self._state, bucket, self._windows, rows)

    def _handicap(self, bucket: int, rows: NDArray[np.intp]) -> Floats:
        """What the moment takes from every score of a row (`alerts.tuning`)."""
        tuning, state = self.tuning, self._state
        rate = (state.a / state.b)[rows]
        handicap = tuning.busy * np.log10(np.maximum(rate, _LEAST_RATE))
        for weight, (recent, far) in ((tuning.day, _DAY_AGO), (tuning.hours, _HOURS_AGO)):
            if weight:
                came = state.counted(bucket, far, rows) - state.counted(bucket, recent, rows)
                hours = state.exposed(bucket, far, rows) - state.exposed(bucket, recent, rows)
                handicap = handicap + weight * np.log10((came + 1) / (rate * hours + 1))
        return np.asarray(handicap)

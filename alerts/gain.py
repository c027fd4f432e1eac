"""Platform gain: how much louder the other cases are than expected, all of them together.

When a platform's traffic triples, every case triples, and none of them has a burst of its own. The
gain of a case is measured on the others of its group alone, so that a court with few cases doesn't
explain a burst by itself; one loud case among them counts for little, because each count is capped.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alerts.surge_state import Floats, State

#: Windows the gain is read from, in buckets: a short one sees a rise at once, a long one is steady.
_READ = (3, 12, 36)
#: A case counts at most this often its expectation, and this many authors more.
_CAP_TIMES, _CAP_MORE = 5.0, 5.0
#: Authors' worth of doubt: over few cases the gain stays near 1.
_DOUBT = 10.0


class Gain:
    """Keeps which case is in which group."""

    def __init__(self) -> None:
        self._group = np.zeros(0, np.intp)

    def join(self, group: int, cases: int) -> None:
        """Add `cases` columns to `group`."""
        self._group = np.concatenate([self._group, np.full(cases, group, np.intp)])

    def of(
        self, state: State, bucket: int, windows: NDArray[np.int64], rows: NDArray[np.intp]
    ) -> Floats:
        """(windows, rows): gain ≥ 1; a window takes the longest one read that it holds."""
        rate = state.a / state.b
        read = np.stack([self._read(state, bucket, back, rate, rows) for back in _READ])
        place = np.searchsorted(_READ, windows, side="right") - 1
        return np.asarray(read[np.maximum(place, 0)])

    def _read(
        self, state: State, bucket: int, back: int, rate: Floats, rows: NDArray[np.intp]
    ) -> Floats:
        mean = rate * state.exposed(bucket, back)
        came = np.minimum(state.counted(bucket, back), _CAP_TIMES * mean + _CAP_MORE)
        group = self._group[rows]
        others = np.bincount(self._group, came)[group] - came[rows]
        expected = np.bincount(self._group, mean)[group] - mean[rows]
        return np.asarray(np.maximum((others + _DOUBT) / (expected + _DOUBT), 1.0))

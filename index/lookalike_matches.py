"""What the table of look-alikes holds in memory, and whom a batch has to be compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.buckets import Buckets, Places, Words
from index.lookalike_rows import Arrivals
from text.sketches import COPY_BANDS, TEMPLATE_BANDS

_Times = npt.NDArray[np.float64]


class Memory:
    """Band keys, places and times of the rows read so far: at most 230 bytes a text."""

    def __init__(self) -> None:
        self.copies = Side(COPY_BANDS + 1)
        self.templates = Side(TEMPLATE_BANDS)
        self.last = self.purges = self.deaths = 0

    @property
    def size(self) -> int:
        """Texts held."""
        return self.copies.buckets.size

    def add(self, rows: Arrivals) -> None:
        """Take up `rows`, which follow on those held."""
        self.copies.add(rows.places, rows.published, rows.keys[:, : COPY_BANDS + 1])
        leads = rows.leads
        self.templates.add(
            rows.places[leads], rows.published[leads], rows.keys[leads, COPY_BANDS + 1 :]
        )
        self.last = int(rows.places[-1])

    def bury(self, places: Sequence[int]) -> None:
        """Find the rows at `places` no more."""
        for side in (self.copies, self.templates):
            side.bury(np.array(places, dtype=np.int64))


class Side:
    """One table of bands with place and time of its entries."""

    def __init__(self, bands: int) -> None:
        self.buckets = Buckets(bands)
        self._places = np.zeros(0, dtype=np.int64)
        self._times = np.zeros(0)
        self.buried = np.zeros(0, dtype=np.int64)

    @property
    def places(self) -> Places:
        return self._places[: self.buckets.size]

    @property
    def times(self) -> _Times:
        return self._times[: self.buckets.size]

    def bury(self, places: Places) -> None:
        self.buried = np.union1d(self.buried, places)

    def add(self, places: Places, times: _Times, keys: Words) -> None:
        first = self.buckets.size
        self.buckets.add(keys)
        held = len(self._places)
        if self.buckets.size > held:
            # In place, as the buckets grow.
            room = max(self.buckets.size, held + held // 8)
            self._places.resize(room, refcheck=False)
            self._times.resize(room, refcheck=False)
        self._places[first : self.buckets.size] = places
        self._times[first : self.buckets.size] = times


@dataclass(frozen=True, slots=True)
class Shared:
    """Whom the texts of a batch share bands with.

    Attributes:
        pairs: (number in the batch, place, bands shared), places ascending for each number.
        crowd: how many rows share each key of each text.
    """

    pairs: list[tuple[int, int, int]]
    crowd: npt.NDArray[np.int64]


def shared(side: Side, keys: Words, times: _Times, horizon: float, most: int) -> Shared:
    """Rows within `horizon` of each text: at most `most`, those that share most bands first."""
    numbers, bands, entries = side.buckets.find(keys)
    crowd = np.bincount(numbers * side.buckets.bands + bands, minlength=keys.size)
    near = np.abs(side.times[entries] - times[numbers]) <= horizon
    if side.buried.size:
        near &= ~np.isin(side.places[entries], side.buried)
    found = np.stack([numbers[near], side.places[entries[near]]], axis=1)
    return Shared(_ranked(found, most), crowd.reshape(keys.shape))


def _ranked(found: npt.NDArray[np.int64], most: int) -> list[tuple[int, int, int]]:
    if not len(found):
        return []
    ordered = found[np.lexsort((found[:, 1], found[:, 0]))]
    fresh = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    starts = np.flatnonzero(fresh)
    bands = np.diff(np.append(starts, len(ordered)))
    numbers, places = ordered[starts].T
    ranked = np.lexsort((places, -bands, numbers))
    numbers, places, bands = numbers[ranked], places[ranked], bands[ranked]
    first = np.concatenate([[True], numbers[1:] != numbers[:-1]])
    order = np.arange(len(numbers))
    kept = order - np.maximum.accumulate(np.where(first, order, 0)) < most
    return list(
        zip(numbers[kept].tolist(), places[kept].tolist(), bands[kept].tolist(), strict=True)
    )

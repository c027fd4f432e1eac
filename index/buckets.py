"""A table of band keys in memory: which earlier texts share a key with a text (LSH), vectorised.

Each band is a chained hash table in arrays, six bytes an entry instead of Python objects, and a
batch is looked up in a few passes. The table never moves: its slots are fixed, and what a slot
doesn't tell of a key fits in two bytes, so two arrays grow in place and nothing is hashed anew.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

#: A key that so many texts share finds no further ones. The bound keeps a flood of look-alikes
#: (one sentence with a thousand names) from costing the square of its size.
FULL = 64
#: Low bits of a key that choose its slot; the others are kept beside the entry, in 16 bits.
_SLOT_BITS = 17
_SLOTS = 1 << _SLOT_BITS
_NONE = -1
#: Entries added at once: arrays of a pass stay small whatever is loaded.
_CHUNK = 4096


class Buckets:
    """Entries 0, 1, 2 … with one 32-bit key a band."""

    def __init__(self, bands: int, capacity: int = 4096) -> None:
        self.bands, self.size = bands, 0
        self._rest = np.zeros((capacity, bands), dtype=np.uint16)
        self._next = np.full((capacity, bands), _NONE, dtype=np.int32)
        self._heads = np.full((bands, _SLOTS), _NONE, dtype=np.int32)

    def find(self, keys: Words) -> tuple[Places, Places, Places]:
        """(row of `keys`, band, entry) of every entry with the same key in the same band."""
        rows, bands = (part.ravel() for part in np.indices(keys.shape, dtype=np.int64))
        current = self._heads[bands, _slots(keys).ravel()].astype(np.int64)
        wanted = _rest(keys).ravel()
        found: list[tuple[Places, Places, Places]] = []
        while True:
            live = current != _NONE
            if not live.all():
                rows, bands, wanted, current = rows[live], bands[live], wanted[live], current[live]
            if not current.size:
                break
            same = self._rest[current, bands] == wanted
            found.append((rows[same], bands[same], current[same]))
            current = self._next[current, bands].astype(np.int64)
        empty = np.zeros(0, dtype=np.int64)
        if not found:
            return empty, empty, empty
        first, second, third = zip(*found, strict=True)
        return np.concatenate(first), np.concatenate(second), np.concatenate(third)

    def crowd(self, keys: Words) -> npt.NDArray[np.int64]:
        """How many entries share each key; same shape as `keys`."""
        rows, bands, _ = self.find(keys)
        flat = np.bincount(rows * self.bands + bands, minlength=keys.size)
        return flat.reshape(keys.shape)

    def add(self, keys: Words) -> None:
        """Append entries in order; a key that is `FULL` doesn't take them."""
        self._reserve(self.size + len(keys))
        for start in range(0, len(keys), _CHUNK):
            self._append(keys[start : start + _CHUNK])

    def _append(self, keys: Words) -> None:
        held = self.crowd(keys)
        first = self.size
        self._rest[first : first + len(keys)] = _rest(keys)
        self.size += len(keys)
        slots = _slots(keys)
        for band in range(self.bands):
            taken = np.flatnonzero(held[:, band] + _ranks(keys[:, band]) < FULL)
            self._chain(band, slots[taken, band], taken + first)

    def _chain(self, band: int, slots: Places, entries: Places) -> None:
        """Put `entries` before what stands in their slots, later ones in front."""
        order = np.argsort(slots, kind="stable")
        slots, entries = slots[order], entries[order]
        if not slots.size:
            return
        again = np.concatenate([[False], slots[1:] == slots[:-1]])
        before = np.where(again, np.roll(entries, 1), self._heads[band, slots])
        self._next[entries, band] = before
        last = np.concatenate([~again[1:], [True]])
        self._heads[band, slots[last]] = entries[last]

    def _reserve(self, wanted: int) -> None:
        held = len(self._rest)
        if wanted <= held:
            return
        room = max(wanted, held + held // 8)
        # In place: nobody else holds these arrays, and copies would double the peak.
        self._rest.resize((room, self.bands), refcheck=False)
        self._next.resize((room, self.bands), refcheck=False)
        self._next[held:] = _NONE


def _slots(keys: Words) -> Places:
    return (keys & np.uint32(_SLOTS - 1)).astype(np.int64)


def _rest(keys: Words) -> npt.NDArray[np.uint16]:
    return (keys >> np.uint32(_SLOT_BITS)).astype(np.uint16)


def _ranks(keys: Words) -> Places:
    """How many earlier equals each key has in the array."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    places = np.arange(len(keys))
    fresh = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    starts = np.maximum.accumulate(np.where(fresh, places, 0))
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[order] = places - starts
    return ranks

"""Near-duplicates: Jaccard similarity of character 3-grams, found by MinHash and banded hashing.

Character 3-grams, because Chinese has no blanks: whitespace tokens scored a near-duplicate pair
0.39 and an unrelated pair 0.48 (style.md). ≥ 0.8 is a copy, ≥ 0.4 a template (practice.md §4).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from text.normalise import clean, strip_for_similarity

_Array = npt.NDArray[np.uint64]

#: 128 values estimate a similarity with a standard error below 0.045.
_VALUES = 128
_CHUNK = 2048
_MASK = (1 << 64) - 1
# The estimate only saves exact comparisons; 0.16 is 3.6 of its standard errors.
_ESTIMATE_MARGIN = 0.16


def similarity(a: str, b: str) -> float:
    """Return the share of 3-grams the two texts have in common, 0–1; symmetric."""
    grams_a, grams_b = _grams(a), _grams(b)
    if not (grams_a.size or grams_b.size):
        return float(clean(a) == clean(b))
    return _jaccard(grams_a, grams_b)


def signature(text: str) -> bytes:
    """Return the MinHash of `text`: 128 little-endian 32-bit values, the same on every machine."""
    return _minhash(_grams(text)).astype("<u4").tobytes()


def clusters(texts: Sequence[str], threshold: float = 0.8) -> list[int]:
    """Return for each text the index of its first near-duplicate, its own when it is the first.

    A text joins the earliest leader at least `threshold` similar, so ``result[result[i]] ==
    result[i] <= i``. Time grows with the number of texts and of look-alikes, not of pairs.
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold {threshold}: 0 < threshold <= 1")
    rows = _rows(threshold)
    leaders = _Leaders(threshold)
    buckets: dict[tuple[int, bytes], list[int]] = {}
    exact: dict[str, int] = {}
    result: list[int] = []
    for index, text in enumerate(texts):
        stripped = strip_for_similarity(text) or clean(text)
        if stripped in exact:
            result.append(exact[stripped])
            continue
        grams = _grams_of(stripped)
        values = _minhash(grams)
        keys = [
            (start, values[start : start + rows].tobytes())
            for start in range(0, _VALUES - rows + 1, rows)
        ]
        candidates = sorted({leader for key in keys for leader in buckets.get(key, ())})
        leader = leaders.first_match(candidates, grams, values)
        if leader is None:
            place = leaders.add(index, grams, values)
            for key in keys:
                buckets.setdefault(key, []).append(place)
            leader = index
        exact[stripped] = leader
        result.append(leader)
    return result


class _Leaders:
    """First texts of their clusters, with what is needed to compare against them."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._indices: list[int] = []
        self._grams: list[_Array] = []
        self._values = np.empty((256, _VALUES), dtype=np.uint32)

    def add(self, index: int, grams: _Array, values: npt.NDArray[np.uint32]) -> int:
        place = len(self._indices)
        if place == len(self._values):
            self._values = np.concatenate([self._values, np.empty_like(self._values)])
        self._values[place] = values
        self._indices.append(index)
        self._grams.append(grams)
        return place

    def first_match(
        self, candidates: list[int], grams: _Array, values: npt.NDArray[np.uint32]
    ) -> int | None:
        """Index of the earliest leader similar enough, or None."""
        if not candidates:
            return None
        estimates = (self._values[candidates] == values).mean(axis=1)
        for place, estimate in zip(candidates, estimates, strict=True):
            if estimate < self._threshold - _ESTIMATE_MARGIN:
                continue
            if _jaccard(grams, self._grams[place]) >= self._threshold:
                return self._indices[place]
        return None


def _rows(threshold: float) -> int:
    """Rows of a band: at most 0.2 % of pairs at the threshold are missed (128 values)."""
    for rows, lowest in ((4, 0.68), (3, 0.53), (2, 0.31)):
        if threshold >= lowest:
            return rows
    return 1


def _grams(text: str) -> _Array:
    return _grams_of(strip_for_similarity(text))


def _grams_of(stripped: str) -> _Array:
    """The distinct 3-grams, three 21-bit code points packed in one number; sorted."""
    codes = np.frombuffer(stripped.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(
        np.uint64
    )
    if not codes.size:
        return codes
    if codes.size < 3:
        codes = np.concatenate([codes, np.zeros(3 - codes.size, dtype=np.uint64)])
    packed = (codes[:-2] << np.uint64(42)) | (codes[1:-1] << np.uint64(21)) | codes[2:]
    return np.unique(packed)


def _jaccard(a: _Array, b: _Array) -> float:
    if not (a.size and b.size):
        return 0.0
    common = int(np.intersect1d(a, b, assume_unique=True).size)
    return common / (a.size + b.size - common)


def _splitmix(count: int, seed: int) -> _Array:
    """Fixed pseudo-random numbers (SplitMix64), so that no library version changes a signature."""
    numbers = np.empty(count, dtype=np.uint64)
    for place in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) & _MASK
        z = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        numbers[place] = z ^ (z >> 31)
    return numbers


_FACTORS = _splitmix(_VALUES, seed=137) | np.uint64(1)
_OFFSETS = _splitmix(_VALUES, seed=2015)


def _minhash(grams: _Array) -> npt.NDArray[np.uint32]:
    """Smallest multiply-shift hash of the grams per function; all ones for no grams."""
    smallest = np.full(_VALUES, 0xFFFFFFFF, dtype=np.uint32)
    # Neighbouring code points must not give neighbouring hashes.
    mixed = grams ^ (grams >> np.uint64(29))
    mixed = mixed * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    for start in range(0, mixed.size, _CHUNK):
        products = mixed[start : start + _CHUNK, None] * _FACTORS + _OFFSETS
        hashes = (products >> np.uint64(32)).astype(np.uint32)
        smallest = np.minimum(smallest, hashes.min(axis=0))
    return smallest

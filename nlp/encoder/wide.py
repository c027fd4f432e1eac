"""The wide part of the model: hashed character n-grams and a few signs with linear heads.

It knows names and turns of phrase that a small encoder forgets. Hashing runs over whole batches at
once; every sum stays within one text's own row, so a text gets the same numbers in any batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from domain.posts import Platform

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]
Codes = npt.NDArray[np.uint64]

#: 2^22 slots: of 200,000 kept n-grams one in twenty shares its slot with another.
BITS = 22
#: Longest n-gram; see `nlp.features.LONGEST`.
LONGEST = 3
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(64 - BITS)
#: Signs weigh less than n-grams before the model weighs them; see `nlp.features`.
_SIGN_WEIGHT = 0.3
_PLATFORMS = tuple(Platform)
SIGNS = len(_PLATFORMS) + 7


@dataclass(frozen=True)
class Grams:
    """Which n-gram slots are kept, with their inverse document frequency."""

    slots: Integers
    weights: Floats

    @cached_property
    def _positions(self) -> Integers:
        positions = np.full(1 << BITS, -1, np.int32)
        positions[self.slots] = np.arange(len(self.slots), dtype=np.int32)
        return positions

    def rows(self, hashed: Hashed) -> sp.csr_matrix:
        """tf-idf, tf as 1 + log, each row of length one; texts × slots."""
        columns = self._positions[hashed.slots]
        known = columns >= 0
        counts = sp.csr_matrix(
            (np.ones(int(known.sum()), np.float32), (hashed.texts[known], columns[known])),
            shape=(hashed.count, len(self.slots)),
        )
        counts.sum_duplicates()
        counts.data = (1 + np.log(counts.data)) * self.weights[counts.indices]
        owners = np.repeat(np.arange(hashed.count), np.diff(counts.indptr))
        # One after the other within a row: `reduceat` groups by a segment's length, which for the
        # last row of a batch is another than for the same row elsewhere.
        squares = np.bincount(owners, counts.data.astype(np.float64) ** 2, hashed.count)
        lengths = np.sqrt(np.maximum(squares, 1e-12)).astype(np.float32)
        counts.data /= lengths[owners]
        return counts


@dataclass(frozen=True)
class Hashed:
    """Slot of every n-gram of a batch, and which text it stands in."""

    slots: npt.NDArray[np.int64]
    texts: Integers
    count: int


def hashed(prepared: Sequence[str]) -> Hashed:
    """All n-grams of 1 to `LONGEST` characters of prepared texts."""
    joined = np.frombuffer("".join(prepared).encode("utf-32-le", "surrogatepass"), np.uint32)
    owners = np.repeat(np.arange(len(prepared), dtype=np.int32), [len(text) for text in prepared])
    codes = joined.astype(np.uint64)
    slots, texts = [], []
    state = np.zeros(len(codes), np.uint64)
    for size in range(1, LONGEST + 1):
        end = len(codes) - size + 1
        if end <= 0:
            break
        state = (state[:end] + codes[size - 1 :] + np.uint64(size)) * _MULTIPLIER
        state ^= state >> np.uint64(29)
        whole = owners[:end] == owners[size - 1 :]
        slots.append(((state[whole] * _MULTIPLIER) >> _SHIFT).astype(np.int64))
        texts.append(owners[:end][whole])
    if not slots:
        return Hashed(np.zeros(0, np.int64), np.zeros(0, np.int32), len(prepared))
    return Hashed(np.concatenate(slots), np.concatenate(texts), len(prepared))


def learn_grams(prepared: Sequence[str], least: int) -> Grams:
    """Keep what stands in at least `least` texts."""
    found = hashed(prepared)
    pairs = np.unique(found.texts.astype(np.int64) << BITS | found.slots)
    documents = np.bincount(pairs & ((1 << BITS) - 1), minlength=1 << BITS)
    slots = np.flatnonzero(documents >= least).astype(np.int32)
    idf = np.log((1 + len(prepared)) / (1 + documents[slots])) + 1
    return Grams(slots, idf.astype(np.float32))


def signs(prepared: Sequence[str], platforms: Sequence[Platform]) -> Floats:
    """Platform, punctuation and length; texts × `SIGNS`."""
    rows = np.zeros((len(prepared), SIGNS), np.float32)
    for row, text, platform in zip(rows, prepared, platforms, strict=True):
        row[_PLATFORMS.index(platform)] = 1
        row[len(_PLATFORMS) :] = (
            "?" in text, "!" in text, min(2.0, len(text) / 100), len(text) < 20,
            "[" in text, text.startswith("如何"), "#" in text,
        )  # fmt: skip
    rows *= np.float32(_SIGN_WEIGHT)
    return rows


@dataclass(frozen=True)
class Part:
    """One set of linear heads: what it reads and how it weighs it.

    Attributes:
        weights: (n-grams + signs) × columns.
    """

    grams: Grams
    weights: Floats
    bias: Floats

    @cached_property
    def _sign_weights(self) -> Floats:
        return np.ascontiguousarray(self.weights[len(self.grams.slots) :])

    @cached_property
    def _gram_weights(self) -> Floats:
        return np.ascontiguousarray(self.weights[: len(self.grams.slots)])

    def logits(self, found: Hashed, signed: Floats) -> Floats:
        """Texts × columns."""
        result: Floats = self.grams.rows(found) @ self._gram_weights
        result += self.bias
        # One sign after the other: a dense product sums in an order that hangs on the batch's size.
        for sign, weights in zip(signed.T, self._sign_weights, strict=True):
            result += sign[:, None] * weights
        return result


@dataclass(frozen=True)
class Wide:
    """The linear heads of court labels and of emotions, each over its own n-grams."""

    labels: Part
    emotion: Part

    def logits(self, prepared: Sequence[str], platforms: Sequence[Platform]) -> Floats:
        """Texts × columns of stance, demand, topics, irony, emotion."""
        found, signed = hashed(prepared), signs(prepared, platforms)
        return np.hstack([self.labels.logits(found, signed), self.emotion.logits(found, signed)])

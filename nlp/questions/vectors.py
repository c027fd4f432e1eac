"""What a statement means, as the weighted mean of word vectors distilled from a sentence encoder.

The encoder (bge-small-zh-v1.5, MIT licence) read each word of a list once; its answers, centred and
cut to their first principal components, are all that ships. So likeness of meaning costs no
encoder at run time. Unknown words fall back to their characters. Slots are hashes: no word ships.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from domain.errors import ConfigurationError
from nlp.features import Vocabulary, count_slots

Matrix = npt.NDArray[np.float32]

SHIPPED = Path(__file__).with_name("statement_vectors.npz")
#: 128 and 256 dimensions grouped alike; see docs/measurements.md.
DIMENSIONS = 128
#: Frequent words say little: a/(a + frequency), as in smooth inverse frequency.
_SIF = 1e-3


@dataclass(frozen=True)
class StatementVectors:
    """A vector for each kept word slot; `vectors` are slots × `DIMENSIONS`, weights included."""

    vocabulary: Vocabulary
    vectors: Matrix

    @classmethod
    def load(cls, path: Path = SHIPPED) -> StatementVectors:
        """Read the file.

        Raises:
            ConfigurationError: it is missing or damaged.
        """
        try:
            with np.load(path, allow_pickle=False) as arrays:
                slots, packed, scales = arrays["slots"], arrays["vectors"], arrays["scales"]
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise ConfigurationError(
                "the vectors of focus questions can't be read",
                remedy="install the program again",
                where=path.name,
            ) from error
        vectors = packed.astype(np.float32) * scales[:, None]
        return cls(Vocabulary(slots, np.ones(len(slots), np.float32)), vectors)

    def save(self, path: Path) -> None:
        """Write int8 rows, each with its scale."""
        scales = np.maximum(np.abs(self.vectors).max(axis=1), 1e-9) / 127
        packed = np.round(self.vectors / scales[:, None]).astype(np.int8)
        np.savez_compressed(
            path, slots=self.vocabulary.slots, vectors=packed, scales=scales.astype(np.float32)
        )

    def of(self, bags: Sequence[Mapping[str, float]]) -> Matrix:
        """A vector of length one (or zero) for each bag of words; len(bags) × `DIMENSIONS`."""
        words = sorted({word for bag in bags for word in bag})
        if not words:
            return np.zeros((len(bags), self.vectors.shape[1]), np.float32)
        place = {word: row for row, word in enumerate(words)}
        known = self._known(words)
        found = np.zeros((len(bags), self.vectors.shape[1]), np.float32)
        for row, bag in enumerate(bags):
            for word in sorted(bag):
                found[row] += bag[word] * known[place[word]]
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        unit: Matrix = (found / np.maximum(lengths, 1e-9)).astype(np.float32)
        return unit

    def _known(self, words: Sequence[str]) -> Matrix:
        chosen = self.vocabulary.select(count_slots([word] for word in words))
        vectors = np.asarray(chosen @ self.vectors, np.float32)
        missing = np.flatnonzero(np.diff(chosen.indptr) == 0)
        if missing.size:
            letters = self.vocabulary.select(
                count_slots(list(words[row]) for row in missing.tolist())
            )
            letters.data = np.ones_like(letters.data)
            counts = np.maximum(np.diff(letters.indptr), 1)[:, None]
            vectors[missing] = np.asarray(letters @ self.vectors, np.float32) / counts
        return vectors


def distil(words: Sequence[str], counts: Sequence[int], embedded: Matrix) -> StatementVectors:
    """Vectors from what an encoder said of each word alone.

    Args:
        words: most frequent first; where two share a slot the earlier is kept.
        counts: how often each occurs in the texts of the domain.
        embedded: len(words) × width of the encoder.
    """
    shares = np.array(counts, np.float64)
    shares /= shares.sum()
    centred = embedded - (embedded * shares[:, None]).sum(axis=0)
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    # The sign of a component is the solver's whim; the largest entry is made positive.
    signs = np.sign(components[np.arange(len(components)), np.abs(components).argmax(axis=1)])
    reduced = centred @ (components * signs[:, None])[:DIMENSIONS].T
    weighted = reduced * (_SIF / (_SIF + shares))[:, None]
    slots = count_slots([word] for word in words).indices
    kept, first = np.unique(slots, return_index=True)
    return StatementVectors(
        Vocabulary(kept.astype(np.int32), np.ones(len(kept), np.float32)),
        weighted[first].astype(np.float32),
    )

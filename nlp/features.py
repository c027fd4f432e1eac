"""Texts to sparse rows: hashed character n-grams, hashed words, and a few cheap signs.

Nothing here is learnt except which hash slots are kept (`Vocabulary`), so that training and
serving can't differ. No text is stored: a slot is a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import rjieba
import scipy.sparse as sp

from domain.posts import Platform
from domain.protocols import Reading
from text.normalise import visible

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]

#: 2^20 slots: of 60,000 kept n-grams about one in twenty shares its slot with another.
SLOTS = 2**20
#: Longest n-gram. 1–4 was no better than 1–3 by grouped cross-validation (court-negative F1 .573
#: against .583 at equal settings) and a third larger.
LONGEST = 3
#: Of a long text so much of the beginning and of the end is read: a letter tells its matter first and
#: complains last. Training texts have at most 300 characters.
READ_FIRST, READ_LAST = 1000, 500

_SPACES = re.compile(r"\s+")
_REPEATS = re.compile(r"(.)\1{3,}")
_DIGITS = re.compile(r"[0-9]+")
_WORD = re.compile(r"\w")
# 法院路 is a street: no number of examples outweighs a word that nearly always means the court.
_PLACE = re.compile(
    r"法院(?=[东西南北中]?(?:路(?!过|上|遇)|街|巷|弄|小区|宿舍|家属院|地铁站|公交站))"
)
_PLATFORMS = tuple(Platform)
_SIGNS: tuple[Callable[[str], float], ...] = (
    lambda text: "?" in text,
    lambda text: "!" in text,
    lambda text: min(2.0, len(text) / 100),
    lambda text: len(text) < 20,
    lambda text: "[" in text,
    lambda text: text.startswith("如何"),
    lambda text: "@" in text,
    lambda text: "#" in text,
)
#: Signs weigh less than n-grams before the model weighs them. Without any sign court-negative F1
#: fell from .590 to .572 by grouped cross-validation.
_SIGN_WEIGHT = 0.3


def prepare(text: str) -> str:
    """The form the models read: nothing invisible, NFKC, lower case, digits as 0, long repeats cut
    to three, 法院 in the name of a street or a housing estate replaced.
    """
    text = unicodedata.normalize("NFKC", _both_ends(visible(text))).lower()
    text = _SPACES.sub(" ", text).strip()
    text = _PLACE.sub("地名", text)
    return _DIGITS.sub("0", _REPEATS.sub(r"\1\1\1", text))


def _both_ends(text: str) -> str:
    if len(text) <= READ_FIRST + READ_LAST:
        return text
    # The blank keeps n-grams from being made of words that never stood together.
    return f"{text[:READ_FIRST]} {text[-READ_LAST:]}"


def characters(prepared: str) -> Iterator[str]:
    """All character n-grams of 1 to `LONGEST` characters, in order."""
    for size in range(1, LONGEST + 1):
        for start in range(len(prepared) - size + 1):
            yield prepared[start : start + size]


def words(prepared: str) -> list[str]:
    """The words of a text without punctuation."""
    return [word for word in rjieba.cut(prepared) if _WORD.search(word)]


def count_slots(documents: Iterable[Iterable[str]]) -> sp.csr_matrix:
    """How often each hash slot occurs in each document; shape documents × `SLOTS`, float32."""
    # Not at the top: it takes a second, and a program that serves the neural model never needs it.
    from sklearn.feature_extraction import FeatureHasher

    pieces = list(documents)
    if not pieces:
        return sp.csr_matrix((0, SLOTS), dtype=np.float32)
    hasher = FeatureHasher(SLOTS, input_type="string", alternate_sign=False, dtype=np.float32)
    counts: sp.csr_matrix = hasher.transform(pieces)
    counts.sum_duplicates()
    return counts


@dataclass(frozen=True)
class Vocabulary:
    """Kept hash slots and their weight (idf of n-grams, smooth inverse frequency of words).

    Attributes:
        slots: ascending slot numbers.
        weights: one for each slot.
    """

    slots: Integers
    weights: Floats

    @cached_property
    def _positions(self) -> Integers:
        positions = np.full(SLOTS, -1, np.int32)
        positions[self.slots] = np.arange(len(self.slots), dtype=np.int32)
        return positions

    def select(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        """Keep the known slots of `counts`; shape documents × len(slots), unweighted."""
        columns = self._positions[counts.indices]
        known = columns >= 0
        before = np.concatenate(([0], np.cumsum(known)))
        return sp.csr_matrix(
            (counts.data[known], columns[known], before[counts.indptr]),
            shape=(counts.shape[0], len(self.slots)),
        )


@dataclass(frozen=True)
class WordVectors:
    """A vector of length one for each slot of the vocabulary; words × dimensions."""

    vocabulary: Vocabulary
    vectors: Floats


def ngram_rows(vocabulary: Vocabulary, prepared: Sequence[str]) -> sp.csr_matrix:
    """tf-idf of n-grams, tf as 1 + log, each row of length one."""
    rows = vocabulary.select(count_slots(characters(text) for text in prepared))
    rows.data = (1 + np.log(rows.data)) * vocabulary.weights[rows.indices]
    squares = rows.copy()
    squares.data = squares.data**2
    lengths = np.sqrt(np.maximum(_row_sums(squares), np.float32(1e-12)))
    return _scale(rows, (1 / lengths).astype(np.float32))


def word_rows(vocabulary: Vocabulary, prepared: Sequence[str]) -> sp.csr_matrix:
    """Weighted word counts; times the word vectors they give a text's (unscaled) mean vector."""
    rows = vocabulary.select(count_slots(words(text) for text in prepared))
    rows.data = rows.data * vocabulary.weights[rows.indices]
    return rows


def sign_count(keywords: Sequence[tuple[str, Sequence[str]]]) -> int:
    """How many columns `sign_rows` has."""
    return len(_PLATFORMS) + len(keywords) + len(_SIGNS)


def sign_rows(
    keywords: Sequence[tuple[str, Sequence[str]]],
    readings: Sequence[Reading],
    prepared: Sequence[str],
) -> sp.csr_matrix:
    """Platform, hits of each keyword list (at most two count), punctuation and length."""
    rows = np.zeros((len(prepared), sign_count(keywords)), np.float32)
    for row, reading, text in zip(rows, readings, prepared, strict=True):
        row[_PLATFORMS.index(reading.platform)] = 1
        for column, (_, listed) in enumerate(keywords, start=len(_PLATFORMS)):
            row[column] = min(2, sum(word in text for word in listed))
        row[len(_PLATFORMS) + len(keywords) :] = [sign(text) for sign in _SIGNS]
    return sp.csr_matrix(rows * np.float32(_SIGN_WEIGHT))


def _row_sums(rows: sp.csr_matrix) -> Floats:
    return np.asarray(rows.sum(axis=1), np.float32).ravel()


def _scale(rows: sp.csr_matrix, factors: Floats) -> sp.csr_matrix:
    rows.data = (rows.data * np.repeat(factors, np.diff(rows.indptr))).astype(np.float32)
    return rows

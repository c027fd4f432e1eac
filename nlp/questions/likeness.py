"""How near short statements are: a soft cosine over their words.

Words count as near when they stand in one line of `synonyms.txt`, when their vectors are near, or
when they share characters (解冻, 冻结). Vectors and their weights ship with the model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rjieba
import scipy.sparse as sp

from nlp.features import WordVectors, count_slots, prepare
from nlp.questions.vectors import StatementVectors

Matrix = npt.NDArray[np.float32]
#: Words of a text with what each counts, 0–1.
Bag = Mapping[str, float]

SYNONYMS = Path(__file__).with_name("synonyms.txt")
LEGAL_TERMS = Path(__file__).parents[1] / "legal_terms.txt"
ASKING_WORDS = Path(__file__).with_name("asking_words.txt")

#: Nearness of two words of one line of the list.
_SAME = 0.9
#: Vectors nearer than this make words near; below it they share a subject, not a meaning
#: (赔偿–起诉 .59, 赔偿–损失 .60, 推迟–延期 .78).
_VECTOR_LEAST, _VECTOR_FACTOR = 0.6, 0.8
#: Words with at least half of their characters in common (Dice).
_SHARED_LEAST, _SHARED_FACTOR = 0.5, 0.7
#: Weight of a word without a vector: it is rare. Single characters say little.
_RARE, _SINGLE = 1.0, 0.5
_TERM_FREQUENCY = 1_000_000
#: Which court it is, is the same for all questions of a case.
_COURT = re.compile(
    r"[\u3400-\u9fff]{2,3}?[市区县州](?:第[一二三四]|中级|高级)?(?:人民)?(?:法院|中院|高院)?"
    r"|[\u3400-\u9fff]{2}(?:法院|中院|高院)"
)


class Likeness:
    """Compares texts by their words; keeps nothing of them."""

    def __init__(self, vectors: WordVectors, meaning: StatementVectors | None = None) -> None:
        self._vectors, self._meaning = vectors, meaning or StatementVectors.load()
        lines = SYNONYMS.read_text(encoding="utf-8").splitlines()
        self._group_of = {
            word: number for number, line in enumerate(lines) for word in line.split()
        }
        self._segmenter = rjieba.Jieba()
        for term in (*LEGAL_TERMS.read_text(encoding="utf-8").split(), *self._group_of):
            self._segmenter.add_word(term, _TERM_FREQUENCY, "n")
        self._asking = frozenset(ASKING_WORDS.read_text(encoding="utf-8").split())

    def words(self, text: str) -> list[str]:
        """Words that carry content, in order; how something is asked, and of whom, is left out."""
        plain = _COURT.sub(" ", prepare(text))
        return [word for word in self.cut(plain) if word not in self._asking]

    def cut(self, text: str) -> list[str]:
        """All words of a text, legal terms and synonyms in one piece."""
        cut = self._segmenter.cut(prepare(text))
        return [word for word in cut if any(letter.isalnum() for letter in word)]

    def meanings(self, bags: Sequence[Bag]) -> Matrix:
        """Nearness 0–1 in meaning of each two bags, whatever words they share."""
        vectors = self._meaning.of(bags)
        near: Matrix = np.clip(vectors @ vectors.T, 0, 1)
        return near

    def matrix(
        self, left: Sequence[Bag], right: Sequence[Bag], usual: Mapping[str, float] | None = None
    ) -> Matrix:
        """Nearness 0–1 of each of `left` to each of `right`; shape len(left) × len(right).

        Args:
            usual: factor on the weight of words that every text here has; absent = 1.
        """
        every = sorted({word for bag in (*left, *right) for word in bag})
        if not every:
            return np.zeros((len(left), len(right)), np.float32)
        place = {word: index for index, word in enumerate(every)}
        weights = self._weights(every)
        if usual is not None:
            weights = weights * np.array([usual.get(word, 1.0) for word in every], np.float32)
        near = self._near(every)
        rows, columns = _rows(left, place, weights), _rows(right, place, weights)
        blurred = rows @ near
        found = (blurred @ columns.T).toarray()
        found /= _lengths(rows, blurred)[:, None] * _lengths(columns, columns @ near)[None, :]
        clipped: Matrix = np.clip(found, 0, 1).astype(np.float32)
        return clipped

    def covers(self, asked: Sequence[Bag], said: Sequence[Bag]) -> Matrix:
        """Share of each bag of `asked` (by weight) that has a near word in each of `said`."""
        every = sorted({word for bag in (*asked, *said) for word in bag})
        if not every:
            return np.zeros((len(asked), len(said)), np.float32)
        place = {word: index for index, word in enumerate(every)}
        near, weights = self._near(every).toarray(), self._weights(every)
        found = np.zeros((len(asked), len(said)), np.float32)
        for column, bag in enumerate(said):
            words = sorted(bag)
            if not words:
                continue
            given = np.array([bag[word] for word in words], np.float32)
            best = (near[:, [place[word] for word in words]] * given).max(axis=1)
            for row, wanted in enumerate(asked):
                listed = sorted(wanted)
                at = [place[word] for word in listed]
                shares = np.array([wanted[word] for word in listed], np.float32) * weights[at]
                found[row, column] = float((shares * best[at]).sum() / max(shares.sum(), 1e-9))
        return found

    def _weights(self, words: Sequence[str]) -> Matrix:
        chosen, known = self._known(words)
        weights = np.full(len(words), _RARE, np.float32)
        weights[known] = self._vectors.vocabulary.weights[chosen.indices[chosen.indptr[:-1][known]]]
        single = np.array([_SINGLE if len(word) == 1 else 1.0 for word in words], np.float32)
        return weights**2 * single

    def _near(self, words: Sequence[str]) -> sp.csr_matrix:
        """Nearness of words; the diagonal is one."""
        chosen, _ = self._known(words)
        vectors = np.asarray(chosen @ self._vectors.vectors, np.float32)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        cosines = vectors @ vectors.T
        cosines = np.where(cosines >= _VECTOR_LEAST, cosines * _VECTOR_FACTOR, 0)
        near = np.maximum(cosines, _shared(words) * _SHARED_FACTOR)
        groups = np.array([self._group_of.get(word, -1 - n) for n, word in enumerate(words)])
        near = np.maximum(near, (groups[:, None] == groups[None, :]) * np.float32(_SAME))
        np.fill_diagonal(near, 1)
        return sp.csr_matrix(near.astype(np.float32))

    def _known(self, words: Sequence[str]) -> tuple[sp.csr_matrix, npt.NDArray[np.bool_]]:
        chosen = self._vectors.vocabulary.select(count_slots([word] for word in words))
        return chosen, np.diff(chosen.indptr) > 0


def _rows(bags: Sequence[Bag], place: Mapping[str, int], weights: Matrix) -> sp.csr_matrix:
    rows = sp.lil_matrix((len(bags), len(weights)), dtype=np.float32)
    for row, bag in enumerate(bags):
        for word in sorted(bag):
            rows[row, place[word]] = bag[word] * weights[place[word]]
    return rows.tocsr()


def _lengths(rows: sp.csr_matrix, blurred: sp.csr_matrix) -> Matrix:
    squares = np.asarray(blurred.multiply(rows).sum(axis=1), np.float32).ravel()
    return np.sqrt(np.maximum(squares, np.float32(1e-9)))


def _shared(words: Sequence[str]) -> Matrix:
    """Dice of the characters of each two words, 0 below the least."""
    letters = sorted({letter for word in words for letter in word})
    place = {letter: index for index, letter in enumerate(letters)}
    rows = np.zeros((len(words), len(letters)), np.float32)
    for row, word in enumerate(words):
        rows[row, [place[letter] for letter in word]] = 1
    sizes = rows.sum(axis=1)
    dice: Matrix = 2 * (rows @ rows.T) / np.maximum(sizes[:, None] + sizes[None, :], 1)
    return np.where(dice >= _SHARED_LEAST, dice, 0).astype(np.float32)

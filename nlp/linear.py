"""The first annotator: linear heads over n-grams, words and signs. Card: `models/linear-v1.md`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from domain.annotation import IRRELEVANT, Annotation
from domain.protocols import Reading
from nlp import model_file
from nlp.decisions import DEMANDS, STANCES, Probabilities, decide, probabilities
from nlp.features import (
    Floats,
    characters,
    count_slots,
    ngram_rows,
    prepare,
    sign_rows,
    word_rows,
    words,
)
from nlp.model_file import LinearModel

#: The model that ships.
SHIPPED = Path(__file__).with_name("models") / "linear-v1.npz"


@dataclass(frozen=True)
class _Rows:
    ngrams: sp.csr_matrix
    signs: sp.csr_matrix
    words: sp.csr_matrix
    word_lengths: Floats


class LinearAnnotator:
    """Labels texts with a `LinearModel`; implements `domain.protocols.Annotator`.

    Every sum runs over one text's own row, so a text gets the same labels in any batch.
    """

    def __init__(self, model: LinearModel) -> None:
        self._model = model
        ngrams = len(model.ngrams.slots)
        signs = model.weights.shape[0] - model.word_vectors.vectors.shape[1]
        self._ngram_weights = np.ascontiguousarray(model.weights[:ngrams])
        self._sign_weights = np.ascontiguousarray(model.weights[ngrams:signs])
        # A text's vector is a sum over its words, so each word's share of a label is fixed.
        self._word_weights = model.word_vectors.vectors @ model.weights[signs:]

    @classmethod
    def load(cls, path: Path | None = None) -> LinearAnnotator:
        """Load a model file, by default the one that ships.

        Raises:
            ConfigurationError: the file is missing, damaged, or of another format.
        """
        return cls(model_file.load(path or SHIPPED))

    @property
    def name(self) -> str:
        """Name and version, stored with every annotation."""
        return self._model.name

    @property
    def topic_ids(self) -> tuple[str, ...]:
        """Columns of `Probabilities.topics`."""
        return self._model.topic_ids

    def annotate(self, readings: Sequence[Reading]) -> list[Annotation]:
        """Label `readings`, in their order."""
        if not readings:
            return []
        model = self._model
        return decide(self.probabilities(readings), model.topic_ids, model.thresholds, model.name)

    def probabilities(self, readings: Sequence[Reading]) -> Probabilities:
        """Calibrated probabilities of all labels."""
        rows = self._rows(readings)
        logits = rows.ngrams @ self._ngram_weights
        logits += rows.signs @ self._sign_weights
        logits += (rows.words @ self._word_weights) / rows.word_lengths[:, None]
        return probabilities((logits + self._model.bias).astype(np.float64))

    def explain(self, text: Reading, field: str, limit: int = 10) -> list[tuple[str, float]]:
        """The pieces of a text that speak most for its label, heaviest first.

        Args:
            field: "target", "sentiment", "demand", "topics", "irony", or "court_negative".

        Returns:
            Pieces as they stand in the prepared text (NFKC, lower case, digits as 0) and their
            weight in log-odds against the other labels; a piece inside a listed one that weighs
            more is left out. Empty when nothing in the text speaks for the label.

        Raises:
            ValueError: there is no such field.
        """
        columns = self._columns(text, field)
        prepared = prepare(text.text)
        weights = self._ngram_shares(prepared, columns)
        for word, weight in self._word_shares(prepared, columns).items():
            weights[word] = weights.get(word, 0.0) + weight
        return _outermost(weights, limit)

    def _rows(self, readings: Sequence[Reading]) -> _Rows:
        model = self._model
        prepared = [prepare(reading.text) for reading in readings]
        found = word_rows(model.word_vectors.vocabulary, prepared)
        means = found @ model.word_vectors.vectors
        return _Rows(
            ngram_rows(model.ngrams, prepared),
            sign_rows(model.keywords, readings, prepared),
            found,
            np.maximum(np.sqrt((means**2).sum(axis=1)), np.float32(1e-9)),
        )

    def _columns(self, text: Reading, field: str) -> tuple[list[int], list[int]]:
        """Columns of the label and of its rivals."""
        label = self.annotate([text])[0]
        first_topic = len(STANCES) + len(DEMANDS)
        if field in ("target", "sentiment", "court_negative"):
            wanted = {
                "target": f"{label.target if label.relevant else IRRELEVANT}/",
                "sentiment": f"/{label.sentiment}",
                "court_negative": "court/negative",
            }[field]
            chosen = [i for i, stance in enumerate(STANCES) if wanted in stance]
            return chosen, [i for i in range(len(STANCES)) if i not in chosen]
        if field == "demand":
            chosen = [len(STANCES) + DEMANDS.index(label.demand)]
            return chosen, [i for i in range(len(STANCES), first_topic) if i not in chosen]
        if field == "topics":
            ids = self._model.topic_ids
            return [first_topic + ids.index(t) for t in label.topics if t in ids], []
        if field == "irony":
            return [self._model.weights.shape[1] - 1], []
        raise ValueError(f"no field {field!r}")

    def _ngram_shares(
        self, prepared: str, columns: tuple[list[int], list[int]]
    ) -> dict[str, float]:
        grams = sorted({gram for gram in characters(prepared) if gram.strip()})
        row = ngram_rows(self._model.ngrams, [prepared])
        value = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
        places = self._model.ngrams.select(count_slots([gram] for gram in grams))
        margins = _margin(self._ngram_weights, columns)
        return {
            gram: value[place] * float(margins[place])
            for gram, place in _placed(grams, places)
            if place in value
        }

    def _word_shares(self, prepared: str, columns: tuple[list[int], list[int]]) -> dict[str, float]:
        vocabulary = self._model.word_vectors.vocabulary
        found = words(prepared)
        row = word_rows(vocabulary, [prepared])
        length = max(float(np.linalg.norm(row @ self._model.word_vectors.vectors)), 1e-9)
        value = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
        distinct = sorted(set(found))
        places = vocabulary.select(count_slots([word] for word in distinct))
        margins = _margin(self._word_weights, columns)
        return {
            word: value[place] * float(margins[place]) / length
            for word, place in _placed(distinct, places)
        }


def _placed(pieces: Sequence[str], places: sp.csr_matrix) -> list[tuple[str, int]]:
    """Pieces that are known, with the number of their slot."""
    return [
        (piece, int(places.indices[places.indptr[row]]))
        for row, piece in enumerate(pieces)
        if places.indptr[row + 1] > places.indptr[row]
    ]


def _margin(weights: Floats, columns: tuple[list[int], list[int]]) -> Floats:
    chosen, rivals = columns
    if not chosen:
        return np.zeros(len(weights), np.float32)
    margin: Floats = weights[:, chosen].mean(axis=1)
    if rivals:
        margin = margin - weights[:, rivals].mean(axis=1)
    return margin


def _outermost(weights: dict[str, float], limit: int) -> list[tuple[str, float]]:
    ranked = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))
    chosen: list[tuple[str, float]] = []
    for piece, weight in ranked:
        if weight <= 0 or len(chosen) == limit:
            break
        if not any(piece in other for other, _ in chosen):
            chosen.append((piece, round(weight, 4)))
    return chosen

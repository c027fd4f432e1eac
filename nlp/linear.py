"""The first annotator: linear heads over n-grams, words and signs. Card: `models/linear-v1.md`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from domain.annotation import Annotation
from domain.protocols import Reading
from nlp import model_file
from nlp.decisions import Probabilities, decide, probabilities
from nlp.features import (
    Floats,
    ngram_rows,
    prepare,
    sign_rows,
    word_rows,
)
from nlp.model_file import LinearModel

#: The first model, kept for comparison; what labels posts is `nlp.encoder.serving`.
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
        """Load a model file, by default linear-v1.

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

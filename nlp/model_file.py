"""The model as plain arrays in one .npz: no pickle, no text, nothing that runs when it is loaded."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.errors import ConfigurationError
from nlp.decisions import DEMANDS, STANCES, Thresholds
from nlp.features import Floats, Vocabulary, WordVectors, sign_count

#: Raised when arrays change their meaning; an older program refuses a newer file and vice versa.
FORMAT = 1


@dataclass(frozen=True)
class LinearModel:
    """Everything serving needs.

    Attributes:
        keywords: topic id and its words, for the keyword signs; as they were at training.
        weights: (n-grams + signs + vector dimensions) × columns, calibrated.
        bias: one for each column.
    """

    name: str
    topic_ids: tuple[str, ...]
    keywords: tuple[tuple[str, tuple[str, ...]], ...]
    thresholds: Thresholds
    ngrams: Vocabulary
    word_vectors: WordVectors
    weights: Floats
    bias: Floats


def save(model: LinearModel, path: Path) -> None:
    """Write the model; the same model gives the same bytes."""
    ngrams = len(model.ngrams.slots)
    packed, scales = pack(model.weights[:ngrams])
    vectors, lengths = pack(model.word_vectors.vectors.T)
    about = {
        "format": FORMAT,
        "name": model.name,
        "topics": model.topic_ids,
        "stances": STANCES,
        "demands": DEMANDS,
        "keywords": model.keywords,
        "thresholds": {
            "court_negative": model.thresholds.court_negative,
            "irrelevant": model.thresholds.irrelevant,
            "topics": dict(model.thresholds.topics),
            "irony": model.thresholds.irony,
        },
    }
    arrays = {
        "about": np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), np.uint8),
        "ngram_steps": np.diff(model.ngrams.slots, prepend=0).astype(np.uint32),
        "ngram_weights": model.ngrams.weights.astype(np.float16),
        "word_steps": np.diff(model.word_vectors.vocabulary.slots, prepend=0).astype(np.uint32),
        "word_weights": model.word_vectors.vocabulary.weights.astype(np.float16),
        "vectors": vectors,
        "vector_scales": lengths,
        "weights": packed,
        "weight_scales": scales,
        "dense_weights": model.weights[ngrams:].astype(np.float32),
        "bias": model.bias.astype(np.float32),
    }
    # numpy stamps every member with the same fixed date, so equal arrays give equal files.
    np.savez_compressed(path, allow_pickle=False, **arrays)  # type: ignore[arg-type]


def load(path: Path) -> LinearModel:
    """Read a model.

    Raises:
        ConfigurationError: the file is missing, damaged, or of another format.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return _model({name: arrays[name] for name in arrays.files})
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise ConfigurationError(
            f"the model can't be read: {type(error).__name__}",
            remedy="restore the file, or train it anew with `python -m nlp.training`",
            where=path.name,
        ) from error


def _model(arrays: Mapping[str, npt.NDArray[Any]]) -> LinearModel:
    about = json.loads(arrays["about"].tobytes())
    labels = (tuple(about["stances"]), tuple(about["demands"]))
    if about["format"] != FORMAT or labels != (STANCES, DEMANDS):
        raise ValueError("another format")
    keywords = tuple((topic, tuple(listed)) for topic, listed in about["keywords"])
    vectors = unpack(arrays["vectors"], arrays["vector_scales"]).T
    weights = np.vstack(
        [unpack(arrays["weights"], arrays["weight_scales"]), arrays["dense_weights"]]
    )
    ngrams = _vocabulary(arrays["ngram_steps"], arrays["ngram_weights"])
    if weights.shape[0] != len(ngrams.slots) + sign_count(keywords) + vectors.shape[1]:
        raise ValueError("weights of another shape")
    return LinearModel(
        name=about["name"],
        topic_ids=tuple(about["topics"]),
        keywords=keywords,
        thresholds=Thresholds(**about["thresholds"]),
        ngrams=ngrams,
        word_vectors=WordVectors(
            _vocabulary(arrays["word_steps"], arrays["word_weights"]),
            np.ascontiguousarray(vectors),
        ),
        weights=weights,
        bias=arrays["bias"],
    )


def _vocabulary(steps: npt.NDArray[Any], weights: npt.NDArray[Any]) -> Vocabulary:
    slots = np.cumsum(steps, dtype=np.int64).astype(np.int32)
    return Vocabulary(slots, weights.astype(np.float32))


def pack(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """One byte a weight on a square-root scale: most weights are small, a few are large."""
    scales = np.maximum(np.abs(matrix).max(axis=0), 1e-12).astype(np.float32)
    roots = np.sign(matrix) * np.sqrt(np.abs(matrix) / scales)
    return np.rint(roots * 127).astype(np.int8), scales


def unpack(packed: npt.NDArray[np.int8], scales: Floats) -> Floats:
    roots = packed.astype(np.float32) / np.float32(127)
    matrix: Floats = np.sign(roots) * roots**2 * scales
    return matrix

"""Train the linear model: `python -m nlp.training --data court_labelled.jsonl.xz --out FILE.npz`.

Beside the labelled file it needs `unlabelled.txt.xz` and `court_pool.jsonl.xz` for word vectors
(by default in the same folder). Same data, same libraries: same file. No text enters the file.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from domain.annotation import IRRELEVANT, Annotation
from nlp import (
    baseline,
    corpus,
    evaluation,
    grouping,
    heads,
    model_card,
    model_file,
    topics,
    word_vectors,
)
from nlp.calibration import Calibration, calibrate, tune
from nlp.corpus import LabelledText
from nlp.decisions import Doubles, Thresholds, decide
from nlp.features import (
    Floats,
    Vocabulary,
    WordVectors,
    characters,
    count_slots,
    ngram_rows,
    prepare,
    sign_rows,
    word_rows,
)
from nlp.model_file import LinearModel
from nlp.topics import FALLBACK

#: Name and version, stored with every annotation.
NAME = "linear-v1"
#: Fictional examples by theme; written for this project.
EXAMPLES = Path(__file__).with_name("examples")
FOLDS = 5
SEED = 20260601
#: An n-gram that stands in fewer texts is not kept.
_LEAST_DOCUMENTS = 3

Chosen = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Trained:
    """A model, and how it did on texts it had not seen (collected ones only)."""

    model: LinearModel
    metrics: evaluation.Metrics
    baseline: evaluation.Metrics
    collected: Sequence[LabelledText]
    examples: Sequence[LabelledText]


@dataclass(frozen=True)
class _Task:
    """Rows and labels; the first `collected` texts are real, the others fictional."""

    rows: sp.csr_matrix
    texts: Sequence[LabelledText]
    topic_ids: tuple[str, ...]
    collected: int

    def fit(self, chosen: Chosen) -> heads.Heads:
        return heads.fit(self.rows[chosen], [self.texts[i] for i in chosen], self.topic_ids)

    def of(self, chosen: Chosen) -> list[LabelledText]:
        return [self.texts[i] for i in chosen]


def train(
    collected: Sequence[LabelledText], examples: Sequence[LabelledText], unlabelled: Sequence[str]
) -> Trained:
    """Train on both kinds of texts; measure on the collected ones, whole events held out."""
    texts = [*collected, *examples]
    catalogue = topics.load()
    topic_ids = tuple(topic for topic in catalogue if topic not in (IRRELEVANT, FALLBACK))
    keywords = _keywords(catalogue)
    prepared = [prepare(text.text) for text in texts]
    ngrams = _ngram_vocabulary(prepared)
    vectors = word_vectors.learn(unlabelled, SEED)
    rows = sp.hstack(
        [
            ngram_rows(ngrams, prepared),
            sign_rows(keywords, [text.reading for text in texts], prepared),
            sp.csr_matrix(_mean_vectors(vectors, prepared)),
        ]
    ).tocsr()
    task = _Task(rows, texts, topic_ids, len(collected))
    group_of = grouping.groups([text.text for text in collected])
    fold_of = grouping.folds(group_of, FOLDS, SEED)
    logits = _held_out_logits(task, fold_of)
    metrics = _measure(task, logits, fold_of, group_of)
    calibration, thresholds = _settle(task, logits, np.arange(len(collected)))
    final = calibration.apply(task.fit(np.arange(len(texts))))
    model = LinearModel(
        NAME,
        topic_ids,
        keywords,
        thresholds,
        ngrams,
        vectors,
        final.weights.astype(np.float32),
        final.bias.astype(np.float32),
    )
    return Trained(
        model, metrics, baseline.measure(collected, fold_of, group_of), collected, examples
    )


def read_examples(folder: Path = EXAMPLES) -> list[LabelledText]:
    """All fictional training texts, by file name."""
    return [
        text
        for path in sorted(folder.glob("*.jsonl"))
        for text in corpus.read(path, fictional=True)
    ]


def _keywords(catalogue: topics.Catalogue) -> tuple[tuple[str, tuple[str, ...]], ...]:
    wanted = [(topic.id, topic.keywords) for topic in catalogue.values()]
    unwanted = [(f"not {topic.id}", topic.negative_keywords) for topic in catalogue.values()]
    return tuple((name, tuple(map(prepare, words))) for name, words in wanted + unwanted if words)


def _ngram_vocabulary(prepared: Sequence[str]) -> Vocabulary:
    counts = count_slots(characters(text) for text in prepared)
    documents = np.bincount(counts.indices, minlength=counts.shape[1])
    slots = np.flatnonzero(documents >= _LEAST_DOCUMENTS).astype(np.int32)
    idf = np.log((1 + len(prepared)) / (1 + documents[slots])) + 1
    return Vocabulary(slots, idf.astype(np.float32))


def _mean_vectors(vectors: WordVectors, prepared: Sequence[str]) -> Floats:
    means: Floats = word_rows(vectors.vocabulary, prepared) @ vectors.vectors
    scaled: Floats = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return scaled


def _held_out_logits(task: _Task, fold_of: npt.NDArray[np.int64]) -> Doubles:
    """Logits of the collected texts by heads that saw no text of their events."""
    fictional = np.arange(task.collected, len(task.texts))
    parts: list[tuple[Chosen, Doubles]] = []
    for fold in range(FOLDS):
        held = np.flatnonzero(fold_of == fold)
        fitted = task.fit(np.concatenate([np.flatnonzero(fold_of != fold), fictional]))
        parts.append((held, fitted.logits(task.rows[held])))
    logits = np.zeros((task.collected, parts[0][1].shape[1]))
    for held, values in parts:
        logits[held] = values
    return logits


def _settle(task: _Task, logits: Doubles, chosen: Chosen) -> tuple[Calibration, Thresholds]:
    """Calibration and thresholds from some of the held-out logits; unsure texts have no say."""
    sure = np.array([i for i in chosen if not task.texts[i].unsure], np.int64)
    calibration = calibrate(logits[sure], task.of(sure), task.topic_ids)
    given = calibration.probabilities(logits[sure])
    return calibration, tune(given, task.of(sure), task.topic_ids)


def _measure(
    task: _Task,
    logits: Doubles,
    fold_of: npt.NDArray[np.int64],
    group_of: npt.NDArray[np.int64],
) -> evaluation.Metrics:
    """Metrics in which a text has shaped neither its heads, nor their calibration, nor thresholds."""
    said: dict[int, Annotation] = {}
    for fold in range(FOLDS):
        held = np.flatnonzero(fold_of == fold)
        calibration, thresholds = _settle(task, logits, np.flatnonzero(fold_of != fold))
        given = calibration.probabilities(logits[held])
        labels = decide(given, task.topic_ids, thresholds, NAME)
        said.update(zip(held.tolist(), labels, strict=True))
    sure = [i for i in range(task.collected) if not task.texts[i].unsure]
    return evaluation.measure(
        [task.texts[i] for i in sure],
        [said[i] for i in sure],
        groups=[int(group_of[i]) for i in sure],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line of the training."""
    parser = argparse.ArgumentParser(prog="python -m nlp.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="labelled texts, JSONL or xz")
    parser.add_argument("--out", type=Path, required=True, help="where the .npz goes; card beside")
    parser.add_argument("--unlabelled", type=Path, help="lines source<TAB>text, xz")
    parser.add_argument("--pool", type=Path, help="unlabelled texts with court words, JSONL xz")
    given = parser.parse_args(arguments)
    unlabelled = word_vectors.unlabelled(
        given.unlabelled or given.data.with_name("unlabelled.txt.xz"),
        given.pool or given.data.with_name("court_pool.jsonl.xz"),
        SEED,
    )
    trained = train(corpus.read(given.data), read_examples(), unlabelled)
    model_file.save(trained.model, given.out)
    model_card.write(
        given.out.with_suffix(".md"),
        trained.model,
        trained.metrics,
        collected=trained.collected,
        examples=trained.examples,
        baseline=trained.baseline,
    )


if __name__ == "__main__":
    main()

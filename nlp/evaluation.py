"""How good an annotator is on labelled texts, with bootstrap intervals (guideline §3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.annotation import Annotation
from domain.protocols import Annotator
from nlp import corpus, topics
from nlp.corpus import LabelledText

#: Resamples for an interval.
RESAMPLES = 1000
_BINS = 10

Flags = npt.NDArray[np.bool_]
Chosen = npt.NDArray[np.int64]
#: Metric name to its value and interval.
Metrics = dict[str, dict[str, float | None]]


def evaluate(path: Path, annotator: Annotator) -> dict[str, Any]:
    """Measure `annotator` on the labelled texts of `path`; unsure ones are not scored.

    Returns:
        n, model, and under `metrics` for each name its value and 95 % interval `low`, `high`
        (percentile bootstrap over texts). A metric without any case of its kind is None.

    Raises:
        BadInput: a line of the file is no labelled text.
    """
    texts = [text for text in corpus.read(path) if not text.unsure]
    annotations = annotator.annotate([text.reading for text in texts])
    return {
        "n": len(texts),
        "model": annotator.name,
        "metrics": measure(texts, annotations),
    }


def measure(
    texts: Sequence[LabelledText],
    annotations: Sequence[Annotation],
    *,
    groups: Sequence[int] | None = None,
    resamples: int = RESAMPLES,
) -> Metrics:
    """All metrics with their intervals; whole `groups` are resampled when they are given."""
    metrics = _Measures(texts, annotations).all()
    samples = _samples(np.asarray(groups if groups is not None else range(len(texts))), resamples)
    everything = np.arange(len(texts), dtype=np.int64)
    result: Metrics = {}
    for name, metric in metrics.items():
        drawn = [value for sample in samples if (value := metric(sample)) is not None]
        low, high = np.percentile(drawn, [2.5, 97.5]) if drawn else (None, None)
        result[name] = {
            "value": _round(metric(everything)),
            "low": _round(low),
            "high": _round(high),
        }
    return result


class _Measures:
    """Labels as arrays, so that a resample costs microseconds."""

    def __init__(self, texts: Sequence[LabelledText], annotations: Sequence[Annotation]) -> None:
        pairs = list(zip(texts, annotations, strict=True))
        self._relevant = np.array([text.relevant for text in texts], bool)
        self._said_relevant = np.array([one.relevant for one in annotations], bool)
        self._court_negative = np.array([text.court_negative for text in texts], bool)
        self._said_negative = np.array([one.court_negative for one in annotations], bool)
        self._irony = np.array([text.irony for text in texts], bool)
        self._said_irony = np.array([one.irony for one in annotations], bool)
        self._stance_right = np.array([_stance_right(*pair) for pair in pairs], bool)
        self._target_right = np.array([_target_right(*pair) for pair in pairs], bool)
        self._confidence = np.array([_confidence(one) for one in annotations], float)
        self._pairs = pairs

    def all(self) -> dict[str, Callable[[Chosen], float | None]]:
        """Name to a function of the chosen texts' numbers."""
        catalogue = topics.load()
        concerns = topics.concern_ids(catalogue)
        demands = _macro_f1([(text.demand, one.demand) for text, one in self._pairs])
        return {
            "joint_accuracy": lambda chosen: _mean(self._stance_right[chosen]),
            "target_macro_f1": _macro_f1([(t.target, a.target) for t, a in self._pairs]),
            **_binary("court_negative", self._court_negative, self._said_negative),
            **_binary("irrelevant", ~self._relevant, ~self._said_relevant),
            "topics_micro_f1": _micro_f1(self._pairs, frozenset(catalogue)),
            "topics_concern_micro_f1": _micro_f1(self._pairs, concerns),
            "demand_macro_f1": demands,
            "irony_recall": lambda chosen: _ratio(
                (self._irony & self._said_irony)[chosen].sum(), self._irony[chosen].sum()
            ),
            "ece": lambda chosen: _ece(self._confidence[chosen], self._target_right[chosen]),
        }


def _stance_right(text: LabelledText, said: Annotation) -> bool:
    """Target and sentiment right; of an irrelevant text only that it is irrelevant."""
    if not text.relevant or not said.relevant:
        return text.relevant == said.relevant
    return (text.target, text.sentiment) == (said.target, said.sentiment)


def _confidence(said: Annotation) -> float:
    """The score of the target field (of irrelevance, when the text is said to be irrelevant)."""
    return said.scores.get("target", 0.0)


def _target_right(text: LabelledText, said: Annotation) -> bool:
    if not text.relevant or not said.relevant:
        return text.relevant == said.relevant
    return text.target == said.target


def _binary(name: str, true: Flags, said: Flags) -> dict[str, Callable[[Chosen], float | None]]:
    hits = true & said

    def precision(chosen: Chosen) -> float | None:
        return _ratio(hits[chosen].sum(), said[chosen].sum())

    def recall(chosen: Chosen) -> float | None:
        return _ratio(hits[chosen].sum(), true[chosen].sum())

    def f1(chosen: Chosen) -> float | None:
        return _ratio(2 * hits[chosen].sum(), said[chosen].sum() + true[chosen].sum())

    return {f"{name}_precision": precision, f"{name}_recall": recall, f"{name}_f1": f1}


def _macro_f1(pairs: Sequence[tuple[str, str]]) -> Callable[[Chosen], float | None]:
    """Mean F1 over the labels that occur in the chosen texts or are given to them."""
    names = sorted({str(label) for pair in pairs for label in pair})
    true = np.array([names.index(str(label)) for label, _ in pairs], int)
    said = np.array([names.index(str(label)) for _, label in pairs], int)

    def metric(chosen: Chosen) -> float | None:
        t, s = true[chosen], said[chosen]
        hits = np.bincount(t[t == s], minlength=len(names))
        total = np.bincount(t, minlength=len(names)) + np.bincount(s, minlength=len(names))
        present = total > 0
        return _mean(2 * hits[present] / total[present])

    return metric


def _micro_f1(
    pairs: Sequence[tuple[LabelledText, Annotation]], counted: frozenset[str]
) -> Callable[[Chosen], float | None]:
    true = [counted & set(text.topics) for text, _ in pairs]
    said = [counted & set(one.topics) for _, one in pairs]
    hits = np.array([len(t & s) for t, s in zip(true, said, strict=True)], int)
    total = np.array([len(t) + len(s) for t, s in zip(true, said, strict=True)], int)
    return lambda chosen: _ratio(2 * hits[chosen].sum(), total[chosen].sum())


def _ece(confidence: npt.NDArray[np.float64], right: Flags) -> float | None:
    """Expected calibration error of the target over ten bins of equal width."""
    if not len(confidence):
        return None
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(confidence[bins == one].mean() - right[bins == one].mean()) * (bins == one).mean()
        for one in np.unique(bins)
    ]
    return float(sum(gaps))


def _samples(groups: npt.NDArray[np.int64], count: int) -> list[Chosen]:
    generator = np.random.default_rng(0)
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    if not members:
        return []
    return [
        np.concatenate([members[one] for one in generator.integers(0, len(members), len(members))])
        for _ in range(count)
    ]


def _ratio(part: float, whole: float) -> float | None:
    return float(part) / float(whole) if whole else None


def _mean(values: npt.NDArray[Any]) -> float | None:
    return float(values.mean()) if len(values) else None


def _round(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)

"""How good an annotator is on labelled texts, with bootstrap intervals (guideline §3).

What is measured is the likeliest label, also where it is marked unsure; `nlp.examination` puts
beside it how many are unsure, and how right the sure ones are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.annotation import Annotation, Demand, Emotion, Sentiment, Target
from nlp import topics
from nlp.corpus import LabelledText

#: Resamples for an interval.
RESAMPLES = 1000
_BINS = 10

Flags = npt.NDArray[np.bool_]
Chosen = npt.NDArray[np.int64]
Metric = Callable[[Chosen], float | None]
#: Metric name to its value and interval.
Metrics = dict[str, dict[str, float | None]]


def measure(
    texts: Sequence[LabelledText],
    annotations: Sequence[Annotation],
    *,
    groups: Sequence[int] | None = None,
    resamples: int = RESAMPLES,
) -> Metrics:
    """All metrics with their intervals; whole `groups` are resampled when they are given."""
    everything = np.arange(len(texts), dtype=np.int64)
    return _with_intervals(_Measures(texts, annotations).all(), everything, groups, resamples)


def measure_emotion(
    true: Sequence[Emotion], said: Sequence[Emotion], *, resamples: int = RESAMPLES
) -> Metrics:
    """Accuracy and macro-F1 over the six classes."""
    right = np.array([t == s for t, s in zip(true, said, strict=True)], bool)
    metrics: dict[str, Metric] = {
        "accuracy": lambda chosen: _mean(right[chosen]),
        "macro_f1": _macro_f1(list(zip(true, said, strict=True))),
    }
    return _with_intervals(metrics, np.arange(len(true), dtype=np.int64), None, resamples)


def share_with_interval(flags: Sequence[bool], resamples: int = RESAMPLES) -> dict[str, Any]:
    """The share that holds, with its interval."""
    values = np.array(flags, bool)
    everything = np.arange(len(values), dtype=np.int64)
    metrics: dict[str, Metric] = {"share": lambda chosen: _mean(values[chosen])}
    return _with_intervals(metrics, everything, None, resamples)["share"]


def stance_right(text: LabelledText, said: Annotation) -> bool:
    """Target and sentiment right; of an irrelevant text only that it is irrelevant."""
    if not text.relevant or not said.relevant:
        return text.relevant == said.relevant
    return (text.target, text.sentiment) == (said.target, said.sentiment)


def _with_intervals(
    metrics: dict[str, Metric], everything: Chosen, groups: Sequence[int] | None, resamples: int
) -> Metrics:
    samples = _samples(np.asarray(everything if groups is None else groups), resamples)
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
        self._said_negative = np.array([_court_negative(one) for one in annotations], bool)
        self._irony = np.array([text.irony for text in texts], bool)
        self._said_irony = np.array([one.irony for one in annotations], bool)
        self._stance_right = np.array([stance_right(*pair) for pair in pairs], bool)
        self._target_right = np.array([_target_right(*pair) for pair in pairs], bool)
        self._confidence = np.array([_confidence(one, "target") for one in annotations], float)
        self._stance_confidence = np.array([_confidence(one, "stance") for one in annotations])
        self._pairs = pairs

    def all(self) -> dict[str, Metric]:
        """Name to a function of the chosen texts' numbers."""
        catalogue = topics.load()
        concerns = topics.concern_ids(catalogue)
        pairs = [(text.demand, one.demand) for text, one in self._pairs]
        demands = _macro_f1(pairs, without=Demand.NONE)
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
            "stance_ece": lambda chosen: _ece(
                self._stance_confidence[chosen], self._stance_right[chosen]
            ),
        }


def _court_negative(said: Annotation) -> bool:
    """The likeliest label says so; `Annotation.court_negative` wants it to be sure as well."""
    return said.relevant and (said.target, said.sentiment) == (Target.COURT, Sentiment.NEGATIVE)


def _confidence(said: Annotation, field: str) -> float:
    """The score of a field (of irrelevance, when the text is said to be irrelevant)."""
    return said.scores.get(field, 0.0)


def _target_right(text: LabelledText, said: Annotation) -> bool:
    if not text.relevant or not said.relevant:
        return text.relevant == said.relevant
    return text.target == said.target


def _binary(name: str, true: Flags, said: Flags) -> dict[str, Metric]:
    hits = true & said

    def precision(chosen: Chosen) -> float | None:
        return _ratio(hits[chosen].sum(), said[chosen].sum())

    def recall(chosen: Chosen) -> float | None:
        return _ratio(hits[chosen].sum(), true[chosen].sum())

    def f1(chosen: Chosen) -> float | None:
        return _ratio(2 * hits[chosen].sum(), said[chosen].sum() + true[chosen].sum())

    return {f"{name}_precision": precision, f"{name}_recall": recall, f"{name}_f1": f1}


def _macro_f1(pairs: Sequence[tuple[str, str]], without: str = "") -> Metric:
    """Mean F1 over the labels, but `without`, that occur in the chosen texts or are given to them."""
    names = sorted({str(label) for pair in pairs for label in pair})
    true = np.array([names.index(str(label)) for label, _ in pairs], int)
    said = np.array([names.index(str(label)) for _, label in pairs], int)
    counted = np.array([name != without for name in names], bool)

    def metric(chosen: Chosen) -> float | None:
        t, s = true[chosen], said[chosen]
        hits = np.bincount(t[t == s], minlength=len(names))
        total = np.bincount(t, minlength=len(names)) + np.bincount(s, minlength=len(names))
        present = (total > 0) & counted
        return _mean(2 * hits[present] / total[present])

    return metric


def _micro_f1(pairs: Sequence[tuple[LabelledText, Annotation]], counted: frozenset[str]) -> Metric:
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

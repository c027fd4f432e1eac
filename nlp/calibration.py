"""Make logits honest and choose where they become labels, on texts the heads had not seen.

Calibration is a temperature for each softmax head and Platt's sigmoid for each single label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from nlp.corpus import LabelledText
from nlp.decisions import (
    COURT_NEGATIVE,
    DEMANDS,
    STANCES,
    Doubles,
    Probabilities,
    Thresholds,
    choose_stances,
    probabilities,
    softmax,
)
from nlp.heads import Heads, stance_of

#: Steps tried for the two offsets of the stance head. A complaint that is missed is never read, so
#: court negative gets at least 0.2: two points more recall, and .003 less F1 than 0.0.
_OFFSETS = {
    "court_negative": (0.2, 0.4, 0.6, 0.8),
    "irrelevant": (-0.6, -0.45, -0.3, -0.15, 0.0, 0.15),
}
#: A point of court-negative F1, the main aim, weighs as much as two points of joint accuracy.
_AIM_WEIGHT = 0.5
#: A topic with few examples keeps close to this threshold; see `_threshold`.
_PRIOR_THRESHOLD = 0.35
_PRIOR_WEIGHT = 10
_THRESHOLDS = tuple(round(0.1 + 0.05 * step, 2) for step in range(12))


@dataclass(frozen=True)
class Calibration:
    """Factor and shift of every logit column."""

    factor: Doubles
    shift: Doubles

    def apply(self, heads: Heads) -> Heads:
        """Heads whose logits are calibrated."""
        return Heads(heads.weights * self.factor, heads.bias * self.factor + self.shift)

    def probabilities(self, logits: Doubles) -> Probabilities:
        """Probabilities from logits of heads that are not calibrated."""
        return probabilities(logits * self.factor + self.shift)


def calibrate(
    logits: Doubles, texts: Sequence[LabelledText], topic_ids: Sequence[str]
) -> Calibration:
    """Fit the calibration to held-out `logits` of `texts`."""
    factor, shift = np.ones(logits.shape[1]), np.zeros(logits.shape[1])
    stances, end = len(STANCES), len(STANCES) + len(DEMANDS)
    factor[:stances] = _temperature(
        logits[:, :stances], [STANCES.index(stance_of(text)) for text in texts]
    )
    factor[stances:end] = _temperature(
        logits[:, stances:end], [DEMANDS.index(text.demand) for text in texts]
    )
    for column, topic in enumerate(topic_ids, start=end):
        labels = np.array([topic in text.topics for text in texts])
        factor[column], shift[column] = _platt(logits[:, column], labels)
    factor[-1], shift[-1] = _platt(logits[:, -1], np.array([text.irony for text in texts]))
    return Calibration(factor, shift)


def tune(
    given: Probabilities, texts: Sequence[LabelledText], topic_ids: Sequence[str]
) -> Thresholds:
    """Choose thresholds on held-out probabilities: court-negative F1 first, then joint accuracy."""
    topics = {
        topic: _threshold(given.topics[:, column], np.array([topic in t.topics for t in texts]))
        for column, topic in enumerate(topic_ids)
    }
    irony = _threshold(given.irony, np.array([text.irony for text in texts]))
    wanted = [stance_of(text) for text in texts]
    candidates = [
        Thresholds(court_negative, irrelevant, topics, irony)
        for court_negative in _OFFSETS["court_negative"]
        for irrelevant in _OFFSETS["irrelevant"]
    ]
    return max(candidates, key=lambda one: _aim(choose_stances(given.stance, one), wanted))


def _aim(chosen: Sequence[str], wanted: Sequence[str]) -> float:
    hits = sum(c == w == COURT_NEGATIVE for c, w in zip(chosen, wanted, strict=True))
    said, true = chosen.count(COURT_NEGATIVE), wanted.count(COURT_NEGATIVE)
    joint = sum(_scored(c) == _scored(w) for c, w in zip(chosen, wanted, strict=True))
    return 2 * hits / max(said + true, 1) + _AIM_WEIGHT * joint / len(wanted)


def _scored(stance: str) -> str:
    return "irrelevant" if stance.startswith("irrelevant") else stance


def _temperature(logits: Doubles, labels: Sequence[int]) -> float:
    rows = np.arange(len(labels))

    def loss(factor: float) -> float:
        shares = softmax(logits * factor)[rows, labels]
        return float(-np.log(np.maximum(shares, 1e-12)).mean())

    return float(minimize_scalar(loss, bounds=(0.2, 10.0), method="bounded").x)


def _platt(logits: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_]) -> tuple[float, float]:
    if not labels.any():
        return 1.0, 0.0
    model = LogisticRegression(C=1.0).fit(logits.reshape(-1, 1), labels)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _threshold(shares: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_]) -> float:
    """The threshold of the best F1, drawn toward the prior when few examples speak for it."""
    positives = int(labels.sum())
    if not positives:
        return _PRIOR_THRESHOLD

    def f1(threshold: float) -> float:
        said = shares >= threshold
        return 2 * int((said & labels).sum()) / max(int(said.sum()) + positives, 1)

    best = max(_THRESHOLDS, key=f1)
    drawn = (best * positives + _PRIOR_THRESHOLD * _PRIOR_WEIGHT) / (positives + _PRIOR_WEIGHT)
    return round(drawn, 4)

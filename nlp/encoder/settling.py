"""Blend, thresholds and metrics from texts that neither part has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import f1_score

from domain.annotation import Annotation, Emotion
from nlp import evaluation
from nlp.calibration import tune
from nlp.corpus import LabelledText
from nlp.decisions import DEMANDS, STANCES, Doubles, Thresholds, decide, probabilities, softmax
from nlp.encoder.blend import Blend
from nlp.encoder.blend_fit import fit, joined
from nlp.encoder.layout import EMOTIONS, Layout
from nlp.heads import stance_of

#: Heads of court labels; the emotion head is fitted on other texts.
_COURT = ("stance", "demand", "topics", "irony")
#: How far rare emotions are favoured, because macro-F1 counts them like frequent ones: so much of the
#: log of a label's share is taken from its logit (logit adjustment, Menon et al. 2021). One number,
#: since an offset for each emotion, fitted to macro-F1, followed the noise of 24 surprised texts:
#: ten cross-fits of random halves read virus .611 (± .007) with six offsets, .621 (± .005) with this;
#: usual .739 and .741 (decision 5).
_STRENGTHS = (0.0, 0.1, 0.2, 0.3, 0.4)
_PARTS = 2

Chosen = npt.NDArray[np.int64]


@dataclass(frozen=True)
class HeldCourt:
    """Held-out court texts (sure ones) with both parts' logits over served columns.

    Attributes:
        groups: the event of each.
    """

    texts: Sequence[LabelledText]
    deep: Doubles
    wide: Doubles
    groups: npt.NDArray[np.int64]

    def rows(self, chosen: Chosen) -> HeldCourt:
        """Some of them."""
        return HeldCourt(
            [self.texts[i] for i in chosen],
            self.deep[chosen],
            self.wide[chosen],
            self.groups[chosen],
        )


@dataclass(frozen=True)
class HeldEmotions:
    """Held-out emotion texts of one set."""

    name: str
    labels: Sequence[Emotion]
    deep: Doubles
    wide: Doubles


@dataclass(frozen=True)
class Settled:
    """What turns logits into labels, and how good the labels are."""

    blend: Blend
    thresholds: Thresholds
    emotion_offsets: tuple[float, ...]
    metrics: evaluation.Metrics
    emotion_metrics: dict[str, evaluation.Metrics]


def settle(court: HeldCourt, emotions: Sequence[HeldEmotions], layout: Layout) -> Settled:
    """Fit on all held-out texts; measure with what was fitted on the other half of the events."""
    blend, thresholds = _settle_court(court, layout)
    felt, offsets = _settle_emotions(emotions, layout)
    return Settled(
        joined(blend, felt),
        thresholds,
        offsets,
        _court_metrics(court, layout),
        {one.name: _emotion_metrics(one, emotions, layout) for one in emotions},
    )


def _settle_court(court: HeldCourt, layout: Layout) -> tuple[Blend, Thresholds]:
    heads = [layout.head(name) for name in _COURT]
    blend = fit(court.deep, court.wide, _wanted(court.texts, layout), heads, layout)
    given = probabilities(blend.apply(court.deep, court.wide)[:, : layout.labels])
    return blend, tune(given, court.texts, layout.topic_ids)


def _court_metrics(court: HeldCourt, layout: Layout) -> evaluation.Metrics:
    part_of = (
        court.groups % _PARTS
        if len(np.unique(court.groups % _PARTS)) == _PARTS
        else (np.arange(len(court.texts)) % _PARTS)
    )
    said: dict[int, Annotation] = {}
    for part in range(_PARTS):
        own, other = np.flatnonzero(part_of == part), np.flatnonzero(part_of != part)
        blend, thresholds = _settle_court(court.rows(other), layout)
        rows = court.rows(own)
        given = probabilities(blend.apply(rows.deep, rows.wide)[:, : layout.labels])
        labels = decide(given, layout.topic_ids, thresholds, "held out")
        said.update(zip(own.tolist(), labels, strict=True))
    return evaluation.measure(
        court.texts,
        [said[i] for i in range(len(court.texts))],
        groups=[int(group) for group in court.groups],
    )


def _settle_emotions(
    emotions: Sequence[HeldEmotions], layout: Layout
) -> tuple[Blend, tuple[float, ...]]:
    deep = np.concatenate([one.deep for one in emotions])
    wide = np.concatenate([one.wide for one in emotions])
    labels = np.array([EMOTIONS.index(label) for one in emotions for label in one.labels])
    head = layout.head("emotion")
    wanted = np.zeros((len(labels), layout.served))
    wanted[np.arange(len(labels)), head.start + labels] = 1
    blend = fit(deep, wide, wanted, [head], layout)
    logs = np.log(np.maximum(softmax(blend.apply(deep, wide)[:, head.columns]), 1e-12))
    return blend, _offsets(logs, labels)


def _offsets(logs: Doubles, labels: npt.NDArray[np.int64]) -> tuple[float, ...]:
    """Offsets of the best macro-F1; their mean is zero."""
    counts = np.bincount(labels, minlength=len(EMOTIONS)) + 1.0
    rarity = -np.log(counts / counts.sum())
    rarity -= rarity.mean()

    def score(strength: float) -> float:
        said = (logs + strength * rarity).argmax(axis=1)
        return float(f1_score(labels, said, average="macro", zero_division=0))

    # The smaller one wins a tie, so that noise moves nothing.
    best = max(_STRENGTHS, key=lambda strength: (round(score(strength), 3), -strength))
    return tuple(round(float(one), 4) for one in best * rarity)


def _emotion_metrics(
    one: HeldEmotions, emotions: Sequence[HeldEmotions], layout: Layout
) -> evaluation.Metrics:
    head = layout.head("emotion")
    said: dict[int, Emotion] = {}
    for part in range(_PARTS):
        blend, offsets = _settle_emotions([_part(each, 1 - part) for each in emotions], layout)
        rows = np.arange(part, len(one.labels), _PARTS)
        shares = softmax(blend.apply(one.deep[rows], one.wide[rows])[:, head.columns])
        best = (np.log(np.maximum(shares, 1e-12)) + offsets).argmax(axis=1)
        said.update((int(row), Emotion(EMOTIONS[b])) for row, b in zip(rows, best, strict=True))
    return evaluation.measure_emotion(one.labels, [said[i] for i in range(len(one.labels))])


def _part(one: HeldEmotions, part: int) -> HeldEmotions:
    rows = np.arange(part, len(one.labels), _PARTS)
    return HeldEmotions(
        one.name, [one.labels[int(i)] for i in rows], one.deep[rows], one.wide[rows]
    )


def _wanted(texts: Sequence[LabelledText], layout: Layout) -> Doubles:
    wanted = np.zeros((len(texts), layout.served))
    demands, topics = layout.head("demand").start, layout.head("topics").start
    for row, text in enumerate(texts):
        wanted[row, STANCES.index(stance_of(text))] = 1
        wanted[row, demands + DEMANDS.index(text.demand)] = 1
        for topic in text.topics:
            if topic in layout.topic_ids:
                wanted[row, topics + layout.topic_ids.index(topic)] = 1
        wanted[row, layout.head("irony").start] = text.irony
    return wanted

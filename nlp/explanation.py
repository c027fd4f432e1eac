"""Why a text got its label: what the label loses when a word is taken away (occlusion).

Works for any annotator that gives probabilities, and says what that annotator does, not what a
simpler model of it would: each weight is a real prediction on the text without the word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import rjieba

from domain.annotation import IRRELEVANT, Annotation
from domain.protocols import Reading
from nlp.abstention import LEAST
from nlp.decisions import COURT_NEGATIVE, DEMANDS, STANCES, Doubles, Probabilities

#: What can be explained; "court_negative" whatever the label is.
FIELDS = ("stance", "target", "sentiment", "topics", "demand", "irony", "court_negative")
#: Words occluded one by one at most; of a longer text only the heaviest clauses are cut finer.
MOST_WORDS = 120
#: Texts of one prediction.
_BATCH = 256
#: Weights below this are noise of rounding [log-odds].
_LEAST_WEIGHT = 0.01
_CLAUSE = re.compile(r"[^，,。！？!?；;、：:\s]+[，,。！？!?；;、：:\s]*")
_WORD = re.compile(r"\w")


class Scorer(Protocol):
    """An annotator that says how sure it is of every label."""

    @property
    def topic_ids(self) -> Sequence[str]: ...  # columns of `Probabilities.topics`
    def annotate(self, readings: Sequence[Reading]) -> list[Annotation]: ...
    def probabilities(self, readings: Sequence[Reading]) -> Probabilities: ...


@dataclass(frozen=True, slots=True)
class Explanation:
    """One label of a text and the words that drove it.

    Attributes:
        score: the model's own confidence, 0–1; below `threshold` it is unsure. None without one.
        words: (start in the text, word, weight), heaviest first; weight is what the label's
            log-odds lose without the word. A word that spoke against the label has none.
    """

    field: str
    label: str
    score: float
    threshold: float | None
    unsure: bool
    words: tuple[tuple[int, str, float], ...]


def explain(scorer: Scorer, reading: Reading, field: str, limit: int = 10) -> Explanation:
    """Explain one label.

    Raises:
        ValueError: no such field.
    """
    if field not in FIELDS:
        raise ValueError(f"no field {field!r}; one of {', '.join(FIELDS)}")
    annotation = scorer.annotate([reading])[0]
    label = label_of(annotation, field)
    chosen = _Chosen(scorer, field, annotation)
    whole = float(chosen.odds([reading])[0])
    weighed = _weigh(chosen, reading, whole)
    ranked = sorted(weighed, key=lambda one: (-one[2], one[0]))
    score = 1 / (1 + float(np.exp(-whole)))
    threshold = LEAST.get(field)
    return Explanation(
        field=field,
        label=label,
        score=round(annotation.scores.get(field, score), 4),
        threshold=threshold,
        unsure=field in annotation.unsure,
        words=tuple(
            (start, word, round(weight, 3))
            for start, word, weight in ranked[:limit]
            if weight >= _LEAST_WEIGHT
        ),
    )


def label_of(annotation: Annotation, field: str) -> str:
    """The label of a field in one word."""
    stance = IRRELEVANT if not annotation.relevant else annotation.target.value
    return {
        "stance": f"{stance}/{annotation.sentiment}",
        "target": stance,
        "sentiment": annotation.sentiment.value,
        "topics": "、".join(annotation.topics),
        "demand": annotation.demand.value,
        "irony": str(annotation.irony).lower(),
        "court_negative": str(annotation.court_negative).lower(),
    }[field]


def pieces(text: str) -> list[tuple[int, str]]:
    """Words of a text that can be taken away, with their start; no punctuation."""
    found: list[tuple[int, str]] = []
    start = 0
    for word in rjieba.cut(text):
        if _WORD.search(word):
            found.append((start, word))
        start += len(word)
    return found


class _Chosen:
    """The probability of one label under a scorer."""

    def __init__(self, scorer: Scorer, field: str, annotation: Annotation) -> None:
        self._scorer, self._field, self._annotation = scorer, field, annotation

    def odds(self, readings: Sequence[Reading]) -> Doubles:
        """Log-odds of the label in each reading."""
        parts = [
            self._share(self._scorer.probabilities(readings[at : at + _BATCH]))
            for at in range(0, len(readings), _BATCH)
        ]
        share = np.clip(np.concatenate(parts), 1e-6, 1 - 1e-6)
        odds: Doubles = np.log(share / (1 - share))
        return odds

    def _share(self, given: Probabilities) -> Doubles:
        label, field = self._annotation, self._field
        if field == "demand":
            return given.demand[:, DEMANDS.index(label.demand.value)]
        if field == "irony":
            return given.irony if label.irony else 1 - given.irony
        if field == "topics" and label.relevant:
            listed = [topic for topic in label.topics if topic in self._scorer.topic_ids]
            if not listed:
                none: Doubles = 1 - given.topics.max(axis=1)
                return none
            return given.topics[:, list(self._scorer.topic_ids).index(listed[0])]
        columns = [n for n, stance in enumerate(STANCES) if self._stands_for(stance)]
        shares: Doubles = given.stance[:, columns].sum(axis=1)
        return shares

    def _stands_for(self, stance: str) -> bool:
        label = self._annotation
        target = label.target.value if label.relevant else IRRELEVANT
        wanted = {
            "court_negative": COURT_NEGATIVE,
            "sentiment": f"/{label.sentiment}",
            "stance": f"{target}/{label.sentiment}",
        }.get(self._field, f"{target}/")
        if self._field == "sentiment":
            return stance.endswith(wanted)
        return stance.startswith(wanted)


def _weigh(chosen: _Chosen, reading: Reading, whole: float) -> list[tuple[int, str, float]]:
    words = pieces(reading.text)
    if len(words) > MOST_WORDS:
        words = _of_heaviest_clauses(chosen, reading, whole, words)
    drops = _drops(chosen, reading, whole, words)
    return [(start, word, drop) for (start, word), drop in zip(words, drops.tolist(), strict=True)]


def _of_heaviest_clauses(
    chosen: _Chosen, reading: Reading, whole: float, words: Sequence[tuple[int, str]]
) -> list[tuple[int, str]]:
    """Words of the clauses without which the label loses most, as many as may be occluded."""
    clauses = [(match.start(), match.group()) for match in _CLAUSE.finditer(reading.text)]
    drops = _drops(chosen, reading, whole, clauses)
    kept: list[tuple[int, str]] = []
    for index in np.argsort(-drops, kind="stable").tolist():
        start, clause = clauses[index]
        inside = [word for word in words if start <= word[0] < start + len(clause)]
        kept += inside[: MOST_WORDS - len(kept)]
    return sorted(kept)


def _drops(
    chosen: _Chosen, reading: Reading, whole: float, spans: Sequence[tuple[int, str]]
) -> npt.NDArray[np.float64]:
    if not spans:
        return np.zeros(0)
    text = reading.text
    without = [
        Reading(text[:start] + text[start + len(span) :], reading.platform) for start, span in spans
    ]
    drops: npt.NDArray[np.float64] = whole - chosen.odds(without)
    return drops

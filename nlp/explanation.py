"""Why a text got its label: what the label loses when a word is taken away (occlusion).

Works for any annotator that gives probabilities, and says what that annotator does, not what a
simpler model of it would: each weight is real predictions with and without the word.

An angry text says it three times over, and the label stands without any one of them; what falls
then is whatever else is there. So each word is also taken from its clause read alone behind the
court's name (inverse occlusion), where the other times are out of sight.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
import numpy.typing as npt
import rjieba

from domain.annotation import IRRELEVANT, Annotation
from domain.protocols import Reading
from nlp.abstention import LEAST
from nlp.decisions import COURT_NEGATIVE, DEMANDS, STANCES, Doubles, Probabilities
from nlp.terms import stop_words

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
_COURT = re.compile(r"\w{0,6}?(?:法院|法庭|法官)")
#: Single characters that hold a sentence together and name nothing; longer ones: stop_words.txt.
_FUNCTION = frozenset(
    "的地得了着过吗呢吧啊呀嘛哦我你他她它这那一把被给对向从到由为以于之其所不没有要会能上下里中个次"
    "人说去来是在和与及或也都就还又才而但很更最再等让使并将请年月日号两几多"
)


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
            log-odds lose without the word, mean of the whole text and its clause read alone. A
            word that spoke against the label has none, nor has a stop word.
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
    words = [piece for piece in pieces(reading.text) if not _says_nothing(piece[1])]
    if len(words) > MOST_WORDS:
        words = _of_heaviest_clauses(chosen, reading, whole, words)
    weights = (_drops(chosen, reading, whole, words) + _clause_drops(chosen, reading, words)) / 2
    return [
        (start, word, weight)
        for (start, word), weight in zip(words, weights.tolist(), strict=True)
    ]  # fmt: skip


def _says_nothing(word: str) -> bool:
    return word in _FUNCTION or word in _stop_words()


@cache
def _stop_words() -> frozenset[str]:
    return stop_words()


def _clauses(text: str) -> list[tuple[int, str]]:
    return [(match.start(), match.group()) for match in _CLAUSE.finditer(text)]


def _clause_drops(chosen: _Chosen, reading: Reading, words: Sequence[tuple[int, str]]) -> Doubles:
    """What the label loses without each word where only its clause and the court's name stand."""
    if not words:
        return np.zeros(0)
    clauses = _clauses(reading.text)
    starts = [start for start, _ in clauses]
    court = _COURT.search(reading.text)
    pairs: list[Reading] = []
    for start, word in words:
        begin, clause = clauses[bisect_right(starts, start) - 1]
        inside = court is None or begin <= court.start() < begin + len(clause)
        ahead = "" if court is None or inside else f"{court.group()}："
        at = start - begin
        pairs.append(Reading(ahead + clause, reading.platform))
        without = ahead + clause[:at] + clause[at + len(word) :]
        pairs.append(Reading(without, reading.platform))
    odds = chosen.odds(pairs)
    drops: Doubles = odds[0::2] - odds[1::2]
    return drops


def _of_heaviest_clauses(
    chosen: _Chosen, reading: Reading, whole: float, words: Sequence[tuple[int, str]]
) -> list[tuple[int, str]]:
    """Words of the clauses without which the label loses most, as many as may be occluded."""
    clauses = _clauses(reading.text)
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

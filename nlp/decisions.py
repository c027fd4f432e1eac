"""From probabilities to labels: the rules of the guideline that a model doesn't have to learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.annotation import IRRELEVANT, Annotation, Demand, Sentiment, Target
from nlp.abstention import unsure_fields
from nlp.topics import FALLBACK

Doubles = npt.NDArray[np.float64]

#: Target and sentiment are decided together; irrelevant texts keep a sentiment, which isn't scored.
STANCES = tuple(
    [f"{target}/{sentiment}" for target in Target for sentiment in Sentiment]
    + [f"{IRRELEVANT}/{sentiment}" for sentiment in Sentiment]
)
DEMANDS = tuple(str(demand) for demand in Demand)
#: At most so many topics (guideline §1.4).
MOST_TOPICS = 3
COURT_NEGATIVE = f"{Target.COURT}/{Sentiment.NEGATIVE}"


@dataclass(frozen=True)
class Probabilities:
    """What the heads say of n texts; every row of `stance` and `demand` sums to one.

    Attributes:
        stance: n × `STANCES`.
        demand: n × `DEMANDS`.
        topics: n × topics of the model, each on its own.
        irony: n.
    """

    stance: Doubles
    demand: Doubles
    topics: Doubles
    irony: Doubles

    def rows(self, chosen: npt.NDArray[np.int64]) -> Probabilities:
        """The same of some texts."""
        return Probabilities(
            self.stance[chosen], self.demand[chosen], self.topics[chosen], self.irony[chosen]
        )


def probabilities(logits: Doubles) -> Probabilities:
    """Turn calibrated logits into probabilities: softmax for stance and demand, else sigmoid."""
    demand_end = len(STANCES) + len(DEMANDS)
    single = 1 / (1 + np.exp(-np.clip(logits[:, demand_end:], -30, 30)))
    return Probabilities(
        stance=softmax(logits[:, : len(STANCES)]),
        demand=softmax(logits[:, len(STANCES) : demand_end]),
        topics=single[:, :-1],
        irony=single[:, -1],
    )


def softmax(logits: Doubles) -> Doubles:
    """Row-wise softmax."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Doubles = exponentials / exponentials.sum(axis=1, keepdims=True)
    return shares


@dataclass(frozen=True)
class Thresholds:
    """Where probabilities become labels; tuned on texts the heads had not seen.

    Attributes:
        court_negative, irrelevant: added to the logarithm of that probability before the largest
            is taken.
        topics: least probability of each topic.
    """

    court_negative: float
    irrelevant: float
    topics: Mapping[str, float]
    irony: float


def decide(
    given: Probabilities, topic_ids: Sequence[str], thresholds: Thresholds, model: str
) -> list[Annotation]:
    """Labels of each text; an irrelevant one has no demand, no irony and no other topic."""
    stances = choose_stances(given.stance, thresholds)
    return [
        _annotation(given, row, stances[row], topic_ids, thresholds, model)
        for row in range(len(stances))
    ]


def choose_stances(stance: Doubles, thresholds: Thresholds) -> list[str]:
    """One of `STANCES` for each row. Whether a text is relevant comes first (guideline §1.1)."""
    relevant = np.log(np.maximum(stance[:, :-3], 1e-12))
    relevant[:, STANCES.index(COURT_NEGATIVE)] += thresholds.court_negative
    irrelevant = np.log(np.maximum(stance[:, -3:].sum(axis=1), 1e-12)) + thresholds.irrelevant
    best, mood = relevant.argmax(axis=1), stance[:, -3:].argmax(axis=1) + len(STANCES) - 3
    chosen = np.where(irrelevant > relevant.max(axis=1), mood, best)
    return [STANCES[index] for index in chosen]


def _annotation(
    given: Probabilities,
    row: int,
    stance: str,
    topic_ids: Sequence[str],
    thresholds: Thresholds,
    model: str,
) -> Annotation:
    target, sentiment = stance.split("/")
    shares = given.stance[row]
    irrelevant = float(shares[-3:].sum())
    if target == IRRELEVANT:
        scores = _rounded(
            stance=irrelevant, target=irrelevant, sentiment=_share(shares, "", sentiment),
            topics=irrelevant, demand=irrelevant, irony=1 - float(given.irony[row]),
        )  # fmt: skip
        return Annotation(
            Target.OTHER,
            Sentiment(sentiment),
            (IRRELEVANT,),
            scores=scores,
            model=model,
            unsure=unsure_fields(scores),
        )
    topics, topic_score = _topics(given.topics[row], topic_ids, thresholds.topics)
    demand = int(given.demand[row].argmax())
    irony = bool(given.irony[row] >= thresholds.irony)
    scores = _rounded(
        stance=float(shares[STANCES.index(stance)]),
        target=_share(shares[:-3], target, ""),
        sentiment=_share(shares, "", sentiment),
        topics=topic_score,
        demand=float(given.demand[row, demand]),
        irony=float(given.irony[row] if irony else 1 - given.irony[row]),
    )
    return Annotation(
        Target(target),
        Sentiment(sentiment),
        topics,
        Demand(DEMANDS[demand]),
        irony,
        scores,
        model,
        unsure=unsure_fields(scores),
    )


def _topics(
    shares: Doubles, topic_ids: Sequence[str], least: Mapping[str, float]
) -> tuple[tuple[str, ...], float]:
    """Topics over their threshold, likeliest first, and the score of the first; else the fallback."""
    over = [(share, topic) for share, topic in zip(shares, topic_ids, strict=True)
            if share >= least[topic]]  # fmt: skip
    if not over:
        return (FALLBACK,), float(1 - shares.max())
    over.sort(key=lambda pair: (-pair[0], pair[1]))
    return tuple(topic for _, topic in over[:MOST_TOPICS]), float(over[0][0])


def _share(shares: Doubles, target: str, sentiment: str) -> float:
    names = STANCES[: len(shares)]
    return float(
        sum(
            share
            for share, name in zip(shares, names, strict=True)
            if name.startswith(target) and name.endswith(sentiment)
        )
    )


def _rounded(**scores: float) -> dict[str, float]:
    # Four digits: the index stores them, and no reader uses more.
    return {name: round(min(1.0, max(0.0, score)), 4) for name, score in scores.items()}

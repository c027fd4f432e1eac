"""Which statements raise the same point: average linkage over their likeness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from nlp.questions.likeness import Bag, Likeness, Matrix
from nlp.questions.statements import Aspect, Statement

#: Tuned on the training scenarios of tests/gold/questions: see docs/measurements.md.
LEAST_LIKENESS = 0.30
#: A plain statement is added to the nearest group from here on.
LEAST_TO_FOLLOW = 0.40
#: What is left of a likeness when both ask, but for different things: 为什么延期, 何时开庭.
OTHER_ASPECT = 0.5
#: The same when only one of them says what it wants to know.
UNCLEAR_ASPECT = 0.9
#: Words that stand in many statements of the window tell them apart less:
#: 1/(1 + `USUAL` × ln(1 + `SCALE` × share of the statements)), whatever their number.
USUAL, SCALE = 0.6, 30.0
#: Share of likeness in meaning; the rest is likeness of words.
MEANING = 0.4
#: Words of the statement before count so much in one with few words of its own.
CONTEXT, FEW_WORDS = 0.4, 2
_CLEAR = frozenset((Aspect.WHY, Aspect.WHEN, Aspect.WHO, Aspect.AMOUNT, Aspect.HOW))


@dataclass(frozen=True, slots=True)
class Worded:
    """A statement and its words; `borrows` says whether some are its context's."""

    statement: Statement
    bag: Bag
    borrows: bool = False


def worded(statement: Statement, likeness: Likeness) -> Worded:
    """A statement with its words, and those of its context when it has few of its own."""
    bag = dict.fromkeys(likeness.words(statement.text), 1.0)
    if len(bag) > FEW_WORDS or not statement.context:
        return Worded(statement, bag)
    for word in likeness.words(statement.context):
        bag.setdefault(word, CONTEXT)
    return Worded(statement, bag, borrows=True)


def likenesses(items: Sequence[Worded], likeness: Likeness) -> Matrix:
    """Likeness of each two statements, what they want to know considered; symmetric."""
    counts = Counter(word for item in items for word in item.bag)
    usual = {
        word: 1 / (1 + USUAL * float(np.log1p(SCALE * n / len(items))))
        for word, n in counts.items()
    }
    bags = [item.bag for item in items]
    near = (1 - MEANING) * likeness.matrix(bags, bags, usual) + MEANING * likeness.meanings(bags)
    aspects = np.array([list(Aspect).index(item.statement.aspect) for item in items])
    clear = np.array([item.statement.aspect in _CLEAR for item in items])
    differ = aspects[:, None] != aspects[None, :]
    both = clear[:, None] & clear[None, :]
    factors = np.where(differ, np.where(both, OTHER_ASPECT, UNCLEAR_ASPECT), 1.0)
    near = near * factors.astype(np.float32)
    symmetric: Matrix = ((near + near.T) / 2).astype(np.float32)
    return symmetric


def group(items: Sequence[Worded], likeness: Likeness) -> tuple[list[list[int]], Matrix]:
    """Groups of indices of `items`, and the likeness of all; the order of `items` breaks ties.

    Only statements that ask, claim or demand make a group; plain ones follow the nearest.
    """
    near = likenesses(items, likeness)
    cued = [index for index, item in enumerate(items) if item.statement.kind]
    if not cued:
        return [], near
    labels = _linked(near[np.ix_(cued, cued)])
    groups: list[list[int]] = [[] for _ in range(labels.max())]
    for index, label in zip(cued, labels.tolist(), strict=True):
        groups[label - 1].append(index)
    plain = [index for index, item in enumerate(items) if not item.statement.kind]
    if plain:
        members = np.zeros((len(cued), len(groups)), np.float32)
        members[np.arange(len(cued)), labels - 1] = 1
        means = near[np.ix_(plain, cued)] @ (members / members.sum(axis=0))
        for follower, row in zip(plain, means, strict=True):
            if row.max() >= LEAST_TO_FOLLOW:
                groups[int(row.argmax())].append(follower)
    return groups, near


def _linked(near: Matrix) -> npt.NDArray[np.int32]:
    if len(near) == 1:
        return np.ones(1, np.int32)
    distances = np.clip(1 - near.astype(np.float64), 0, 1)
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average")
    labels: npt.NDArray[np.int32] = fcluster(tree, 1 - LEAST_LIKENESS, "distance")
    return labels

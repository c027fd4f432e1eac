"""θ of each court: what the budget says plus what its people's decisions add, within bounds.

A step counts from its moment on and, undone, until then: the past keeps the θ it had. So a
decision never opens or ends an episode that was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from alerts.budget import TABLE
from alerts.policy.settings import Feedback
from domain.policy import ThresholdMove, ThresholdStep
from domain.time import bucket_index

Floats = NDArray[np.float64]


def amount(kind: str, rules: Feedback) -> float:
    """What a decision of `kind` ("dismissed", "confirmed") adds to θ."""
    return {"dismissed": rules.dismissed, "confirmed": rules.confirmed}[kind]


def shift(steps: Iterable[ThresholdStep], rules: Feedback, at: datetime) -> float:
    """What the steps that count at `at` add up to, held within the bounds step by step.

    A step that a bound swallowed leaves nothing behind: after nine dismissals the first
    confirmation lowers θ again, not the fifth.
    """
    standing = [
        step for step in steps if step.at <= at and (step.undone_at is None or at < step.undone_at)
    ]
    total = 0.0
    for step in sorted(standing, key=lambda step: (step.at, step.id)):
        total = min(max(total + step.amount, rules.least), rules.most)
    return total


def effective(base: float | Floats, moved: float | Floats) -> Floats:
    """The θ that counts: `base` and `moved` added up, not below the lowest θ that was measured.

    A `base` that is lower itself, because a person fixed it so, is the least then.
    """
    return np.maximum(np.add(base, moved), np.minimum(base, TABLE[0].theta))


def changes(steps: Sequence[ThresholdStep], rules: Feedback) -> list[ThresholdMove]:
    """Every change of one court's shift, oldest first."""
    moments = [(step.at, step.id, step, False) for step in steps]
    moments += [
        (step.undone_at, step.id, step, True) for step in steps if step.undone_at is not None
    ]
    moments.sort(key=lambda moment: moment[:2])
    return [
        ThresholdMove(at, step, undone, shift(steps, rules, at)) for at, _, step, undone in moments
    ]


def thresholds(
    base: float,
    courts: Sequence[str],
    steps: Mapping[str, Sequence[ThresholdStep]],
    rules: Feedback,
    first: int,
    buckets: int,
) -> Floats:
    """θ by bucket and case: (buckets, cases), from bucket `first` on.

    Args:
        base: θ by the budget.
        courts: court of each case, in the order of the columns.
        steps: court → its steps.
    """
    theta = np.full((buckets, len(courts)), base)
    rows = {
        court: _row(changes(steps[court], rules), first, buckets)
        for court in set(courts) & set(steps)
    }
    for column, court in enumerate(courts):
        if court in rows:
            theta[:, column] = effective(theta[:, column], rows[court])
    return theta


def _row(moves: Sequence[ThresholdMove], first: int, buckets: int) -> Floats:
    """Shift of one court by bucket; a change holds from the bucket after its moment."""
    row = np.zeros(buckets)
    for move in moves:
        row[max(bucket_index(move.at) + 1 - first, 0) :] = move.shift
    return row

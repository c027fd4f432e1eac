"""Fits the weights of a blend: a few numbers for each head, on texts neither part had seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from nlp.encoder.blend import Blend, Doubles
from nlp.encoder.layout import Head, Layout

#: A single label with fewer positive texts keeps the weights fitted over all single labels.
_LEAST_POSITIVE = 15


def fit(
    deep: Doubles, wide: Doubles, wanted: Doubles, heads: Sequence[Head], layout: Layout
) -> Blend:
    """Fit the columns of `heads` on held-out logits; other columns stay silent."""
    size = layout.served
    blend = Blend(np.zeros(size), np.zeros(size), np.zeros(size))
    for head in heads:
        for columns, factors in _factors(deep, wide, wanted, head):
            blend.deep[columns], blend.wide[columns], blend.shift[columns] = factors
    return blend


def joined(one: Blend, other: Blend) -> Blend:
    """Two blends of different columns."""
    return Blend(one.deep + other.deep, one.wide + other.wide, one.shift + other.shift)


def _factors(
    deep: Doubles, wide: Doubles, wanted: Doubles, head: Head
) -> list[tuple[slice, tuple[float, float, float]]]:
    columns = head.columns
    if head.exclusive:
        first, second = _softmax_factors(deep[:, columns], wide[:, columns], wanted[:, columns])
        return [(columns, (first, second, 0.0))]
    common = _sigmoid_factors(deep[:, columns].ravel(), wide[:, columns].ravel(),
                              wanted[:, columns].ravel() > 0.5)  # fmt: skip
    result = []
    for column in range(head.start, head.stop):
        true = wanted[:, column] > 0.5
        enough = int(true.sum()) >= _LEAST_POSITIVE
        own = _sigmoid_factors(deep[:, column], wide[:, column], true) if enough else common
        result.append((slice(column, column + 1), own))
    return result


def _softmax_factors(deep: Doubles, wide: Doubles, wanted: Doubles) -> tuple[float, float]:
    def loss(factors: npt.NDArray[np.float64]) -> float:
        logits = deep * factors[0] + wide * factors[1]
        top = logits.max(1, keepdims=True)
        logs = logits - top - np.log(np.exp(logits - top).sum(1, keepdims=True))
        return float(-(wanted * logs).sum(1).mean()) + 1e-3 * float((factors**2).sum())

    best = minimize(loss, np.array([1.0, 0.5]), method="L-BFGS-B", bounds=[(0.0, 20.0)] * 2).x
    return float(best[0]), float(best[1])


def _sigmoid_factors(
    deep: Doubles, wide: Doubles, true: npt.NDArray[np.bool_]
) -> tuple[float, float, float]:
    if not true.any() or true.all():
        return 1.0, 0.0, 0.0
    model = LogisticRegression(C=1.0).fit(np.stack([deep, wide], 1), true)
    first, second = model.coef_[0]
    if min(first, second) >= 0:
        return float(first), float(second), float(model.intercept_[0])
    # A part that speaks against its own label has only noise to tell.
    kept = deep if first > second else wide
    model = LogisticRegression(C=1.0).fit(kept[:, None], true)
    factor = max(0.0, float(model.coef_[0, 0]))
    shift = float(model.intercept_[0])
    return (factor, 0.0, shift) if first > second else (0.0, factor, shift)

"""The upper tail of the negative binomial, also where it is too small for a float."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaln

Floats = NDArray[np.float64]

#: Below this the regularised beta function has lost digits, or is about to underflow.
_TINY = 1e-280
_LN10 = float(np.log(10.0))


def log10_upper_tail(least: Floats, size: Floats, mean: Floats) -> Floats:
    """log10 P(N ≥ least) for N ~ NB(size, mean), element by element; finite for any finite input.

    P = I_x(least, size) with x = mean / (mean + size), the regularised incomplete beta function.
    """
    chance = mean / (mean + size)
    tail = np.asarray(betainc(least, size, chance), np.float64)
    deep = tail < _TINY
    result = np.log10(np.where(deep, 1.0, tail))
    if deep.any():
        result[deep] = _log10_series(least[deep], size[deep], chance[deep])
    return result


def _log10_series(least: Floats, size: Floats, chance: Floats) -> Floats:
    """I_x(a, b) = x^a (1−x)^b / (a B(a, b)) · Σ Π (a+b+k)x / (a+1+k), in logarithms.

    The series converges for x < (a+1)/(a+b), which holds wherever the tail is this deep.
    """
    total = np.ones_like(least)
    term = np.ones_like(least)
    step = 0
    while (term > total * 1e-12).any():
        term = term * (least + size + step) * chance / (least + 1 + step)
        total = total + term
        step += 1
    natural = least * np.log(chance) + size * np.log1p(-chance) - np.log(least)
    return np.asarray((natural - betaln(least, size) + np.log(total)) / _LN10, np.float64)


def quantile(share: float, size: Floats, mean: Floats) -> Floats:
    """Smallest whole k with P(N ≤ k) ≥ share for N ~ NB(size, mean), by bisection."""
    below = np.full(mean.shape, -1.0)
    above = np.ceil(mean + 12 * np.sqrt(mean + mean**2 / size) + 12)
    while (above - below > 1).any():
        middle = np.floor((below + above) / 2)
        enough = betainc(size, middle + 1, size / (size + mean)) >= share
        above, below = np.where(enough, middle, above), np.where(enough, below, middle)
    return np.asarray(above, np.float64)

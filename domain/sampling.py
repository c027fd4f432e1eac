"""Counts of sampled sources: what came, and what it stands for.

A source that delivers a share of its stream is counted by what it delivered. What that stands for
is an estimate, and is never shown without saying so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import floor, log10

#: Digits of an estimate that mean something: twelve posts of 1 % stand for 1,200, give or take 350.
_DIGITS = 2


def whole(posts: Iterable[tuple[str, int]], rates: Mapping[str, float]) -> int | None:
    """Estimate how many posts there were in all, to two digits.

    Args:
        posts: (source, posts that it delivered).
        rates: source → share of its stream that it delivers, (0, 1]; absent: all of it.

    Returns:
        None when none of the posts came from a sampled source: then their count is no estimate.
    """
    cells = [(count, rates.get(source, 1.0)) for source, count in posts if count]
    if all(rate >= 1 for _, rate in cells):
        return None
    scaled = sum(count / rate for count, rate in cells)
    unit: int = 10 ** max(floor(log10(scaled)) + 1 - _DIGITS, 0)
    return floor(scaled / unit + 0.5) * unit

"""What a source usually delivers in an hour of the week, and how few is out of the ordinary.

**Method.** Expected is the median of the same hour of the week (Shanghai) over the last eight
weeks, of hours that were seen whole; fewer than three of them are no expectation. All values are
posts of the whole stream: a sample is scaled by the share it was then. The spread is the larger of
1.4826 × the median absolute deviation (its consistent estimate of σ, Rousseeuw & Croux 1993) and
√(median ÷ share), the noise of counting a sample. Low is the median less three spreads; where
that is below one post, an empty hour is nothing to speak of and there is no low.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import median

WEEK = timedelta(days=7)
#: Weeks looked back on [D]: longer, and a source's growth would be held against it.
WEEKS = 8
#: Hours seen whole an expectation needs at least [D].
LEAST_HISTORY = 3
_SPREADS = 3.0
_SIGMA_OF_MAD = 1.4826


@dataclass(frozen=True, slots=True)
class Usual:
    """Median and low of an hour of the week, posts of the whole stream; `history` hours of it."""

    expected: float
    low: float | None
    history: int


def same_hours(start: datetime) -> list[datetime]:
    """The same hour of the earlier weeks. Shanghai has had no summer time since 1991."""
    return [start - week * WEEK for week in range(1, WEEKS + 1)]


def usual(past: Sequence[float], rate: float) -> Usual | None:
    """What the hours `past` lead to expect; None with too few of them.

    Args:
        past: posts of the whole stream, one value an hour seen whole.
        rate: share of the stream the source delivers now.
    """
    if len(past) < LEAST_HISTORY:
        return None
    middle = median(past)
    deviation = median(abs(value - middle) for value in past)
    spread = max(_SIGMA_OF_MAD * deviation, sqrt(middle / rate))
    low = middle - _SPREADS * spread
    return Usual(middle, low if low >= 1 else None, len(past))

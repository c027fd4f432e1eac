"""How much a source did not show us: two looks at the same hour, as capture and recapture.

Two windows overlap, or two queries find the same posts. Of the n₁ posts of the first look and the
n₂ of the second, m are in both; if the looks are independent, the hour holds about n₁·n₂/m posts.
Chapman's form of this (1951) has hardly any bias from m = 7 on (Robson and Regier 1964). The
interval is log-normal about the unseen part (Chao 1987), so that it never says that posts we hold
don't exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil, exp, floor, log, sqrt

#: Below so many posts in both looks nothing is estimated.
LEAST_BOTH = 7
_Z = 1.96


class Looks(StrEnum):
    """Which two looks are compared."""

    WINDOWS = "windows"
    QUERIES = "queries"


@dataclass(frozen=True, slots=True)
class Capture:
    """Posts of one hour in two looks.

    Attributes:
        hour: first instant of the hour of publication, UTC.
        first, second: posts in each look; both: in both.
        since: where the comparison began. A run that is repeated because it was never recorded
            begins where it began before, and its captures stand for the earlier ones. None: a sum.
    """

    source: str
    hour: datetime
    looks: Looks
    first: int
    second: int
    both: int
    since: datetime | None = None

    @property
    def held(self) -> int:
        """Distinct posts of both looks."""
        return self.first + self.second - self.both


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many posts there were, with a 95 % interval; `missed`: those in neither look."""

    total: float
    low: float
    high: float
    missed: float


def chapman(first: int, second: int, both: int) -> Estimate | None:
    """Chapman's estimate; None when too few posts are in both looks to say anything.

    Raises:
        ValueError: `both` is larger than a look, or a number is negative.
    """
    if not 0 <= both <= min(first, second):
        raise ValueError(f"{both} posts can't be in both of looks with {first} and {second}")
    if both < LEAST_BOTH:
        return None
    held = first + second - both
    total = (first + 1) * (second + 1) / (both + 1) - 1
    unseen = max(total - held, 0.0)
    variance = (
        (first + 1) * (second + 1) * (first - both) * (second - both)
        / ((both + 1) ** 2 * (both + 2))
    )  # fmt: skip
    if unseen == 0 or variance == 0:
        return Estimate(float(held), float(held), float(held), 0.0)
    factor = exp(_Z * sqrt(log(1 + variance / unseen**2)))
    # Outward to whole posts: without that the interval of a small hour holds too seldom.
    low, high = held + floor(unseen / factor), held + ceil(unseen * factor)
    return Estimate(total, float(low), float(high), unseen)


def pooled(captures: Iterable[Capture]) -> tuple[int, int, int]:
    """First, second and both, summed."""
    sums = [(one.first, one.second, one.both) for one in captures]
    return (sum(n for n, _, _ in sums), sum(n for _, n, _ in sums), sum(n for _, _, n in sums))

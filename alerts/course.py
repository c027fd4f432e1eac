"""SURGE's belief about one case, bucket by bucket and without scores: what a chart shows.

The same rules as `alerts.surge_state` in plain numbers: arrays cost 50 µs a bucket however few
cases they hold, this a few, and nobody waits half a second for a page.
`tests/alerts/test_course.py` holds both to the same results.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

from alerts import surge_state as rules
from alerts.surge import DISPERSION_CAP, GUARD
from alerts.surge_state import (
    DAY,
    HOUR,
    PROFILE_WEIGHT,
    shanghai_hour,
)
from alerts.tuning import LEVELLED

_WEIGHT, _HOURS = LEVELLED.prior_weight, LEVELLED.prior_weight / LEVELLED.prior_rate


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What was believed of each bucket before it came.

    Attributes:
        means: authors expected, were all sources seen.
        sizes: r of the negative binomial about that mean.
    """

    means: list[float]
    sizes: list[float]


def course(first: int, counts: Sequence[float], covered: Sequence[float]) -> Beliefs:
    """Beliefs about every bucket of a case that is watched from bucket `first` on.

    Args:
        counts: authors per bucket; ignored where the bucket was not seen.
        covered: share of the case's stream that was seen, 0–1.
    """
    # Before the first bucket, nothing came and all was seen.
    shares = [1.0] * HOUR + [float(share) for share in covered]
    seen = [
        float(count) if share > 0 else 0.0 for count, share in zip(counts, covered, strict=True)
    ]
    posts = [0.0] * HOUR + seen
    learner, beliefs = _Learner(), Beliefs([], [])
    for age in range(len(seen)):
        old = age - GUARD
        if old >= 0:
            hour_of = slice(old + 1, old + 1 + HOUR)
            learner.learn(first + old, old, posts[hour_of], shares[hour_of])
        profile = learner.profile[shanghai_hour(first + age)]
        beliefs.means.append(learner.a / learner.b * profile / HOUR)
        beliefs.sizes.append(learner.size())
    return beliefs


@dataclass(slots=True)
class _Learner:
    """`alerts.surge_state.State` of one case: the same names, without the rings."""

    a: float = _WEIGHT
    b: float = _HOURS
    num: float = rules.DISPERSION_START
    den: float = rules.DISPERSION_START
    profile: list[float] = field(default_factory=lambda: list(rules.PROFILE))
    c: list[float] = field(default_factory=lambda: [0.0] * 24)
    d: list[float] = field(default_factory=lambda: [0.0] * 24)

    def size(self) -> float:
        return 1 / (1 / self.a + min(self.num / self.den, DISPERSION_CAP))

    def learn(self, bucket: int, age: int, posts: list[float], shares: list[float]) -> None:
        """Learn from the last of an hour's buckets, which is number `bucket`, `age` after the first."""
        hour, share, hourly = shanghai_hour(bucket), shares[-1], sum(posts)
        hours_share = sum(shares) / HOUR
        rate = self.a / self.b
        mean = rate * self.profile[hour] * hours_share
        spread = sqrt(mean + self.num / self.den * mean * mean)
        if share > 0:
            capped = posts[-1] * min(1.0, (mean + 3 * spread + 3) / max(hourly, 1e-9))
            keep = rules.FORGET**share
            self.a = _WEIGHT * (1 - keep) + keep * self.a + capped
            self.b = _HOURS * (1 - keep) + keep * self.b
            self.b += self.profile[hour] / HOUR * share
            self.c[hour] += capped
            self.d[hour] += rate / HOUR * share
        if age % HOUR == HOUR - 1 and hours_share > 0:
            self._learn_hour(hourly, mean, spread)
        if age % DAY == DAY - 1:
            self.c = [counted * rules.FORGET_DAILY for counted in self.c]
            self.d = [expected * rules.FORGET_DAILY for expected in self.d]

    def _learn_hour(self, hourly: float, mean: float, spread: float) -> None:
        capped = min(hourly, mean + 5 * spread + 3)
        keep = rules.FORGET_HOURLY
        fresh = rules.DISPERSION_START * (1 - keep)
        den = fresh + keep * self.den + mean**2
        num = fresh + keep * self.num + (capped - mean) ** 2 - mean
        self.num, self.den = max(num, rules.DISPERSION_LEAST * den), den
        weighted = zip(rules.PROFILE, _smooth(self.c), _smooth(self.d), strict=True)
        raw = [
            (PROFILE_WEIGHT * start + counted) / (PROFILE_WEIGHT + expected)
            for start, counted, expected in weighted
        ]
        average = sum(raw) / 24
        self.profile = [value / average for value in raw]


def _smooth(hours: list[float]) -> list[float]:
    """Circular [¼, ½, ¼] over the hours of the day."""
    before, after = [hours[-1], *hours[:-1]], [*hours[1:], hours[0]]
    around = zip(before, hours, after, strict=True)
    return [(left + right) / 4 + here / 2 for left, here, right in around]

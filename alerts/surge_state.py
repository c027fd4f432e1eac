"""What SURGE remembers of its cases: arrays with one column per case, and how they learn."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp] | slice

_ALL = slice(None)

#: Forgetting per bucket (half-life 7 days), per hour for the dispersion (7 days), per day (14).
FORGET, FORGET_HOURLY, FORGET_DAILY = 2 ** (-1 / (288 * 7)), 2 ** (-1 / 168), 2 ** (-1 / 14)
#: Hour profile, Asia/Shanghai, mean 1: half flat, half Weibo. A start; each case learns its own.
PROFILE = (
    0.9476, 0.7295, 0.6408, 0.5967, 0.5754, 0.5822, 0.6581, 0.8330, 1.0318, 1.1704, 1.2035, 1.1374,
    1.2292, 1.2261, 1.1505, 1.0988, 1.1380, 1.1332, 1.0478, 1.0605, 1.1110, 1.2251, 1.3015, 1.1718,
)  # fmt: skip
#: Buckets an hour, buckets a day.
HOUR, DAY = 12, 288
#: Buckets kept: what the handicap looks back on (30 h), and one before it.
RING = 361
#: Buckets of which the seen share is kept: an hour learnt an hour late.
SEEN = 25
#: Hours behind the starting profile; where the dispersion φ starts (as a weight), its least value.
PROFILE_WEIGHT = 10.0
DISPERSION_START, DISPERSION_LEAST = 50.0, 0.05

_LAST_HOUR = np.arange(HOUR)
_HOUR_BEFORE, _HOUR_AFTER = (np.arange(24) - 1) % 24, (np.arange(24) + 1) % 24
_START = np.array(PROFILE)[:, None]


def shanghai_hour(bucket: int) -> int:
    """Hour of the day of a bucket in Asia/Shanghai (UTC+8, no summer time since 1991)."""
    return (bucket // HOUR + 8) % 24


@dataclass(slots=True)
class State:
    """Arrays (…, cases).

    Attributes:
        since: first bucket watched.
        weight: posts behind the prior rate; prior: hours of exposure behind it.
        a, b: posts and exposure (hours) behind the rate a/b; num/den: the dispersion φ.
        profile, c, d: the hour profile (24, cases), counted and expected posts behind it.
        seen: ring (25, cases) at bucket mod 25, the share seen.
        posts, exposure: rings (361, cases) at bucket mod 361: running sums of posts and of
            watched exposure, so that a window is one difference.
    """

    since: NDArray[np.int64]
    weight: Floats
    prior: Floats
    a: Floats
    b: Floats
    num: Floats
    den: Floats
    profile: Floats
    c: Floats
    d: Floats
    seen: Floats
    posts: Floats
    exposure: Floats

    @classmethod
    def start(cls, since: list[int], weight: float, rate: float) -> State:
        """State before `since`, with `weight` posts behind a prior of `rate` posts per hour."""
        cases = len(since)
        return cls(
            since=np.array(since, np.int64),
            weight=np.full(cases, weight),
            prior=np.full(cases, weight / rate),
            a=np.full(cases, weight),
            b=np.full(cases, weight / rate),
            num=np.full(cases, DISPERSION_START),
            den=np.full(cases, DISPERSION_START),
            profile=np.repeat(_START, cases, axis=1),
            c=np.zeros((24, cases)),
            d=np.zeros((24, cases)),
            seen=np.ones((SEEN, cases)),
            posts=np.zeros((RING, cases)),
            exposure=np.zeros((RING, cases)),
        )

    def joined(self, other: State) -> State:
        """This state with the columns of `other` behind its own."""
        return State(
            *(
                np.concatenate([getattr(self, field.name), getattr(other, field.name)], axis=-1)
                for field in fields(self)
            )
        )

    def add(self, bucket: int, counts: Floats, share: Floats) -> NDArray[np.bool_]:
        """Put a bucket into the rings; returns which cases were watched and seen in it."""
        live = self.since <= bucket
        watched = live & (share > 0)
        now, before = bucket % RING, (bucket - 1) % RING
        expected_share = self.profile[shanghai_hour(bucket)] / HOUR * share
        self.seen[bucket % SEEN] = np.where(live, share, 1.0)
        self.posts[now] = self.posts[before] + np.where(watched, counts, 0.0)
        self.exposure[now] = self.exposure[before] + np.where(live, expected_share, 0.0)
        return watched

    def counted(self, bucket: int, back: int | NDArray[np.int64], rows: Rows = _ALL) -> Floats:
        """Authors of `rows` in the last `back` buckets up to `bucket`."""
        return np.asarray(
            self.posts[bucket % RING, rows] - self.posts[(bucket - back) % RING, rows]
        )

    def exposed(self, bucket: int, back: int | NDArray[np.int64], rows: Rows = _ALL) -> Floats:
        """Watched exposure of `rows` in the last `back` buckets up to `bucket`, in mean hours."""
        return np.asarray(
            self.exposure[bucket % RING, rows] - self.exposure[(bucket - back) % RING, rows]
        )

    def unwatched(self, bucket: int, back: int | NDArray[np.int64], rows: Rows = _ALL) -> Floats:
        """Hours among the last `back` buckets that lie before `rows` were watched."""
        return np.asarray(np.maximum(back - (bucket + 1 - self.since[rows]), 0) / HOUR)

    def learn(self, bucket: int) -> None:
        """Learn from `bucket`, which must still be in the rings with the 12 before it."""
        age = bucket - self.since
        started = age >= 0
        if not started.any():
            return
        hour, at = shanghai_hour(bucket), bucket % RING
        share = self.seen[bucket % SEEN]
        hours_share = self.seen[(bucket - _LAST_HOUR) % SEEN].sum(axis=0) / HOUR
        count = self.posts[at] - self.posts[(bucket - 1) % RING]
        hourly = self.posts[at] - self.posts[(bucket - HOUR) % RING]
        rate = self.a / self.b
        mean = rate * self.profile[hour] * hours_share
        spread = np.sqrt(mean + self.num / self.den * mean**2)
        capped = count * np.minimum(1.0, (mean + 3 * spread + 3) / np.maximum(hourly, 1e-9))
        taught = started & (share > 0)
        keep = np.where(taught, FORGET**share, 1.0)
        shares = np.where(taught, share, 0.0)
        self.a = self.weight * (1 - keep) + keep * self.a + np.where(taught, capped, 0.0)
        self.b = self.prior * (1 - keep) + keep * self.b + self.profile[hour] / HOUR * shares
        self.c[hour] += np.where(taught, capped, 0.0)
        self.d[hour] += rate / HOUR * shares
        hour_over = started & (age % HOUR == HOUR - 1) & (hours_share > 0)
        if hour_over.any():
            self._learn_hour(hour_over, hourly, mean, spread)
        day_over = started & (age % DAY == DAY - 1)
        if day_over.any():
            self.c[:, day_over] *= FORGET_DAILY
            self.d[:, day_over] *= FORGET_DAILY

    def _learn_hour(
        self, due: NDArray[np.bool_], hourly: Floats, mean: Floats, spread: Floats
    ) -> None:
        """Once an hour: the dispersion from the hour's count, then the profile anew."""
        capped = np.minimum(hourly, mean + 5 * spread + 3)
        keep = FORGET_HOURLY
        fresh = DISPERSION_START * (1 - keep)
        num = fresh + keep * self.num + (capped - mean) ** 2 - mean
        den = fresh + keep * self.den + mean**2
        self.num = np.where(due, np.maximum(num, DISPERSION_LEAST * den), self.num)
        self.den = np.where(due, den, self.den)
        counted, expected = _smooth(self.c[:, due]), _smooth(self.d[:, due])
        profile = (PROFILE_WEIGHT * _START + counted) / (PROFILE_WEIGHT + expected)
        self.profile[:, due] = profile / profile.mean(axis=0)


def _smooth(hours: Floats) -> Floats:
    """Circular [¼, ½, ¼] over the hours of the day."""
    return hours / 2 + (hours[_HOUR_BEFORE] + hours[_HOUR_AFTER]) / 4

"""When people post: a daily rhythm for the background, and three shapes of bursts."""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta

from domain.time import SHANGHAI

#: Posts per hour of day in Shanghai, mean 1 (detection.md).
HOUR_PROFILE = (
    0.9476, 0.7295, 0.6408, 0.5967, 0.5754, 0.5822, 0.6581, 0.833, 1.0318, 1.1704, 1.2035, 1.1374,
    1.2292, 1.2261, 1.1505, 1.0988, 1.138, 1.1332, 1.0478, 1.0605, 1.111, 1.2251, 1.3015, 1.1718,
)  # fmt: skip
_HOUR = timedelta(hours=1)


def background(
    chance: random.Random, start: datetime, end: datetime, per_hour: float
) -> list[datetime]:
    """Return moments of a Poisson stream with the daily rhythm, within [start, end)."""
    moments: list[datetime] = []
    hour = start
    while hour < end:
        rate = per_hour * HOUR_PROFILE[hour.astimezone(SHANGHAI).hour]
        moments += [hour + chance.random() * _HOUR for _ in range(poisson(chance, rate))]
        hour += _HOUR
    return sorted(moment for moment in moments if moment < end)


def decaying(
    chance: random.Random, start: datetime, posts: int, half_life: timedelta, rise: timedelta
) -> list[datetime]:
    """Return `posts` moments of a burst that rises within `rise` and then halves every half life."""
    scale = half_life.total_seconds() / math.log(2)
    return sorted(
        start
        + timedelta(seconds=chance.random() * rise.total_seconds() + chance.expovariate(1 / scale))
        for _ in range(posts)
    )


def fading(
    chance: random.Random, start: datetime, per_hour: float, half_life: timedelta, hours: int
) -> list[datetime]:
    """Return moments of a stream of `per_hour` at `start` that halves every half life."""
    moments: list[datetime] = []
    for minute in range(hours * 60):
        rate = per_hour / 60 * 0.5 ** (minute / (half_life.total_seconds() / 60))
        base = start + timedelta(minutes=minute)
        moments += [
            base + timedelta(seconds=chance.random() * 60) for _ in range(poisson(chance, rate))
        ]
    return sorted(moments)


def spread(chance: random.Random, start: datetime, end: datetime, count: int) -> list[datetime]:
    """Return `count` moments within [start, end), sorted."""
    return sorted(start + chance.random() * (end - start) for _ in range(count))


def poisson(chance: random.Random, mean: float) -> int:
    """Return a Poisson number (Knuth's method; means here are below 10)."""
    limit, product, count = math.exp(-mean), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count

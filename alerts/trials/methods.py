"""The detectors compared, each from counts to scores; the higher, the more like a burst.

The baselines are the rules as they are commonly built, graded so that a threshold can be set on
them: what their authors' own thresholds do is in docs/detection.md. All look at the last hour, at
every bucket, and learn with the guard of an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from alerts.surge import Surge
from alerts.trials.panel import MONDAY
from alerts.tuning import LEVELLED, REFERENCE, Tuning

Floats = NDArray[np.float64]
Starts = NDArray[np.int64]
Scores = NDArray[np.float32]
#: (counts (buckets, series), first watched bucket of each) → scores of the same shape.
Method = Callable[[Floats, Starts], Scores]

_HOUR, _DAY = 12, 288
#: Spread below this (authors) is not believed.
_LEAST_SPREAD = 0.5


def surge(tuning: Tuning) -> Method:
    """SURGE with a tuning."""

    def scores(counts: Floats, start: Starts) -> Scores:
        detector = Surge(tuning)
        detector.watch_all({str(place): MONDAY + int(one) for place, one in enumerate(start)})
        return detector.replay(MONDAY, counts).value.astype(np.float32)

    return scores


def ears_c2(counts: Floats, _start: Starts) -> Scores:
    """EARS C2: the last hour against mean and spread of the 24 hours that ended two hours before."""
    hours = hourly(counts)
    total, squares = _strided(hours), _strided(hours**2)
    mean = (_back(total, 3 * _HOUR) - _back(total, 27 * _HOUR)) / 24
    square = (_back(squares, 3 * _HOUR) - _back(squares, 27 * _HOUR)) / 24
    spread = np.sqrt(np.maximum(square - mean**2, 0) * 24 / 23)
    return _z(hours, mean, spread)


def moving_z(counts: Floats, _start: Starts) -> Scores:
    """The last hour against its exponentially weighted mean and variance of three days."""
    hours = hourly(counts)
    weight = 1 - 2 ** (-1 / (_DAY * 3))
    mean, spread = np.zeros(hours.shape[1]), np.zeros(hours.shape[1])
    scores = np.zeros(hours.shape, np.float32)
    for position, past in enumerate(_back(hours, _HOUR)):
        step = past - mean
        mean = mean + weight * step
        spread = (1 - weight) * (spread + weight * step**2)
        scores[position] = _z(hours[position], mean, np.sqrt(spread))
    return scores


def holt_winters(counts: Floats, _start: Starts) -> Scores:
    """Additive Holt-Winters with a season of 24 hours; the error against its spread of three days."""
    hours = hourly(counts)
    level_weight, error_weight = 1 - 2 ** (-1 / _DAY), 1 - 2 ** (-1 / (_DAY * 3))
    season_weight = 0.15
    cases = hours.shape[1]
    level, spread, season = np.zeros(cases), np.zeros(cases), np.zeros((_DAY, cases))
    scores = np.zeros(hours.shape, np.float32)
    for position, now in enumerate(hours):
        old = position - _HOUR
        if old >= 0:
            slot = old % _DAY
            error = hours[old] - np.maximum(level + season[slot], 0)
            spread = (1 - error_weight) * (spread + error_weight * error**2)
            season[slot] += season_weight * (hours[old] - level - season[slot])
            level = level + level_weight * (hours[old] - season[slot] - level)
        forecast = np.maximum(level + season[position % _DAY], 0)
        scores[position] = _z(now, forecast, np.sqrt(spread))
    return scores


def farrington(counts: Floats, start: Starts) -> Scores:
    """Farrington-like: the same hour of the last 7 days ± 1 h, over-dispersed, 2/3-power residual."""
    hours = hourly(counts)
    bucket = np.arange(len(hours))[:, None]
    total, squares, known = np.zeros_like(hours), np.zeros_like(hours), np.zeros_like(hours)
    for day in range(1, 8):
        for offset in (-_HOUR, 0, _HOUR):
            lag = day * _DAY + offset
            seen = bucket - lag >= start + _HOUR - 1
            past = np.where(seen, _back(hours, lag), 0.0)
            total += past
            squares += past**2
            known += seen
    number = np.maximum(known, 1)
    mean = np.maximum(total / number, 0.05)
    spread = np.maximum(squares / number - mean**2, 0)
    dispersion = np.maximum(spread / mean, 1)
    variance = 4 / 9 * mean ** (1 / 3) * dispersion * (1 + 1 / number)
    score = (hours ** (2 / 3) - mean ** (2 / 3)) / np.sqrt(variance)
    return np.where(hours > 0, score, 0).clip(0).astype(np.float32)


def spike_rule(counts: Floats, _start: Starts) -> Scores:
    """ElastAlert2's spike: the last hour over the hour before; none before counts as one."""
    hours = hourly(counts)
    return np.asarray(hours / np.maximum(_back(hours, _HOUR), 1), np.float32)


#: Key → name shown and method, ours first.
METHODS: Mapping[str, tuple[str, Method]] = {
    "surge_levelled": ("SURGE, levelled (in use)", surge(LEVELLED)),
    "surge": ("SURGE, reference", surge(REFERENCE)),
    "holt_winters": ("Holt-Winters 24 h", holt_winters),
    "farrington": ("Farrington-like", farrington),
    "moving_z": ("moving z (3 d)", moving_z),
    "ears_c2": ("EARS C2 (24 × 1 h)", ears_c2),
    "spike_rule": ("ElastAlert2 spike (1 h)", spike_rule),
}


def hourly(counts: Floats) -> Floats:
    """Authors in the hour up to and with each bucket."""
    total = np.cumsum(counts, axis=0)
    return np.asarray(total - _back(total, _HOUR))


def _back(values: Floats, by: int) -> Floats:
    """The values `by` buckets ago, 0 before the first."""
    moved = np.zeros_like(values)
    moved[by:] = values[:-by]
    return moved


def _strided(values: Floats) -> Floats:
    """Sum over this bucket and those 1, 2, 3 … hours ago."""
    whole = -len(values) % _HOUR
    padded = np.pad(values, ((0, whole), (0, 0)))
    summed = padded.reshape(-1, _HOUR, values.shape[1]).cumsum(axis=0)
    return np.asarray(summed.reshape(padded.shape)[: len(values)])


def _z(hours: Floats, mean: Floats, spread: Floats) -> Scores:
    z = (hours - mean) / np.maximum(spread, _LEAST_SPREAD)
    return np.where(hours > 0, z, 0).clip(0).astype(np.float32)

"""The protocol: what counts as caught, as late, as false. docs/detection.md states it in words.

An alert is a bucket with score ≥ θ, and is known at the end of that bucket. **False alarm**: an
episode on a quiet series; buckets within six hours of each other are one episode. **Hit**: an alert
from burst_start to takeoff + 24 h; its delay is counted from the takeoff. A burst that was missed is
infinitely late, so that medians are over all bursts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.episodes import MERGE
from alerts.trials.panel import DAY, SECONDS, Panel

Floats = NDArray[np.float64]
Scores = NDArray[np.float32]

#: False alarms per case and four weeks at which methods are compared.
NOMINAL = (1.0, 0.1)
#: Posts of a few authors raise an alert when one falls between their first and an hour after the last.
_AFTER_SPAM = 3600
_BISECTIONS = 40


@dataclass(frozen=True, slots=True)
class Caught:
    """Bursts of one kind; None where there are none, or the median burst was missed."""

    n: int
    within_hour: float | None
    within_day: float | None
    median_minutes: float | None
    p90_minutes: float | None


@dataclass(frozen=True, slots=True)
class Alerted:
    """Series of a kind that got an alert while it lasted."""

    n: int
    alerts: float | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a method did at one threshold.

    Attributes:
        nominal: false alarms per case and four weeks the threshold was calibrated for.
        realised: those it gave here; None without quiet series.
        scenarios: bursts by scenario.
        few_authors: scenario "spam", 1–5 authors posting 40–200 times; groups: "sock".
        together: share of quiet cases with an alert while all cases triple (`alerts.trials.storm`).
    """

    nominal: float
    threshold: float
    realised: float | None
    bursts: Caught
    scenarios: Mapping[str, Caught]
    few_authors: Alerted
    groups: Alerted
    together: Alerted | None = None


def threshold(scores: Scores, panel: Panel, nominal: float) -> float:
    """Lowest threshold with at most `nominal` false alarms per quiet case and four weeks."""
    hot = _Hot.of(scores, panel.quiet)
    allowed = nominal * panel.quiet_months
    low, high = 0.0, float(hot.value.max(initial=0.0)) + 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if hot.episodes(middle) <= allowed:
            high = middle
        else:
            low = middle
    return high


def reading(scores: Scores, panel: Panel, nominal: float, theta: float) -> Reading:
    """Everything counted at `theta`."""
    late = delays(scores, panel, theta)
    kinds = sorted({str(kind) for kind in panel.scenario[panel.bursts]})
    realised = None
    if len(panel.quiet):
        realised = _Hot.of(scores, panel.quiet).episodes(theta) / panel.quiet_months
    return Reading(
        nominal=nominal,
        threshold=theta,
        realised=realised,
        bursts=caught(late),
        scenarios={kind: caught(late[panel.scenario[panel.bursts] == kind]) for kind in kinds},
        few_authors=_alerted(scores, panel, theta, "spam"),
        groups=_alerted(scores, panel, theta, "sock"),
    )


def delays(scores: Scores, panel: Panel, theta: float) -> Floats:
    """Seconds from takeoff to alert of every burst, in the order of `panel.bursts`."""
    late = np.full(len(panel.bursts), np.inf)
    for place, column in enumerate(panel.bursts):
        ends = _ends(scores[:, column], theta)
        begin, takeoff = panel.burst_start[column], panel.takeoff[column]
        begin = takeoff if np.isnan(begin) else begin
        inside = ends[(ends >= begin) & (ends <= takeoff + DAY)]
        if inside.size:
            late[place] = inside[0] - takeoff
    return late


def caught(late: Floats) -> Caught:
    """Shares and quantiles of delays in seconds."""
    if not late.size:
        return Caught(0, None, None, None, None)
    return Caught(
        n=late.size,
        within_hour=float((late <= 3600).mean()),
        within_day=float((late <= DAY).mean()),
        median_minutes=_minutes(late, 0.5),
        p90_minutes=_minutes(late, 0.9),
    )


def _minutes(late: Floats, share: float) -> float | None:
    """The smallest delay that `share` of the bursts don't exceed."""
    value = float(np.quantile(late, share, method="inverted_cdf"))
    return value / 60 if np.isfinite(value) else None


def _alerted(scores: Scores, panel: Panel, theta: float, scenario: str) -> Alerted:
    columns = np.flatnonzero(panel.scenario == scenario)
    if not columns.size:
        return Alerted(0, None)
    found = 0
    for column in columns:
        ends = _ends(scores[:, column], theta)
        begin, end = panel.burst_start[column], panel.burst_end[column] + _AFTER_SPAM
        found += bool(((ends >= begin) & (ends <= end)).any())
    return Alerted(int(columns.size), found / columns.size)


def _ends(scores: NDArray[np.float32], theta: float) -> Floats:
    return np.asarray((np.flatnonzero(scores >= theta) + 1.0) * SECONDS, np.float64)


@dataclass(frozen=True, slots=True)
class _Hot:
    """Buckets with a score above 0 of some columns, by column and time."""

    column: NDArray[np.intp]
    bucket: NDArray[np.intp]
    value: NDArray[np.float32]

    @classmethod
    def of(cls, scores: Scores, columns: NDArray[np.intp]) -> _Hot:
        part = scores[:, columns].T
        column, bucket = np.nonzero(part > 0)
        return cls(column, bucket, part[column, bucket])

    def episodes(self, theta: float) -> int:
        """Episodes at `theta`, over all columns."""
        hot = self.value >= theta
        column, bucket = self.column[hot], self.bucket[hot]
        if not column.size:
            return 0
        return 1 + int(((np.diff(column) != 0) | (np.diff(bucket) > MERGE)).sum())

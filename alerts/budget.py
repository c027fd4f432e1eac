"""θ from a budget: how many false alerts a week a court accepts, over how many watched cases.

The figures are measured, not derived: `courtpulse bench spikes` on the development streams
(docs/detection.md says of what they are made and how sure they are). Between two rows the logarithm
of the false alarms is interpolated, because it falls by about the same factor for every step of θ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

#: Weeks of the measured streams that the false alarms are counted over.
_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One measured threshold.

    Attributes:
        false_alarms: per quiet case and four weeks.
        within_hour: share of bursts caught within an hour of their takeoff.
        median: minutes from takeoff to alert, bursts never caught counted as infinitely late.
    """

    theta: float
    false_alarms: float
    within_hour: float
    median: float


#: Rising θ, to where 300 quiet series of four weeks gave one false alarm. False alarms with both
#: streams listened to, bursts caught without the court-negative one, whose sentiment is synthetic
#: there: the worse figure of each. It begins at 3: below it a case with six posts in an evening is
#: an alert, which nobody believes for long, however few cases a court watches [D].
TABLE = (
    Row(3.0, 0.837, 0.849, 10.0),
    Row(3.5, 0.460, 0.830, 10.6),
    Row(4.0, 0.207, 0.801, 11.0),
    Row(4.5, 0.090, 0.782, 11.7),
    Row(5.0, 0.027, 0.740, 12.3),
    Row(6.0, 0.0033, 0.699, 14.1),
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a threshold means for a court.

    Attributes:
        cases: watched cases.
        false_alerts_per_week: expected over all of them.
        caught, missed: share of bursts found within an hour, and of those that are not.
        median_minutes: from takeoff to alert.
        bounded: the budget asked for a θ outside the measured table; its edge was taken.
    """

    theta: float
    cases: int
    false_alerts_per_week: float
    caught: float
    missed: float
    median_minutes: float
    bounded: bool = False


def for_budget(per_week: float, cases: int) -> Expectation:
    """The lowest θ that keeps false alerts within `per_week` over `cases` watched cases.

    Raises:
        ValueError: `per_week` is not above 0, or `cases` is negative.
    """
    if per_week <= 0 or cases < 0:
        raise ValueError("a budget is above 0, a number of cases at least 0")
    allowed = per_week * _WEEKS / max(cases, 1)
    bounded = not TABLE[-1].false_alarms <= allowed <= TABLE[0].false_alarms
    return _expectation(_theta(allowed), cases, bounded)


def at_theta(theta: float, cases: int) -> Expectation:
    """What `theta` means over `cases` watched cases; beyond the table, what its edge means."""
    bounded = not TABLE[0].theta <= theta <= TABLE[-1].theta
    return _expectation(theta, cases, bounded)


def _theta(allowed: float) -> float:
    """θ at which a case gives `allowed` false alarms in four weeks, within the table."""
    for low, high in pairwise(TABLE):
        if allowed >= high.false_alarms:
            span = log(low.false_alarms) - log(high.false_alarms)
            share = (log(low.false_alarms) - log(allowed)) / span
            # Rounded up, so that a budget is never exceeded by the rounding.
            theta = low.theta + max(share, 0.0) * (high.theta - low.theta)
            return round(theta + 0.005, 2)
    return TABLE[-1].theta


def _expectation(theta: float, cases: int, bounded: bool) -> Expectation:
    alarms = exp(_between(theta, lambda row: log(row.false_alarms)))
    caught = _between(theta, lambda row: row.within_hour)
    return Expectation(
        theta=theta,
        cases=cases,
        false_alerts_per_week=round(alarms * cases / _WEEKS, 3),
        caught=round(caught, 3),
        missed=round(1 - caught, 3),
        median_minutes=round(_between(theta, lambda row: row.median), 1),
        bounded=bounded,
    )


def _between(theta: float, value: Callable[[Row], float]) -> float:
    inside = min(max(theta, TABLE[0].theta), TABLE[-1].theta)
    for low, high in pairwise(TABLE):
        if inside <= high.theta:
            share = (inside - low.theta) / (high.theta - low.theta)
            return value(low) + share * (value(high) - value(low))
    return value(TABLE[-1])

"""Alert precision: of the alerts people decided on, how many they confirmed, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from domain.alerts import AlertState, Share
from records.database import Records

#: Of the normal distribution, for 95 %.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the alerts raised in a window.

    Attributes:
        confirmed: confirmed / decided on. A closed alert that nobody decided on isn't in it.
        low, high: 95 % Wilson interval of the ratio; None when nobody decided on any.
        undecided: raised, but neither confirmed nor dismissed by a person (yet).
    """

    since: datetime
    until: datetime
    confirmed: Share
    low: float | None
    high: float | None
    undecided: int


def precision(records: Records, since: datetime, until: datetime) -> Precision:
    """Precision of the alerts first raised at since ≤ t < until; back-filled ones are left out.

    An alert that relapsed counts once, by what people decided on it last.
    """
    late = {event.alert_id for event in records.alerts.events_of(("found_in_backfill",), since)}
    decided = {event.alert_id for event in records.alerts.events_of(("confirmed",), since)}
    confirmed = dismissed = undecided = 0
    for alert in records.alerts.between(since, until):
        if alert.id in late or not since <= alert.detected_at < until:
            continue
        if alert.state is AlertState.DISMISSED:
            dismissed += 1
        elif alert.confirmed_level is not None or alert.id in decided:
            confirmed += 1
        else:
            undecided += 1
    share = Share(confirmed, confirmed + dismissed)
    low, high = interval(share)
    return Precision(since, until, share, low, high, undecided)


def interval(share: Share) -> tuple[float | None, float | None]:
    """95 % Wilson interval of k/n; (None, None) when n is 0."""
    if share.n == 0:
        return None, None
    ratio, n, square = share.k / share.n, share.n, _Z**2
    middle = (ratio + square / (2 * n)) / (1 + square / n)
    half = _Z * sqrt(ratio * (1 - ratio) / n + square / (4 * n * n)) / (1 + square / n)
    return max(middle - half, 0.0), min(middle + half, 1.0)

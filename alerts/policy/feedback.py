"""From people's decisions on alerts to steps of their courts' thresholds, and to precision."""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.policy.settings import Feedback
from alerts.policy.thresholds import amount
from domain.errors import NotFound
from domain.policy import ThresholdStep
from domain.time import Clock
from records import Records
from records.alerts import AlertEvent

#: Decisions older than this are settled, or nobody was there to settle them.
_SETTLED = timedelta(days=28)


def settle(records: Records, rules: Feedback, clock: Clock) -> int:
    """Make the steps agree with the newest decision on each alert; how many were written.

    A step that a person undid stays undone until somebody decides on its alert again.
    """
    steps: dict[str, list[ThresholdStep]] = {}
    for step in records.steps.all():
        steps.setdefault(step.alert_id, []).append(step)
    written = 0
    for alert_id, event in _newest(records, clock() - _SETTLED).items():
        known = steps.get(alert_id, [])
        if any(_moved(step) >= event.at for step in known):
            continue
        standing = any(step.undone_at is None for step in known)
        if event.kind == "reopened":
            if standing:
                records.steps.withdraw(alert_id, event.made_by)
                written += 1
            continue
        court = _court(records, alert_id)
        if court and not any(s.kind == event.kind and s.undone_at is None for s in known):
            how_much = amount(event.kind, rules)
            records.steps.add(court, alert_id, event.kind, how_much, event.made_by)
            written += 1
    return written


def _moved(step: ThresholdStep) -> datetime:
    return step.undone_at or step.at


def _newest(records: Records, since: datetime) -> dict[str, AlertEvent]:
    events = records.alerts.events_of(("dismissed", "confirmed", "reopened"), since)
    return {event.alert_id: event for event in events}


def _court(records: Records, alert_id: str) -> str:
    """Court of the alert's case; "" when the case is gone."""
    try:
        return records.cases.get(records.alerts.get(alert_id).case_id).court
    except NotFound:
        return ""

"""Alerts ↔ rows."""

from __future__ import annotations

from domain.alerts import Alert, AlertState, Confirmation, Level, Why
from records.codec import from_json, to_json
from records.models import AlertRow


def decision_columns(alert: Alert) -> dict[str, object]:
    """The columns that actions write; detection's are left alone."""
    return {
        "state": alert.state,
        "confirmed_level": alert.confirmed_level,
        "confirmed_at": alert.confirmed_at,
        "acknowledged_at": alert.acknowledged_at,
        "closed_at": alert.closed_at,
        "reason": alert.reason,
        "revision": alert.revision,
        "confirmed_by": alert.confirmed_by,
        "acknowledged_by": alert.acknowledged_by,
        "relapses": alert.relapses,
        "relapsed_at": alert.relapsed_at,
        "began_at": alert.began_at,
        "confirmed_from": alert.confirmed_from,
        "earlier": to_json(alert.earlier) if alert.earlier else None,
    }


def detection_columns(alert: Alert) -> dict[str, object]:
    """The columns that detection writes."""
    return {
        "level": alert.level,
        "first_published_at": alert.first_published_at,
        "last_bucket_at": alert.last_bucket_at,
        "why": to_json(alert.why),
    }


def fill(row: AlertRow, alert: Alert) -> None:
    """Write all of `alert` into `row`."""
    row.case_id, row.state, row.level = alert.case_id, alert.state, alert.level
    row.confirmed_level = alert.confirmed_level
    row.first_published_at, row.detected_at = alert.first_published_at, alert.detected_at
    row.last_bucket_at, row.closed_at = alert.last_bucket_at, alert.closed_at
    row.confirmed_at, row.acknowledged_at = alert.confirmed_at, alert.acknowledged_at
    row.reason, row.revision, row.why = alert.reason, alert.revision, to_json(alert.why)
    row.confirmed_by, row.acknowledged_by = alert.confirmed_by, alert.acknowledged_by
    row.relapses, row.relapsed_at = alert.relapses, alert.relapsed_at
    row.began_at, row.confirmed_from = alert.began_at, alert.confirmed_from
    row.earlier = to_json(alert.earlier) if alert.earlier else None


def read_alert(row: AlertRow) -> Alert:
    """The alert that `row` holds."""
    return Alert(
        id=row.id,
        case_id=row.case_id,
        state=AlertState(row.state),
        level=Level(row.level),
        first_published_at=row.first_published_at,
        detected_at=row.detected_at,
        last_bucket_at=row.last_bucket_at,
        why=from_json(Why, row.why),
        confirmed_level=Level(row.confirmed_level) if row.confirmed_level else None,
        confirmed_at=row.confirmed_at,
        acknowledged_at=row.acknowledged_at,
        closed_at=row.closed_at,
        reason=row.reason,
        revision=row.revision,
        confirmed_by=row.confirmed_by or "",
        acknowledged_by=row.acknowledged_by or "",
        relapses=row.relapses or 0,
        relapsed_at=row.relapsed_at,
        began_at=row.began_at,
        confirmed_from=Level(row.confirmed_from) if row.confirmed_from else None,
        earlier=from_json(Confirmation, row.earlier) if row.earlier else None,
    )

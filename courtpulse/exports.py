"""Enters into the exports list what leaves the press office, with the posts it rests on.

Nothing that leaves holds a post's text (quotations are in other words, and rare); but a court that
deleted a post has to know which papers speak of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import file_digest
from pathlib import Path
from typing import Any

from domain.alerts import Alert
from domain.deletion import ExportKind
from domain.errors import NotFound
from records import Records


def enter_report(records: Records, files: Mapping[str, str], aggregates: Mapping[str, Any]) -> None:
    """Enter every file of a report; the posts are the evidence of the alerts it tells of."""
    told = [records.alerts.get(alert["id"]) for alert in aggregates.get("alerts", ())]
    posts = evidence(told)
    for path in map(Path, files.values()):
        with path.open("rb") as file:
            version = file_digest(file, "sha256").hexdigest()
        records.exports.enter(ExportKind.REPORT, path.name, version, posts)


def enter_notifications(records: Records) -> None:
    """Enter what is queued and not entered yet, before it is sent."""
    for delivery in records.deliveries.listed("waiting", "sending"):
        key = delivery.notification.key
        try:
            alerts = [records.alerts.get(key.partition("-")[0])]
        except NotFound:
            alerts = []  # about a source, not about an alert
        records.exports.enter(ExportKind.NOTIFICATION, delivery.channel, key, evidence(alerts))


def evidence(alerts: Iterable[Alert]) -> set[str]:
    """Ids of the posts that alerts rest on."""
    return {piece.post_id for alert in alerts for piece in alert.why.evidence}

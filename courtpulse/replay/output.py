"""The canonical output: what a replay found, as JSON lines that are equal when the findings are.

One line an alert, in order of detection: the alert with its reasons and levels, its history, what
the policy decided step by step, its clocks at the end, the messages the channels were given. Then
one line for each message that is about no alert. Keys are sorted, times are UTC; nothing in it
depends on how fast the replay ran, how often it was killed, or where.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from courtpulse.rooms import Rooms
from domain.alerts import Alert
from domain.time import bucket_start
from records.deliveries import Delivery

#: More deliveries than any replay queues.
_ALL = 10_000_000


def write(rooms: Rooms, path: Path) -> str:
    """Write the output to `path`, whole or not at all; returns its SHA-256."""
    temporary = path.with_name(f".{path.name}.tmp")
    digest = hashlib.sha256()
    with temporary.open("wb") as file:
        for line in lines(rooms):
            digest.update(line)
            file.write(line)
    temporary.replace(path)
    return digest.hexdigest()


def lines(rooms: Rooms) -> Iterator[bytes]:
    """The output's lines, each with its line break."""
    records = rooms.records
    found = records.alerts.between(bucket_start(0), rooms.clock() + timedelta(days=1))
    ids = {alert.id for alert in found}
    messages = sorted(
        records.deliveries.listed(limit=_ALL),
        key=lambda one: (one.notification.created_at, one.notification.key, one.channel),
    )
    about: dict[str, list[Delivery]] = {}
    for message in messages:
        about.setdefault(message.notification.key.split("-", 1)[0], []).append(message)
    for alert in sorted(found, key=lambda alert: (alert.detected_at, alert.case_id, alert.id)):
        yield _line(_alert(rooms, alert, about.get(alert.id, [])))
    for message in messages:
        if message.notification.key.split("-", 1)[0] not in ids:
            yield _line({"message": _message(message)})


def _alert(rooms: Rooms, alert: Alert, messages: list[Delivery]) -> dict[str, Any]:
    records = rooms.records
    return {
        "alert": alert,
        "history": [
            {"at": event.at, "kind": event.kind, "detail": event.detail, "by": event.made_by}
            for event in records.alerts.history(alert.id)
        ],
        "decisions": records.decisions.trail(alert.id),
        "clocks": rooms.policy().readings(alert),
        "messages": [_message(message) for message in messages],
    }


def _message(delivery: Delivery) -> dict[str, Any]:
    """Without attempts and their times: these tell of kills, not of the past."""
    return {
        "channel": delivery.channel,
        "kind": delivery.kind,
        "state": delivery.state,
        "queued_at": delivery.created_at,
        "notification": delivery.notification,
    }


def _line(value: dict[str, Any]) -> bytes:
    plain = to_jsonable_python(value)
    return json.dumps(plain, ensure_ascii=False, sort_keys=True).encode() + b"\n"

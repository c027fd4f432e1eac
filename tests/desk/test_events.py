"""Live lines over a real connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx

from domain.alerts import Level
from domain.sources import Gap, GapReason


def _messages(answer: httpx.Response) -> Iterator[dict[str, str]]:
    message: dict[str, str] = {}
    for line in answer.iter_lines():
        if not line:
            if message:
                yield message
            message = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            message[name] = value


def _next(messages: Iterator[dict[str, str]], kind: str) -> dict[str, str]:
    return next(message for message in messages if message.get("event") == kind)


def test_a_new_alert_arrives_as_a_rendered_line(desk: Any, seed: ModuleType) -> None:
    after = desk.text("/").split("/events?after=")[1].split('"')[0]
    with desk.client.stream("GET", f"/events?after={after}") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert "content-security-policy" in answer.headers
        messages = _messages(answer)
        _next(messages, "sources")
        made = seed.alert("new", "filing", Level.RED, seed.NOW)
        desk.services.records.alerts.save(made, "raised")
        message = _next(messages, "alert")
    data = json.loads(message["data"])
    assert data["alert"] == made.id
    assert data["level"] == "红（特别重大）"
    assert f'<tr id="alert-{made.id}"' in data["html"]
    assert message["id"] == str(desk.services.records.alerts.last_event_id())


def test_what_was_missed_while_away_is_sent_again_once(desk: Any, seed: ModuleType) -> None:
    records = desk.services.records
    seen = records.alerts.last_event_id()
    records.alerts.save(seed.alert("m1", "liang", Level.BLUE, seed.NOW), "raised")
    records.alerts.save(seed.alert("m2", "liang", Level.BLUE, seed.NOW), "raised")
    # The browser's Last-Event-ID wins over the address of the page, which is older.
    headers = {"last-event-id": str(seen + 1)}
    with desk.client.stream("GET", "/events?after=0", headers=headers) as answer:
        message = _next(_messages(answer), "alert")
    assert message["id"] == str(seen + 2)
    assert (
        json.loads(message["data"])["alert"] == seed.alert("m2", "liang", Level.BLUE, seed.NOW).id
    )


def test_without_a_position_the_stream_starts_now(desk: Any, seed: ModuleType) -> None:
    for after in ("", "-3", "１２", "x", "9" * 40):
        with desk.client.stream("GET", "/events", params={"after": after}) as answer:
            messages = _messages(answer)
            _next(messages, "sources")
            desk.services.records.alerts.save(
                seed.alert(f"s{after}", "liang", Level.BLUE, seed.NOW), "raised"
            )
            assert _next(messages, "alert")["id"] == str(
                desk.services.records.alerts.last_event_id()
            )


def test_a_source_that_goes_blind_changes_the_strip(desk: Any, seed: ModuleType) -> None:
    with desk.client.stream("GET", "/events") as answer:
        messages = _messages(answer)
        first = json.loads(_next(messages, "sources")["data"])["html"]
        assert first.count("失联") == 1
        now = seed.NOW + timedelta(seconds=40)
        desk.services.records.runs.open_gap(Gap("news", seed.NOW, None, GapReason.DOWN))
        desk.services.clock.now = now
        second = json.loads(_next(messages, "sources")["data"])["html"]
    assert second.count("失联") == 2
    assert "连不上" in second


def test_an_update_of_a_known_alert_keeps_its_id(desk: Any) -> None:
    records = desk.services.records
    alert = records.alerts.open()[0]
    with desk.client.stream("GET", "/events") as answer:
        messages = _messages(answer)
        _next(messages, "sources")
        records.alerts.acknowledge(alert.id)
        data = json.loads(_next(messages, "alert")["data"])
    assert data["alert"] == alert.id
    assert data["kind"] == "acknowledged"
    assert "已认领" in data["html"]


def test_a_stream_whose_records_fail_says_so_instead_of_looking_calm(desk: Any) -> None:
    with desk.client.stream("GET", "/events") as answer:
        messages = _messages(answer)
        _next(messages, "sources")
        path = Path(desk.services.records.engine.url.database)
        desk.services.records.close()
        for file in path.parent.glob("records.db*"):
            file.unlink()
        path.mkdir()
        assert _next(messages, "trouble")["data"] == "{}"

"""The page of notifications, and the Atom feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from domain.alerts import Level, Notification

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def put(desk: Any, key: str, channel: str = "duty-room", error: str = "") -> None:
    deliveries = desk.services.records.deliveries
    note = Notification(
        key, f"【较大·黄】{key}<b>案", Level.YELLOW, "http://127.0.0.1:8000/alerts/x",
        desk.services.clock(),
    )  # fmt: skip
    deliveries.put(note, channel, "alert")
    if error:
        deliveries.failed(key, channel, error, None)


def test_what_was_given_up_is_listed_and_sent_again(desk: Any) -> None:
    put(desk, "k1", error="wecom host: refused (code 93000)")
    put(desk, "k2")
    page = desk.text("/notifications")
    assert "未送达（1）" in page
    assert "正在等待（1）" in page
    assert "code 93000" in page
    assert "k1&lt;b&gt;案" in page
    desk.send("/notifications/resend", key="k1", channel="duty-room")
    assert "未送达（0）" in desk.text("/notifications")
    assert desk.services.records.deliveries.tally() == {"waiting": 2}


def test_all_are_sent_again_at_once_and_a_stranger_is_not_found(desk: Any) -> None:
    put(desk, "k3", error="x")
    put(desk, "k4", error="x")
    desk.send("/notifications/resend", 404, key="unknown", channel="duty-room")
    before = desk.services.records.deliveries.tally()["dead"]
    desk.send("/notifications/resend")
    assert before >= 2
    assert "dead" not in desk.services.records.deliveries.tally()


def test_the_feed_is_valid_and_says_no_post(desk: Any) -> None:
    answer = desk.client.get("/alerts.atom")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo
    alerts = desk.services.records.alerts.recent(50)
    assert len(parsed.entries) == len(alerts) > 0
    root = ElementTree.fromstring(answer.content)
    for element in (root, *root.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert element.findtext(f"a:{name}", namespaces=ATOM)
        assert datetime.fromisoformat(element.findtext("a:updated", namespaces=ATOM)).tzinfo
    assert root.find("a:link[@rel='self']", ATOM).get("href").endswith("/alerts.atom")
    ids = [entry.id for entry in parsed.entries]
    assert len(set(ids)) == len(ids)
    assert all(one.startswith("urn:uuid:") for one in ids)
    texts = [post for alert in alerts for post in _texts(desk, alert)]
    said = answer.text
    assert texts
    assert not [text for text in texts if text[:12] in said]


def _texts(desk: Any, alert: Any) -> list[str]:
    ids = [evidence.post_id for evidence in alert.why.evidence]
    return [post.post.text for post in desk.services.store.get(ids)]


def test_whoever_has_it_is_not_sent_it_again(desk: Any) -> None:
    first = desk.client.get("/alerts.atom")
    tag = first.headers["etag"]
    for headers in (
        {"if-none-match": tag},
        {"if-none-match": f'"other", W/{tag}'},
        {"if-modified-since": first.headers["last-modified"]},
    ):
        again = desk.client.get("/alerts.atom", headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    old = format_datetime(datetime.now(UTC) - timedelta(days=9000), usegmt=True)
    for headers in (
        {"if-none-match": '"other"'},
        {"if-modified-since": old},
        {"if-modified-since": "?"},
    ):
        assert desk.client.get("/alerts.atom", headers=headers).status_code == 200


def test_ids_stay_when_an_alert_changes(desk: Any) -> None:
    before = feedparser.parse(desk.client.get("/alerts.atom").content)
    alerts = desk.services.records.alerts
    if not (opened := alerts.open()):
        pytest.fail("the fictional court has no open alert")
    alerts.acknowledge(opened[0].id, "值班员甲")
    after = feedparser.parse(desk.client.get("/alerts.atom").content)
    assert {entry.id for entry in after.entries} == {entry.id for entry in before.entries}
    assert after.entries[0].title == before.entries[0].title

"""Queueing once, sending at least once, giving up in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from alerts.detection import Detection
from alerts.outbox import ATTEMPTS, BACK_OFF, BACK_OFF_MOST, queue, revive, send_due
from alerts.routes import Route
from domain.alerts import Level, Notification
from domain.errors import NotifyFailure

ADDRESS = "http://127.0.0.1:8080/"
SECRET_WORDS = "青崖县法院的判决书怎么还不上网"


@dataclass
class Channel:
    """A notifier that takes, or fails as told."""

    kind: str = "test"
    error: NotifyFailure | None = None
    taken: list[Notification] = field(default_factory=list)

    def send(self, notification: Notification) -> None:
        if self.error:
            raise self.error
        self.taken.append(notification)


@pytest.fixture
def alert(bench):
    bench.watch()
    start = bench.clock.now - timedelta(minutes=14)
    bench.store.upsert(bench.burst("liang", start, 14, 40, text=SECRET_WORDS))
    Detection(bench.store, bench.records, bench.terms, bench.clock).run()
    (found,) = bench.records.alerts.open()
    return found


def down(retryable: bool = True) -> NotifyFailure:
    return NotifyFailure("no answer", retryable=retryable)


def test_an_open_alert_is_queued_and_sent_once(bench, alert):
    channel = Channel()
    routes = [Route("duty", channel)]
    assert queue(bench.records, routes, ADDRESS) == 1
    assert queue(bench.records, routes, ADDRESS) == 0
    assert send_due(bench.records, routes, bench.clock).sent == 1
    assert send_due(bench.records, routes, bench.clock).sent == 0
    (note,) = channel.taken
    assert note.url == f"http://127.0.0.1:8080/alerts/{alert.id}"
    assert "梁某案" in note.title


def test_no_word_of_a_post_leaves(bench, alert):
    channel = Channel()
    routes = [Route("duty", channel)]
    queue(bench.records, routes, ADDRESS)
    send_due(bench.records, routes, bench.clock)
    said = "".join([channel.taken[0].title, *(f"{a}{b}" for a, b in channel.taken[0].facts)])
    grams = {SECRET_WORDS[i : i + 4] for i in range(len(SECRET_WORDS) - 3)}
    assert not [gram for gram in grams if gram in said]


def test_a_new_state_or_level_is_a_new_notification(bench, alert):
    channel = Channel()
    routes = [Route("duty", channel)]
    queue(bench.records, routes, ADDRESS)
    bench.records.alerts.confirm(alert.id, Level.ORANGE, "上级关注")
    assert queue(bench.records, routes, ADDRESS) == 1
    send_due(bench.records, routes, bench.clock)
    assert len({note.key for note in channel.taken}) == 2
    assert channel.taken[1].level is Level.ORANGE
    assert ("确认级别", "重大") in channel.taken[1].facts


def test_a_route_hears_only_of_its_levels(bench, alert):
    assert alert.level is Level.BLUE
    assert queue(bench.records, [Route("chief", Channel(), Level.ORANGE)], ADDRESS) == 0
    bench.records.alerts.confirm(alert.id, Level.RED, "涉及法院安全")
    assert queue(bench.records, [Route("chief", Channel(), Level.ORANGE)], ADDRESS) == 1


def test_dismissed_alerts_are_not_sent_on(bench, alert):
    bench.records.alerts.dismiss(alert.id, "与本院无关")
    assert queue(bench.records, [Route("duty", Channel())], ADDRESS) == 0


def test_it_backs_off_and_gives_up_in_the_end(bench, alert):
    channel = Channel(error=down())
    routes = [Route("duty", channel)]
    queue(bench.records, routes, ADDRESS)
    waits = []
    for _ in range(ATTEMPTS - 1):
        assert send_due(bench.records, routes, bench.clock).failed == 1
        assert bench.records.deliveries.due() == []
        before = bench.clock.now
        while not bench.records.deliveries.due():
            bench.clock.now += timedelta(seconds=15)
        waits.append(bench.clock.now - before)
    assert waits[0] == BACK_OFF
    assert waits[1] == 2 * BACK_OFF
    assert max(waits) == BACK_OFF_MOST
    assert send_due(bench.records, routes, bench.clock).dead == 1
    (dead,) = bench.records.deliveries.dead()
    assert dead.error == "no answer"
    channel.error = None
    assert revive(bench.records, bench.clock) == 1
    assert send_due(bench.records, routes, bench.clock).sent == 1


def test_a_refusal_for_good_is_dead_at_once(bench, alert):
    routes = [Route("duty", Channel(error=down(retryable=False)))]
    queue(bench.records, routes, ADDRESS)
    assert send_due(bench.records, routes, bench.clock).dead == 1


def test_one_channel_down_does_not_hold_the_other(bench, alert):
    broken, sound = Channel(error=down()), Channel()
    routes = [Route("broken", broken), Route("sound", sound)]
    queue(bench.records, routes, ADDRESS)
    report = send_due(bench.records, routes, bench.clock)
    assert (report.sent, report.failed, report.dead) == (1, 1, 0)


def test_a_route_that_is_gone_leaves_no_delivery_waiting(bench, alert):
    queue(bench.records, [Route("old-room", Channel())], ADDRESS)
    assert send_due(bench.records, [], bench.clock).dead == 1
    assert bench.records.deliveries.due() == []


def test_killed_between_taking_and_noting_it_is_sent_again_under_the_same_key(bench, alert):
    channel = Channel()
    queue(bench.records, [Route("duty", channel)], ADDRESS)
    (due,) = bench.records.deliveries.due()
    channel.send(due.notification)
    send_due(bench.records, [Route("duty", channel)], bench.clock)
    assert [note.key for note in channel.taken] == [due.notification.key] * 2

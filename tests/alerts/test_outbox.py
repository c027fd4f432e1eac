"""Queueing once, sending at least once, keeping to rates, giving up in the end."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.compose import of_decision
from alerts.notices import Kind, Notice
from alerts.outbox import ATTEMPTS, BACK_OFF, BACK_OFF_MOST, queue, send_due, send_one
from alerts.routes import Channel, Route, Routing
from alerts.source_notices import of_change
from alerts.telling import tell
from domain.alerts import Level, Notification
from domain.errors import NotFound, NotifyFailure
from domain.policy import Decision, Outcome
from domain.protocols import Rate
from domain.sources import GapReason
from records.deliveries import LONGEST_WAIT
from records.source_changes import SourceChange, Subject

_spec = importlib.util.spec_from_file_location(
    "alerts_channels", Path(__file__).with_name("channels.py")
)
channels = sys.modules.setdefault("alerts_channels", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(channels)

ADDRESS = "http://127.0.0.1:8080/"
SECRET_WORDS = "青崖县法院的判决书怎么还不上网"


@dataclass
class Fake:
    """A notifier that takes, or fails as told; `pieces` messages each."""

    kind: str = "test"
    rates: tuple[Rate, ...] = ()
    error: NotifyFailure | None = None
    pieces: int = 1
    fail_at: int = 0
    taken: list[tuple[Notification, int]] = field(default_factory=list)

    def send(self, notification, progress) -> None:
        for piece in progress.left([bytes([n]) for n in range(self.pieces)]):
            if self.error and piece[0] >= self.fail_at:
                raise self.error
            self.taken.append((notification, piece[0]))

    @property
    def keys(self) -> list[str]:
        return [notification.key for notification, _ in self.taken]


def over(**notifiers: Fake) -> Routing:
    """Everything goes to every one of them."""
    return Routing(
        {name: Channel(name, notifier) for name, notifier in notifiers.items()},
        routes=[Route("all", tuple(notifiers))],
    )


def notice(key: str = "alert-1-yellow", kind: Kind = Kind.ALERT) -> Notice:
    return Notice(kind, channels.note(key))


def down(retryable: bool = True, **fields) -> NotifyFailure:
    return NotifyFailure("no answer", retryable=retryable, **fields)


def put(bench, routing: Routing, *keys: str) -> None:
    queue(bench.records, routing, [notice(key) for key in keys], bench.clock.now)


def send(bench, routing: Routing):
    return send_due(bench.records, routing, bench.clock)


def test_a_notice_is_queued_and_sent_once_however_often_it_is_said(bench):
    fake = Fake()
    routing = over(duty=fake)
    for _ in range(3):
        put(bench, routing, "a")
        send(bench, routing)
    assert fake.keys == ["a"]
    (delivery,) = bench.records.deliveries.listed("sent")
    assert (delivery.kind, delivery.attempts) == ("alert", 1)


def test_it_backs_off_and_gives_up_in_the_end(bench, monkeypatch):
    monkeypatch.setattr("alerts.outbox.ATTEMPTS", 12)
    fake = Fake(error=down())
    routing = over(duty=fake)
    put(bench, routing, "a")
    waits = []
    for _ in range(11):
        assert send(bench, routing).failed == 1
        (waiting,) = bench.records.deliveries.listed("waiting")
        waits.append(waiting.next_at - bench.clock.now)
        bench.clock.now = waiting.next_at
    assert waits[:2] == [BACK_OFF, 2 * BACK_OFF]
    assert max(waits) == waits[-1] == BACK_OFF_MOST
    assert timedelta(hours=20) < (ATTEMPTS - 6) * BACK_OFF_MOST < timedelta(hours=28)
    assert send(bench, routing).dead == 1
    (dead,) = bench.records.deliveries.listed("dead")
    assert dead.error == "no answer"
    fake.error = None
    assert bench.records.deliveries.revive() == 1
    assert send(bench, routing).sent == 1


def test_a_refusal_for_good_is_dead_at_once_and_one_can_be_sent_again_by_name(bench):
    fake = Fake(error=down(retryable=False))
    routing = over(duty=fake)
    put(bench, routing, "a", "b")
    assert send(bench, routing).dead == 2
    fake.error = None
    assert bench.records.deliveries.revive([("b", "duty")]) == 1
    send(bench, routing)
    assert fake.keys == ["b"]
    with pytest.raises(NotFound, match="no dead delivery b"):
        bench.records.deliveries.revive([("b", "duty")])


def test_one_channel_down_does_not_hold_the_other(bench):
    routing = over(broken=Fake(error=down()), sound=Fake())
    put(bench, routing, "a")
    report = send(bench, routing)
    assert (report.sent, report.failed, report.dead) == (1, 1, 0)


def test_after_a_failure_the_rest_of_the_channel_waits_its_turn(bench):
    fake = Fake(error=down())
    routing = over(duty=fake)
    put(bench, routing, "a", "b", "c")
    assert send(bench, routing).failed == 1


def test_once_it_works_again_nothing_waits_any_longer(bench):
    fake = Fake(error=down())
    routing = over(duty=fake)
    put(bench, routing, "a", "b")
    for _ in range(12):
        send(bench, routing)
        bench.clock.now += timedelta(minutes=5)
    fake.error = None
    bench.clock.now += timedelta(seconds=1)
    put(bench, routing, "c")
    assert send(bench, routing).sent == 3


def test_a_channel_that_is_gone_leaves_no_delivery_waiting(bench):
    put(bench, over(old=Fake()), "a")
    assert send(bench, Routing()).dead == 1
    assert bench.records.deliveries.channels_due() == []


def test_a_rate_is_kept_without_an_attempt(bench):
    fake = Fake(rates=(Rate(3, timedelta(minutes=1)),))
    routing = over(duty=fake)
    put(bench, routing, *"abcdefgh")
    sent_at = []
    for second in range(0, 200, 5):
        sent_at += [second] * send(bench, routing).sent
        bench.clock.now += timedelta(seconds=5)
    assert fake.keys == list("abcdefgh")
    assert sent_at == [0, 0, 0, 60, 60, 60, 120, 120]
    assert {item.attempts for item in bench.records.deliveries.listed()} == {1}


def test_a_receiver_that_wants_to_be_left_alone_is(bench):
    fake = Fake(error=down(retry_after=timedelta(minutes=10)))
    routing = over(duty=fake)
    put(bench, routing, "a")
    send(bench, routing)
    fake.error = None
    bench.clock.now += timedelta(minutes=9)
    put(bench, routing, "b")  # new, but the receiver asked for quiet
    assert send(bench, routing).sent == 0
    bench.clock.now += timedelta(minutes=2)
    assert send(bench, routing).sent == 2


def test_of_a_long_one_only_the_rest_is_sent_again(bench):
    fake = Fake(pieces=4, error=down(), fail_at=2)
    routing = over(duty=fake)
    put(bench, routing, "a")
    send(bench, routing)
    fake.error = None
    bench.clock.now += timedelta(minutes=1)
    assert send(bench, routing).sent == 1
    assert [piece for _, piece in fake.taken] == [0, 1, 2, 3]


def test_killed_between_taking_and_noting_it_comes_again_after_the_window_under_its_key(bench):
    fake = Fake()
    routing = over(duty=fake)
    put(bench, routing, "a", "b")
    # What a process that dies in mid-send leaves behind:
    bench.records.deliveries.begin("a", "duty", bench.clock.now + timedelta(minutes=5))
    fake.taken.append((channels.note("a"), 0))
    send(bench, routing)
    assert fake.keys == ["a", "b"]
    bench.clock.now += timedelta(minutes=4, seconds=59)
    send(bench, routing)
    assert fake.keys == ["a", "b"]
    bench.clock.now += timedelta(seconds=1)
    send(bench, routing)
    assert fake.keys == ["a", "b", "a"]


def test_whoever_comes_second_to_a_channel_leaves_it_alone(bench):
    routing = over(duty=Fake(), other=Fake())
    put(bench, routing, "a")
    with bench.records.alone_now("send-duty") as alone:
        assert alone
        report = send(bench, routing)
    assert (report.sent, report.busy) == (1, 1)
    assert send(bench, routing).sent == 1


def test_a_clock_that_ran_ahead_delays_nothing_for_longer_than_a_wait(bench):
    fake = Fake(error=down(retry_after=timedelta(minutes=30)))
    routing = over(duty=fake)
    put(bench, routing, "a")
    right = bench.clock.now
    bench.clock.now = right + timedelta(days=3)
    send(bench, routing)
    bench.clock.now, fake.error = right + timedelta(minutes=1), None
    assert send(bench, routing).sent == 1
    assert timedelta(hours=1) <= LONGEST_WAIT


def test_a_test_message_is_marked_and_kept(bench):
    from alerts.notices import trial_notice

    fake = Fake()
    said = trial_notice("duty", bench.clock.now, ADDRESS)
    send_one(bench.records, Channel("duty", fake), said, bench.clock)
    assert "测试" in fake.taken[0][0].title
    assert bench.records.deliveries.listed("sent")[0].kind == "test"
    fake.error = down()
    bench.clock.now += timedelta(seconds=1)
    again = trial_notice("duty", bench.clock.now, ADDRESS)
    with pytest.raises(NotifyFailure, match="no answer"):
        send_one(bench.records, Channel("duty", fake), again, bench.clock)
    assert bench.records.deliveries.channels_due() == []


@pytest.fixture
def alert(bench):
    bench.watch()
    start = bench.clock.now - timedelta(minutes=14)
    bench.store.upsert(bench.burst("liang", start, 14, 40, text=SECRET_WORDS))
    bench.detection().run()
    (found,) = bench.records.alerts.open()
    return found


def decision(alert, **fields) -> Decision:
    values = {
        "key": f"{alert.id}-yellow", "alert_id": alert.id, "at": channels.NOW,
        "outcome": Outcome.NOTIFY, "reason": "new", "words": "新预警", "level": Level.YELLOW,
        **fields,
    }  # fmt: skip
    return Decision(**values)


def test_what_was_decided_is_told_once_and_the_trail_knows_to_whom(bench, alert):
    fake = Fake()
    routing = over(duty=fake)
    bench.records.decisions.put(decision(alert))
    assert tell(bench.records, routing, ADDRESS, bench.clock.now) == 1
    assert tell(bench.records, routing, ADDRESS, bench.clock.now) == 0
    send(bench, routing)
    (sent, _), *rest = fake.taken
    assert rest == []
    assert sent.url == f"http://127.0.0.1:8080/alerts/{alert.id}"
    assert "【较大·黄】梁某案" in sent.title
    assert bench.records.decisions.trail(alert.id)[0].routed == ("all：duty",)


def test_no_word_of_a_post_leaves(bench, alert):
    said = of_decision(decision(alert), alert, bench.records.cases.get("liang"), ADDRESS)
    text = "".join([said.notification.title, *(f"{a}{b}" for a, b in said.notification.facts)])
    grams = {SECRET_WORDS[i : i + 4] for i in range(len(SECRET_WORDS) - 3)}
    assert not [gram for gram in grams if gram in text]


@pytest.mark.parametrize(
    ("fields", "kind", "head"),
    [
        ({}, Kind.ALERT, "【较大"),
        ({"outcome": Outcome.RENOTIFY}, Kind.NEWS, "【新情况】"),
        ({"outcome": Outcome.ESCALATE, "escalation": 1}, Kind.ESCALATION, "【无人认领】"),
        ({"subject": "clock:authoritative:near"}, Kind.CLOCK, "【时限】"),
    ],
)
def test_the_kinds_of_what_is_decided(bench, alert, fields, kind, head):
    case = bench.records.cases.get("liang")
    said = of_decision(decision(alert, **fields), alert, case, ADDRESS)
    assert said.kind is kind
    assert said.notification.title.startswith(head)
    assert said.step == fields.get("escalation", 0)
    assert said.court == "江澜市中级人民法院"


def test_a_sources_silence_is_told_once_and_so_is_its_end(bench):
    fake = Fake()
    routing = over(duty=fake)
    began = SourceChange(
        "silence-weibo_search-1", "weibo_search", Subject.SILENCE, True, channels.NOW, channels.NOW,
        channels.NOW, GapReason.LOGIN_PAGE,
    )  # fmt: skip
    ended = replace(began, key=f"{began.key}-over", bad=False, at=channels.NOW + timedelta(hours=1))
    for state in (began, began, ended, ended):
        said = [of_change(state, "微博搜索", ADDRESS)]
        queue(bench.records, routing, said, bench.clock.now)
    send(bench, routing)
    titles = [note.title for note, _ in fake.taken]
    assert titles == ["【信息源失联】微博搜索", "【信息源恢复】微博搜索"]

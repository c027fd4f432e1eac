"""Chaos: whatever breaks, every notice reaches every channel, and none twice within its window."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from alerts.notices import Kind, Notice
from alerts.open_routes import load_routes
from alerts.outbox import queue, send_due
from demo.receivers import Mode, Receiver, Receivers, start
from domain.alerts import Level, Notification
from records import Records

NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ROUTES = """
channels:
  wecom: {kind: wecom, url_env: DEMO_WECOM_URL, base_url: "%(wecom)s", allow_private: true}
  dingtalk: {kind: dingtalk, url_env: DEMO_DINGTALK_URL, secret_env: DEMO_DINGTALK_SECRET,
             base_url: "%(dingtalk)s", allow_private: true}
  feishu: {kind: feishu, url_env: DEMO_FEISHU_URL, secret_env: DEMO_FEISHU_SECRET,
           base_url: "%(feishu)s", allow_private: true}
  webhook: {kind: webhook, url_env: DEMO_WEBHOOK_URL, secret_env: DEMO_WEBHOOK_SECRET,
            allow_private: true}
routes:
  - {name: all, to: [wecom, dingtalk, feishu, webhook]}
"""


@dataclass
class World:
    """Receivers, records and a clock of one test."""

    folder: Path
    receivers: Receivers
    now: datetime = NOW
    queued: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.url = f"sqlite:///{self.folder}/records.db"
        self.routes = self.folder / "routes.yml"
        self.routes.write_text(ROUTES % {kind: one.base for kind, one in self.receivers.items()})
        self.records = Records.open(self.url, self.clock)
        self.routing = load_routes(self.routes, self.clock)

    def clock(self) -> datetime:
        return self.now

    def say(self, *names: str) -> None:
        """Queue a notice per name, twice: a tick may be run again."""
        for name in names:
            said = Notification(
                f"key-{name}", f"预警 {name}。", Level.RED, "http://127.0.0.1/", NOW
            )
            for _ in range(2):
                queue(self.records, self.routing, [Notice(Kind.ALERT, said)], self.now)
        self.queued += names

    def tick(self, clock: timedelta = timedelta(0)) -> None:
        """One run of the notifier, whose clock is off by `clock`."""
        send_due(self.records, self.routing, lambda: self.now + clock)

    def heard(self, kind: str) -> Counter[str]:
        """Which notices a receiver took, and how often."""
        return Counter(
            name
            for taken in self.receivers[kind].taken
            for name in self.queued
            if f"预警 {name}。" in taken.text
        )

    def each_once(self) -> None:
        for kind in self.receivers:
            assert self.heard(kind) == dict.fromkeys(self.queued, 1), kind

    def notifier(self, now: datetime | None = None) -> subprocess.Popen[str]:
        """A notifier in a process of its own, ready to send."""
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("notifier.py")), self.url,
             str(self.routes), (now or self.now).isoformat()],
            env={**os.environ, **self.receivers.environment(), "PYTHONPATH": str(_root())},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout.readline().strip() == "ready"
        return process


def go(process: subprocess.Popen[str]) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


def _root() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture
def world(tmp_path, monkeypatch) -> Iterator[World]:
    now: list[World] = []
    with start(lambda: now[0].now if now else NOW) as receivers:
        for name, value in receivers.environment().items():
            monkeypatch.setenv(name, value)
        now.append(World(tmp_path, receivers))
        yield now[0]
        now[0].records.close()


def test_receivers_down_for_an_hour(world: World) -> None:
    ports = {kind: receiver.port for kind, receiver in world.receivers.items()}
    world.say("vor")
    world.tick()
    heard = {kind: world.receivers[kind].taken for kind in world.receivers}
    for receiver in world.receivers.values():
        receiver.stop()
    for minute in range(60):
        world.now += MINUTE
        if minute % 10 == 0:
            world.say(f"in{minute}")
        world.tick()
    for kind, port in ports.items():
        world.receivers[kind] = Receiver(kind, world.clock, port)
        world.receivers[kind].taken += heard[kind]
    for _ in range(11):  # the longest wait between two attempts
        world.now += MINUTE
        world.tick()
    world.each_once()


def test_clocks_that_jump_and_ticks_that_come_twice(world: World) -> None:
    world.say("a", "b")
    world.receivers["webhook"].mode = Mode.BROKEN
    for jump in (timedelta(hours=9), timedelta(days=-2), timedelta(days=400), timedelta(0)):
        world.tick(clock=jump)  # DingTalk and Feishu refuse a signature of another hour
        world.tick(clock=jump)
        world.now += MINUTE
    world.receivers["webhook"].mode = Mode.WORKS
    world.say("c")
    for _ in range(11):
        world.now += MINUTE
        world.tick()
        world.tick()
    world.each_once()


@pytest.mark.parametrize("mode", [Mode.TAKES_AND_WAITS, Mode.HANGS])
def test_killed_in_mid_send(world: World, mode: Mode) -> None:
    world.say("a", "b")
    wecom = world.receivers["wecom"]
    wecom.mode = mode
    victim = world.notifier()
    go(victim)
    assert (wecom.took if mode is Mode.TAKES_AND_WAITS else wecom.asked).wait(60)
    victim.kill()
    victim.wait()
    wecom.mode = Mode.WORKS
    taken_before = len(wecom.taken)
    for _ in range(4):  # within the window of five minutes: never the same one again
        world.tick()
        world.now += MINUTE
    assert world.heard("wecom")["a"] == taken_before
    assert world.heard("wecom")["b"] == 1
    for _ in range(3):
        world.now += MINUTE
        world.tick()
    # Nobody can know whether the first was taken, so after the window it comes (again).
    assert world.heard("wecom") == {"a": taken_before + 1, "b": 1}
    times = [taken.at for taken in wecom.taken if "预警 a。" in taken.text]
    assert all(later - earlier >= 5 * MINUTE for earlier, later in pairwise(times))
    for kind in ("dingtalk", "feishu", "webhook"):
        assert world.heard(kind) == {"a": 1, "b": 1}


def test_two_notifiers_at_once(world: World) -> None:
    names = [f"n{number}" for number in range(4)]
    world.say(*names)
    for receiver in world.receivers.values():
        receiver.mode, receiver.think_seconds = Mode.SLOW, 0.05
    both = [world.notifier(), world.notifier()]
    for process in both:
        go(process)
    reports = [process.communicate(timeout=120)[0] for process in both]
    world.tick()  # what one left to the other is done by the next run
    world.each_once()
    assert all("SendReport" in report for report in reports)

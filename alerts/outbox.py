"""From notices to channels: queued once, sent at least once, and not twice within a window.

Who sends holds the lock of the channel, so two notifiers never send over one channel at a time, and
a lock goes with its process. Before a request the attempt is noted; a notifier that dies in it
leaves a delivery "sending", and nobody can know whether the receiver has it. It is sent again, for
an alert may not be lost, but only when the channel's window is over; the key is the same, so a
receiver that remembers keys drops the second one whenever it comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.notices import Notice
from alerts.routes import Channel, Routing
from domain.errors import NotifyFailure
from domain.time import Clock, system_clock
from records import Records
from records.deliveries import LONGEST_WAIT, Delivery

#: Waits after the first failure and doubles up to the second [D].
BACK_OFF, BACK_OFF_MOST = timedelta(seconds=30), timedelta(minutes=10)
#: Attempts until a delivery is dead: about a day of trying [D].
ATTEMPTS = 150


@dataclass(frozen=True, slots=True)
class Queued:
    """What queueing one notice did; `lines` say for each route why, or why not."""

    notice: Notice
    channels: tuple[str, ...]
    new: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SendReport:
    """Deliveries taken, to be tried again, given up; `busy`: channels another notifier sends on."""

    sent: int = 0
    failed: int = 0
    dead: int = 0
    busy: int = 0


def queue(
    records: Records, routing: Routing, notices: Iterable[Notice], at: datetime
) -> list[Queued]:
    """Put `notices` into the outbox for whoever the routes name at `at`; known ones change nothing."""
    queued = []
    for notice in notices:
        channels, lines = routing.channels_for(notice, at)
        new = sum(
            records.deliveries.put(notice.notification, channel, notice.kind)
            for channel in channels
        )
        queued.append(Queued(notice, tuple(channels), new, tuple(lines)))
    return queued


def send_due(records: Records, routing: Routing, clock: Clock = system_clock) -> SendReport:
    """Send what is due, channel by channel. After a failure the rest of a channel waits its turn.

    A delivery the receiver refuses for good, or whose channel is gone, is dead at once.
    """
    outcomes: list[str] = []
    for name in records.deliveries.channels_due():
        with ExitStack() as stack:
            if not stack.enter_context(records.alone_now(f"send-{name}")):
                outcomes.append("busy")
                continue
            outcomes += _Sending(records, name, routing.channels.get(name), clock).all_due()
    counts = {word: outcomes.count(word) for word in ("sent", "failed", "dead", "busy")}
    return SendReport(**counts)


def send_one(records: Records, channel: Channel, notice: Notice, clock: Clock) -> None:
    """Send `notice` over `channel` now, within its rate, and keep it as a delivery.

    Raises:
        NotifyFailure: it wasn't taken, or another notifier sends on this channel; not tried again.
    """
    key = notice.notification.key
    with records.alone_now(f"send-{channel.name}") as alone:
        if not alone:
            raise NotifyFailure(
                "another notifier sends on this channel",
                retryable=True, remedy="try again in a minute", where=channel.name,
            )  # fmt: skip
        records.deliveries.put(notice.notification, channel.name, notice.kind)
        records.deliveries.begin(key, channel.name, clock() + channel.window)
        sending = _Sending(records, channel.name, channel, clock)
        try:
            channel.notifier.send(notice.notification, _Parts(sending, key, 0))
        except NotifyFailure as error:
            records.deliveries.failed(key, channel.name, str(error), None)
            raise
        records.deliveries.sent(key, channel.name)


class _Sending:
    """What is due on one channel, whose lock we hold."""

    def __init__(self, records: Records, name: str, channel: Channel | None, clock: Clock) -> None:
        self._records, self._deliveries = records, records.deliveries
        self._name, self._channel, self._clock = name, channel, clock

    def all_due(self) -> Iterator[str]:
        """Outcomes, oldest delivery first, up to the first that has to wait."""
        released = False
        while not self._held() and (delivery := self._deliveries.next_due(self._name)):
            outcome = self._one(delivery)
            if outcome:
                yield outcome
            if outcome in ("failed", ""):
                return
            if outcome == "sent" and not released:
                self._deliveries.release(self._name)
                released = True

    def _one(self, delivery: Delivery) -> str:
        """sent, failed, dead, or "" for put off without an attempt."""
        key, now = delivery.notification.key, self._clock()
        if self._channel is None:
            self._deliveries.failed(key, self._name, "no channel has this name any more", None)
            return "dead"
        if free_at := self._next_slot(now):
            self._deliveries.put_off(key, self._name, free_at)
            return ""
        self._deliveries.begin(key, self._name, now + self._channel.window)
        try:
            self._channel.notifier.send(delivery.notification, _Parts(self, key, delivery.parts))
        except NotifyFailure as error:
            return self._failed(delivery, error)
        self._deliveries.sent(key, self._name)
        return "sent"

    def _failed(self, delivery: Delivery, error: NotifyFailure) -> str:
        key, now = delivery.notification.key, self._clock()
        if not error.retryable or delivery.attempts + 1 >= ATTEMPTS:
            self._deliveries.failed(key, self._name, str(error), None)
            return "dead"
        wait = min(BACK_OFF * 2 ** min(delivery.attempts, 20), BACK_OFF_MOST)
        if error.retry_after is not None:
            # It concerns the channel, not this message: nothing else is sent there either.
            wait = max(wait, min(error.retry_after, LONGEST_WAIT))
            self._records.marks.set(self._mark, now + wait)
        self._deliveries.failed(key, self._name, str(error), now + wait)
        return "failed"

    def take_slot(self) -> None:
        """Count a request against the channel's rates.

        Raises:
            NotifyFailure: none is free: the rest of a long message comes later.
        """
        now = self._clock()
        if free_at := self._next_slot(now):
            raise NotifyFailure(
                "the channel's rate is used up", retryable=True, retry_after=free_at - now
            )
        self._deliveries.count_send(self._name)

    def note_part(self, key: str, parts: int) -> None:
        """The receiver has `parts` messages of it."""
        self._deliveries.note_part(key, self._name, parts)

    def _next_slot(self, now: datetime) -> datetime | None:
        """When the channel may be sent to again; None = now."""
        free_at = []
        for rate in self._channel.notifier.rates if self._channel else ():
            sends = self._deliveries.sends(self._name, now - rate.per)
            if len(sends) >= rate.messages:
                free_at.append(sends[-rate.messages] + rate.per)
        return max(free_at, default=None)

    @property
    def _mark(self) -> str:
        return f"hold:{self._name}"

    def _held(self) -> bool:
        """Whether the receiver asked to be left alone. A hold beyond the longest wait was set by
        a clock that ran ahead."""
        until, now = self._records.marks.get(self._mark), self._clock()
        return until is not None and now < until <= now + LONGEST_WAIT


class _Parts:
    """Implements `domain.protocols.Progress`: each message has its slot, and is noted when taken."""

    def __init__(self, sending: _Sending, key: str, done: int) -> None:
        self._sending, self._key, self._done = sending, key, done

    def left(self, messages: Sequence[bytes]) -> Iterator[bytes]:
        """The messages the receiver doesn't have yet."""
        for number, message in enumerate(messages[self._done :], self._done + 1):
            self._sending.take_slot()
            yield message
            if number < len(messages):
                self._sending.note_part(self._key, number)

"""What tests of channels share: a notification, progress that only counts, open channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module

from demo.receivers import Receiver
from domain.alerts import Level, Notification
from domain.protocols import Notifier

NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)


@dataclass
class Counting:
    """Implements `domain.protocols.Progress`."""

    done: int = 0
    begun: int = 0
    notes: list[int] = field(default_factory=list)

    def left(self, messages: Sequence[bytes]) -> Iterator[bytes]:
        for number, message in enumerate(messages[self.done :], self.done + 1):
            self.begun += 1
            yield message
            self.done = number
            self.notes.append(number)


def note(key: str = "alert-1-yellow", facts: int = 1, **fields: object) -> Notification:
    """A notification with `facts` figures."""
    values = {
        "key": key,
        "title": f"【较大·黄】梁某案 {key}",
        "level": Level.YELLOW,
        "url": "http://127.0.0.1:8080/alerts/alert-1",
        "created_at": NOW,
        "facts": tuple((f"第{n}项", "38 人，平日 3.1；" * 6) for n in range(facts)),
        **fields,
    }
    return Notification(**values)


def opened(receiver: Receiver, monkeypatch, secret: str = "", **options: object) -> Notifier:
    """The channel of the receiver's kind, as the routes file would open it."""
    monkeypatch.setenv("CHANNEL_URL", receiver.url)
    given: dict[str, object] = {"url_env": "CHANNEL_URL", "allow_private": True, **options}
    if receiver.kind in ("wecom", "dingtalk", "feishu"):
        given.setdefault("base_url", receiver.base)
    if secret:
        monkeypatch.setenv("CHANNEL_SECRET", secret)
        given["secret_env"] = "CHANNEL_SECRET"
    module = import_module(f"alerts.notifiers.{receiver.kind}")
    return module.open_channel(given, "routes.yml", lambda: NOW)


MINUTE = timedelta(minutes=1)

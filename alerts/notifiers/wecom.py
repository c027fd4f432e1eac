"""A group robot of WeCom (企业微信), developer.work.weixin.qq.com/document/path/91770.

Markdown of at most 4,096 bytes, 20 messages a minute. The key in the address is the only secret;
there is no signature, and no way to tell the robot that it knows a message already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from alerts.markdown import messages, neutral
from alerts.options import HTTP_OPTIONS
from alerts.outbound import Target, post
from alerts.robots import HEADERS, Refusal, body_of, read_code, refuse, robot_target
from domain.alerts import Level, Notification
from domain.errors import ConfigurationError
from domain.protocols import Progress, Rate
from domain.time import Clock, system_clock

#: Keys of a channel of this kind besides kind and window_minutes.
OPTIONS = HTTP_OPTIONS | {"base_url"}
BASE, PATH = "https://qyapi.weixin.qq.com", "/cgi-bin/webhook/send"
LIMIT_BYTES = 4096

_COLOURS = {
    Level.BLUE: "info", Level.YELLOW: "comment", Level.ORANGE: "warning", Level.RED: "warning",
}  # fmt: skip
_BUSY = Refusal("the server is busy", "nothing to do, it is tried again", retry=True)
_FAST = Refusal(
    "too many messages", "nothing to do, it is tried again", retry=True, after=timedelta(minutes=1)
)
_GONE = Refusal("the robot isn't known", "copy the address of the robot again")
_REFUSALS = {
    -1: _BUSY,
    45009: _FAST,
    45033: _FAST,
    93000: _GONE,
    93004: Refusal("the robot was stopped", "let an administrator start it again"),
    93008: Refusal("the robot isn't in the group any more", "add it to the group again"),
    93017: _GONE,
    40008: Refusal("the kind of message isn't known", "report this as a fault of courtpulse"),
    40058: Refusal("the message isn't acceptable", "report this as a fault of courtpulse"),
    44004: Refusal("the message is empty", "report this as a fault of courtpulse"),
    45002: Refusal("the message is too long", "report this as a fault of courtpulse"),
}


@dataclass(frozen=True, slots=True)
class WeCom:
    """Implements `domain.protocols.Notifier`."""

    target: Target
    clock: Clock = system_clock
    kind: str = "wecom"
    rates: tuple[Rate, ...] = (Rate(20, timedelta(minutes=1)),)

    def send(self, notification: Notification, progress: Progress) -> None:
        """Post `notification`, in several messages if it is too long for one.

        Raises:
            NotifyFailure: not taken, or not all of it.
        """
        for message in progress.left([text.encode() for text in compose(notification)]):
            document = {"msgtype": "markdown", "markdown": {"content": message.decode()}}
            answer = post(self.target, body_of(document), HEADERS, self.clock)
            refuse(read_code(answer, "errcode", self.target), _REFUSALS, self.target, answer)


def compose(notification: Notification) -> list[str]:
    """The messages, each within the limit."""
    colour = _COLOURS[notification.level]
    head = f'**<font color="{colour}">{neutral(notification.title)}</font>**'
    lines = [f"> {neutral(label)}：{neutral(value)}" for label, value in notification.facts]
    return messages(head, lines, f"[在系统中查看]({notification.url})", LIMIT_BYTES)


def open_channel(options: Mapping[str, object], where: str, clock: Clock) -> WeCom:
    """A channel from the keys of its entry.

    Raises:
        ConfigurationError: the address isn't that of a WeCom robot.
    """
    target = robot_target(options, where, "wecom", BASE, PATH)
    if "key=" not in target.url:
        raise ConfigurationError(
            f"the address in {options['url_env']} has no key", remedy="…/send?key=…", where=where
        )
    return WeCom(target, clock)

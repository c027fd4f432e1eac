"""A custom robot of DingTalk (钉钉), open.dingtalk.com/document/robots/custom-robot-access.

Markdown; a request of at most 20,000 bytes; 20 messages a minute, and ten minutes of silence for
whoever sends more. Signed: timestamp in milliseconds and secret, HMAC-SHA256, in the address.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from urllib.parse import quote_plus

from alerts.markdown import messages, neutral
from alerts.options import HTTP_OPTIONS
from alerts.outbound import Target, post
from alerts.robots import (
    HEADERS,
    Refusal,
    body_of,
    read_code,
    refuse,
    robot_target,
    secret_and_keyword,
)
from domain.alerts import Notification
from domain.errors import ConfigurationError
from domain.protocols import Progress, Rate
from domain.time import Clock, system_clock

#: Keys of a channel of this kind besides kind and window_minutes.
OPTIONS = HTTP_OPTIONS | {"base_url", "secret_env", "keyword"}
BASE, PATH = "https://oapi.dingtalk.com", "/robot/send"
REQUEST_BYTES = 20_000
#: JSON doubles a quote, a backslash or a line break at most, so this always fits a request.
LIMIT_BYTES = 9_000

_FAST = Refusal(
    "too many messages", "nothing to do, it is tried again", retry=True, after=timedelta(minutes=10)
)
_GONE = Refusal("the robot isn't known", "copy the address of the robot again")
_REFUSALS = {
    -1: Refusal("the server is busy", "nothing to do, it is tried again", retry=True),
    130101: _FAST,
    410100: _FAST,
    # One code for a wrong signature, a clock more than an hour off, a missing keyword and an
    # address that isn't on the list. A clock is set right, so it is tried again.
    310000: Refusal(
        "the robot's security check failed",
        "compare secret, keyword and address list with the robot's page, and this machine's clock",
        retry=True,
    ),
    300001: _GONE,
    300005: _GONE,
    400101: _GONE,
    400106: _GONE,
    400013: Refusal("the group is gone", "make a robot in another group"),
    400102: Refusal("the robot was stopped", "start it again on its page"),
    40035: Refusal("a parameter is missing", "copy the address of the robot again"),
    43004: Refusal("the form isn't accepted", "report this as a fault of courtpulse"),
    400105: Refusal("the kind of message isn't known", "report this as a fault of courtpulse"),
}


@dataclass(frozen=True, slots=True)
class DingTalk:
    """Implements `domain.protocols.Notifier`; `keyword` is one the robot insists on."""

    target: Target
    secret: str = field(default="", repr=False)
    keyword: str = ""
    clock: Clock = system_clock
    kind: str = "dingtalk"
    rates: tuple[Rate, ...] = (Rate(20, timedelta(minutes=1)),)

    def send(self, notification: Notification, progress: Progress) -> None:
        """Post `notification`, in several messages if it is too long for one.

        Raises:
            NotifyFailure: not taken, or not all of it.
        """
        title = neutral(notification.title)[:60]
        for message in progress.left(compose(notification, self.keyword)):
            markdown = {"title": title, "text": message.decode()}
            body = body_of({"msgtype": "markdown", "markdown": markdown})
            answer = post(self._signed(), body, HEADERS, self.clock)
            refuse(read_code(answer, "errcode", self.target), _REFUSALS, self.target, answer)

    def _signed(self) -> Target:
        """The address of this very moment: a signature is good for an hour."""
        if not self.secret:
            return self.target
        stamp = round(self.clock().timestamp() * 1000)
        joint = "&" if "?" in self.target.url else "?"
        sign = quote_plus(signature(self.secret, stamp))
        return replace(self.target, url=f"{self.target.url}{joint}timestamp={stamp}&sign={sign}")


def signature(secret: str, stamp: int) -> str:
    """Base64 of HMAC-SHA256 over timestamp (ms), line break and secret, keyed with the secret."""
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), sha256).digest()
    return b64encode(digest).decode()


def compose(notification: Notification, keyword: str = "") -> list[bytes]:
    """The messages, each within the limit. Lines are paragraphs: a single break isn't shown."""
    head = f"### {neutral(notification.title)}"
    lines = [f"**{neutral(label)}** {neutral(value)}" for label, value in notification.facts]
    foot = f"[在系统中查看]({notification.url})" + (f"\n\n{neutral(keyword)}" if keyword else "")
    return [text.encode() for text in messages(head, lines, foot, LIMIT_BYTES, "\n\n")]


def open_channel(options: Mapping[str, object], where: str, clock: Clock) -> DingTalk:
    """A channel from the keys of its entry.

    Raises:
        ConfigurationError: the address isn't that of a DingTalk robot, or a secret is missing.
    """
    target = robot_target(options, where, "dingtalk", BASE, PATH)
    if "access_token=" not in target.url:
        raise ConfigurationError(
            f"the address in {options['url_env']} has no access_token",
            remedy="…/send?access_token=…", where=where,
        )  # fmt: skip
    return DingTalk(target, *secret_and_keyword(options, where), clock)

"""A custom bot of Feishu (飞书), open.feishu.cn/document/client-docs/bot-v3/add-custom-bot.

A card of plain text (so nothing in it is read as markup) with a button; a request of at most 20 KB;
100 messages a minute and 5 a second. Signed: timestamp in seconds and secret are the *key* of an
HMAC-SHA256 over nothing.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from alerts.markdown import messages
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
from domain.protocols import Progress, Rate
from domain.time import Clock, system_clock

#: Keys of a channel of this kind besides kind and window_minutes.
OPTIONS = HTTP_OPTIONS | {"base_url", "secret_env", "keyword"}
BASE, PATH = "https://open.feishu.cn", "/open-apis/bot/v2/hook/"
REQUEST_BYTES = 20_000
#: JSON doubles a quote, a backslash or a line break at most, so this always fits a request.
LIMIT_BYTES = 9_000

_FAST = Refusal(
    "too many messages", "nothing to do, it is tried again", retry=True, after=timedelta(minutes=1)
)
_GONE = Refusal("the bot isn't known", "copy the address of the bot again")
_REFUSALS = {
    11232: _FAST,
    11233: _FAST,
    99991400: _FAST,
    9499: Refusal("the request isn't acceptable", "report this as a fault of courtpulse"),
    19001: _GONE,
    19002: _GONE,
    19007: Refusal("the bot was stopped", "let an administrator start it again"),
    # Also the answer to a clock more than an hour off, which is set right: tried again.
    19021: Refusal(
        "the signature isn't accepted",
        "compare the secret with the bot's page, and this machine's clock",
        retry=True,
    ),
    19022: Refusal("this machine's address isn't on the bot's list", "add it on the bot's page"),
    19024: Refusal("the bot insists on a keyword", "set keyword in the routes file"),
}


@dataclass(frozen=True, slots=True)
class Feishu:
    """Implements `domain.protocols.Notifier`; `keyword` is one the bot insists on."""

    target: Target
    secret: str = field(default="", repr=False)
    keyword: str = ""
    clock: Clock = system_clock
    kind: str = "feishu"
    rates: tuple[Rate, ...] = (Rate(100, timedelta(minutes=1)), Rate(5, timedelta(seconds=1)))

    def send(self, notification: Notification, progress: Progress) -> None:
        """Post `notification` as one card, or several if it is too long for one.

        Raises:
            NotifyFailure: not taken, or not all of it.
        """
        for message in progress.left(compose(notification, self.keyword)):
            document = {**self._signature(), **_card(notification, message.decode())}
            answer = post(self.target, body_of(document), HEADERS, self.clock)
            refuse(read_code(answer, "code", self.target), _REFUSALS, self.target, answer)

    def _signature(self) -> dict[str, object]:
        if not self.secret:
            return {}
        stamp = int(self.clock().timestamp())
        return {"timestamp": str(stamp), "sign": signature(self.secret, stamp)}


def signature(secret: str, stamp: int) -> str:
    """Base64 of HMAC-SHA256 over nothing, keyed with timestamp (s), line break and secret."""
    return b64encode(hmac.new(f"{stamp}\n{secret}".encode(), b"", sha256).digest()).decode()


def compose(notification: Notification, keyword: str = "") -> list[bytes]:
    """The texts of the cards; the title stands in each, numbered when there are several."""
    lines = [" ".join(f"{label}：{value}".split()) for label, value in notification.facts]
    texts = messages(" ".join(notification.title.split()), lines, keyword, LIMIT_BYTES)
    return [text.encode() for text in texts]


def _card(notification: Notification, text: str) -> dict[str, object]:
    title, _, rest = text.partition("\n")
    button = {
        "tag": "button", "type": "primary", "url": notification.url,
        "text": {"tag": "plain_text", "content": "在系统中查看"},
    }  # fmt: skip
    return {
        "msg_type": "interactive",
        "card": {
            "config": {"wide_screen_mode": True},
            "header": {
                # Feishu names its header colours as we name our levels.
                "template": notification.level.value,
                "title": {"tag": "plain_text", "content": title},
            },
            "elements": [
                {"tag": "div", "text": {"tag": "plain_text", "content": rest.strip() or title}},
                {"tag": "action", "actions": [button]},
            ],
        },
    }


def open_channel(options: Mapping[str, object], where: str, clock: Clock) -> Feishu:
    """A channel from the keys of its entry.

    Raises:
        ConfigurationError: the address isn't that of a Feishu bot, or a secret is missing.
    """
    target = robot_target(options, where, "feishu", BASE, PATH)
    return Feishu(target, *secret_and_keyword(options, where), clock)

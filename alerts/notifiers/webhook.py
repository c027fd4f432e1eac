"""Generic webhook: one JSON POST to the address of the channel, signed, never followed elsewhere.

Body: ``{"key", "title", "level", "url", "created_at", "facts": [{"label", "value"}]}``, no post
text. Headers: ``Idempotency-Key``; ``X-Courtpulse-Timestamp`` (Unix seconds);
``X-Courtpulse-Signature: v1=HMAC-SHA256(secret, timestamp + "." + body)`` in hex, when the channel
has a secret. Only 2xx means taken. A receiver should refuse old timestamps and drop known keys.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from alerts.options import HTTP_OPTIONS, from_environment, http_target
from alerts.outbound import Target, post
from alerts.robots import body_of
from domain.alerts import Notification
from domain.protocols import Progress, Rate
from domain.time import Clock, system_clock

#: Keys of a channel of this kind besides kind and window_minutes.
OPTIONS = HTTP_OPTIONS | {"secret_env"}


@dataclass(frozen=True, slots=True)
class Webhook:
    """Implements `domain.protocols.Notifier`."""

    target: Target
    secret: str = field(default="", repr=False)
    clock: Clock = system_clock
    kind: str = "webhook"
    rates: tuple[Rate, ...] = ()

    def send(self, notification: Notification, progress: Progress) -> None:
        """Post `notification`; returns when the receiver took it.

        Raises:
            NotifyFailure: not taken.
        """
        for body in progress.left([encode(notification)]):
            post(self.target, body, self._headers(notification, body), self.clock)

    def _headers(self, notification: Notification, body: bytes) -> dict[str, str]:
        stamp = str(int(self.clock().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "courtpulse-webhook",
            "Idempotency-Key": notification.key,
            "X-Courtpulse-Timestamp": stamp,
        }
        if self.secret:
            headers["X-Courtpulse-Signature"] = "v1=" + signature(self.secret, stamp, body)
        return headers


def encode(notification: Notification) -> bytes:
    """The body: the same bytes for the same notification."""
    return body_of(
        {
            "key": notification.key,
            "title": notification.title,
            "level": notification.level.value,
            "url": notification.url,
            "created_at": notification.created_at.isoformat(),
            "facts": [{"label": label, "value": value} for label, value in notification.facts],
        }
    )


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 of timestamp, a dot and the body; what a receiver computes to compare."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()


def open_channel(options: Mapping[str, object], where: str, clock: Clock) -> Webhook:
    """A channel from the keys of its entry; address and secret come from the environment.

    Raises:
        ConfigurationError: a variable is missing, or the address isn't an acceptable one.
    """
    url = from_environment(options, "url_env", where, required=True)
    secret = from_environment(options, "secret_env", where, required=False)
    return Webhook(http_target(options, where, "webhook", url), secret, clock)

"""Generic webhook: one JSON POST to the address of the route, signed, never followed elsewhere.

Body: ``{"key", "title", "level", "url", "created_at", "facts": [{"label", "value"}]}``, no post
text. Headers: ``Idempotency-Key``; ``X-Courtpulse-Timestamp`` (Unix seconds);
``X-Courtpulse-Signature: v1=HMAC-SHA256(secret, timestamp + "." + body)`` in hex, when the route
has a secret. Only 2xx means taken. A receiver should refuse old timestamps and drop known keys.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from domain.alerts import Notification
from domain.errors import ConfigurationError, NotifyFailure
from domain.time import Clock, system_clock

#: Keys a route of this kind may have besides name, kind and min_level.
OPTIONS = frozenset({"url_env", "secret_env", "timeout_seconds", "allow_http"})

#: The whole delivery, connecting included; a receiver should queue, not work.
_TIMEOUT_SECONDS = 10.0
#: 4xx that pass: request timeout, too early, too many requests.
_PASSING = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Webhook:
    """Implements `domain.protocols.Notifier`. Not for use inside a running event loop.

    Attributes:
        url, secret: never shown in errors, logs or `repr`, because both may be credentials.
        timeout: seconds for a whole delivery.
    """

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    timeout: float = _TIMEOUT_SECONDS
    clock: Clock = system_clock
    kind: str = "webhook"

    def send(self, notification: Notification) -> None:
        """Post `notification`; returns when the receiver took it.

        Raises:
            NotifyFailure: not taken; `retryable` for timeouts, broken connections, 5xx, 408, 425
                and 429, not for other answers.
        """
        status = asyncio.run(self._post(notification))
        if 200 <= status < 300:
            return
        if 300 <= status < 400:
            raise self._failure(
                f"the receiver redirects (HTTP {status})", "give the final address", retry=False
            )
        raise self._failure(
            f"the receiver answered HTTP {status}",
            "look at the receiver's log",
            retry=status >= 500 or status in _PASSING,
        )

    async def _post(self, notification: Notification) -> int:
        """HTTP status of the answer; its body is not read, so that nothing can be dripped at us."""
        body = encode(notification)
        try:
            async with (
                asyncio.timeout(self.timeout),
                httpx.AsyncClient(
                    follow_redirects=False, trust_env=False, timeout=self.timeout
                ) as client,
                client.stream(
                    "POST", self.url, content=body, headers=self._headers(notification, body)
                ) as answer,
            ):
                return answer.status_code
        except (TimeoutError, httpx.TimeoutException) as error:
            raise self._failure(
                f"no answer within {self.timeout:g} s", "is the receiver running?", retry=True
            ) from error
        except httpx.HTTPError as error:
            raise self._failure(
                f"the connection failed ({type(error).__name__})",
                "is the receiver reachable from here?",
                retry=True,
            ) from error

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

    def _failure(self, problem: str, remedy: str, *, retry: bool) -> NotifyFailure:
        host = urlsplit(self.url).hostname or ""
        return NotifyFailure(problem, retryable=retry, remedy=remedy, where=f"webhook {host}")


def encode(notification: Notification) -> bytes:
    """The body: the same bytes for the same notification."""
    document = {
        "key": notification.key,
        "title": notification.title,
        "level": notification.level.value,
        "url": notification.url,
        "created_at": notification.created_at.isoformat(),
        "facts": [{"label": label, "value": value} for label, value in notification.facts],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 of timestamp, a dot and the body; what a receiver computes to compare."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()


def open_channel(options: Mapping[str, object], where: str) -> Webhook:
    """A webhook from the keys of its route; address and secret come from the environment.

    Raises:
        ConfigurationError: a variable is missing, or the address isn't an acceptable one.
    """
    url = _from_environment(options, "url_env", where, required=True)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"the address in {options['url_env']} isn't an http(s) address",
            remedy="https://host/path", where=where,
        )  # fmt: skip
    if parts.scheme == "http" and not (
        options.get("allow_http") is True or _is_loopback(parts.hostname)
    ):
        raise ConfigurationError(
            "alerts would leave in clear text",
            remedy="use https, or say allow_http: true for a network you trust", where=where,
        )  # fmt: skip
    timeout = options.get("timeout_seconds", _TIMEOUT_SECONDS)
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= 60:
        raise ConfigurationError(
            "timeout_seconds isn't a number up to 60", remedy="leave it out for 10", where=where
        )
    secret = _from_environment(options, "secret_env", where, required=False)
    return Webhook(url, secret, float(timeout))


def _from_environment(
    options: Mapping[str, object], key: str, where: str, *, required: bool
) -> str:
    name = options.get(key)
    if name is None and not required:
        return ""
    if not isinstance(name, str) or not name:
        raise ConfigurationError(
            f"{key} is missing", remedy=f"{key}: NAME_OF_AN_ENVIRONMENT_VARIABLE", where=where
        )
    value = os.environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(
            f"the environment variable {name} is empty",
            remedy="set it where courtpulse is started", where=where,
        )  # fmt: skip
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

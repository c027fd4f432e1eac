"""E-mail and the long tail of services, through apprise: one of its addresses per channel.

apprise answers yes or no, and it has to be believed: why something failed, how long to wait, and
whether a service took the message or merely answered isn't told. It looks names up by itself, so
an address is checked before it is used, but not held to what was checked; its redirects are off.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import apprise
from apprise.common import NotifyFormat, NotifyType

from alerts.options import from_environment, switch
from alerts.outbound import Target, checked
from domain.alerts import Level, Notification
from domain.errors import ConfigurationError, NotifyFailure
from domain.protocols import Progress, Rate
from domain.time import Clock

#: Keys of a channel of this kind besides kind and window_minutes.
OPTIONS = frozenset({"url_env", "allow_private"})

# It logs addresses, which hold passwords.
logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)

#: Services with a kind of their own here, which reads error codes and keeps to limits.
_OURS = {
    "wecombot": "wecom", "dingtalk": "dingtalk", "feishu": "feishu", "lark": "feishu",
    "json": "webhook", "jsons": "webhook", "form": "webhook", "forms": "webhook",
    "xml": "webhook", "xmls": "webhook",
}  # fmt: skip
_TYPES = {
    Level.BLUE: NotifyType.INFO,
    Level.YELLOW: NotifyType.WARNING,
    Level.ORANGE: NotifyType.WARNING,
    Level.RED: NotifyType.FAILURE,
}


@dataclass(frozen=True, slots=True)
class Apprise:
    """Implements `domain.protocols.Notifier`."""

    service: Any = field(repr=False)  # what apprise made of the address; its repr may show secrets
    host: str
    private: bool = False
    kind: str = "apprise"
    rates: tuple[Rate, ...] = ()

    def send(self, notification: Notification, progress: Progress) -> None:
        """Hand `notification` to apprise, as plain text.

        Raises:
            NotifyFailure: it said no, or the address isn't one we send to; may be tried again.
        """
        where = f"apprise {self.host}".strip()
        for message in progress.left([_body(notification)]):
            if self.host:
                checked(Target("", where, private=self.private), self.host, 0)
            sender = apprise.Apprise()
            sender.add(self.service)
            taken = sender.notify(
                body=message.decode(),
                title=notification.title,
                notify_type=_TYPES[notification.level],
                body_format=NotifyFormat.TEXT,
            )
            if not taken:
                raise NotifyFailure(
                    "apprise couldn't deliver; it doesn't say why",
                    retryable=True, remedy="courtpulse routes test sends a message by hand",
                    where=where,
                )  # fmt: skip


def _body(notification: Notification) -> bytes:
    lines = [" ".join(f"{label}：{value}".split()) for label, value in notification.facts]
    return "\n".join([*lines, notification.url]).encode()


def open_channel(options: Mapping[str, object], where: str, clock: Clock) -> Apprise:
    """A channel from the keys of its entry; the whole address comes from the environment.

    Raises:
        ConfigurationError: apprise doesn't understand the address, or we have a kind for it.
    """
    del clock  # apprise has its own
    url = from_environment(options, "url_env", where, required=True)
    schema = urlsplit(url).scheme.lower()
    if schema in _OURS:
        raise ConfigurationError(
            f"{schema}:// has a kind of its own",
            remedy=f"kind: {_OURS[schema]}, with the service's own address", where=where,
        )  # fmt: skip
    asset = apprise.AppriseAsset(app_id="courtpulse", app_desc="courtpulse", http_redirects=False)
    service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if not isinstance(service, apprise.NotifyBase):
        raise ConfigurationError(
            f"apprise doesn't understand the address in {options['url_env']}",
            remedy="e.g. mailtos://name:password@host?to=…; see apprise's list of services",
            where=where,
        )
    host = str(getattr(service, "smtp_host", None) or getattr(service, "host", None) or "")
    return Apprise(service, host, switch(options, "allow_private", where))

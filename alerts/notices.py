"""What there is to tell: about an alert, about a source, about a channel. Figures and a link only.

A notice becomes one notification with one key, so queueing it again changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.alerts import Level, Notification


class Kind(StrEnum):
    """What a notice is about; a route may ask for some kinds alone."""

    ALERT = "alert"
    NEWS = "news"
    ESCALATION = "escalation"
    CLOCK = "clock"
    SILENCE = "source_silence"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell, before it is known to whom.

    Attributes:
        notification: what is said, under its idempotency key.
        court: whose it is; "" concerns every court.
        topics: ids of the topics it is about.
        step: 0 = the first people of a route, 1 = those after the first wait, …
    """

    kind: Kind
    notification: Notification
    court: str = ""
    topics: tuple[str, ...] = ()
    step: int = 0

    @property
    def level(self) -> Level:
        """Its level."""
        return self.notification.level


def sample(level: Level, at: datetime) -> Notification:
    """A notification of `level` that is never sent, to ask where one would go."""
    return Notification(key="sample", title="", level=level, url="", created_at=at)


def trial_notice(channel: str, at: datetime, address: str) -> Notice:
    """A message that says that it is a test, for `courtpulse routes test`."""
    return Notice(
        Kind.TEST,
        Notification(
            key=f"test-{channel}-{at:%Y%m%dT%H%M%S}",
            title="【测试】通道测试，无须处理",
            level=Level.BLUE,
            url=f"{address.rstrip('/')}/",
            created_at=at,
            facts=(("通道", channel), ("说明", "这是一条测试消息，不是预警。")),
        ),
    )

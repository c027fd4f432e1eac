"""From open alerts to channels: queue once per level and state, send at least once.

The key of a delivery is alert, levels and state, so queueing again changes nothing, and a receiver
that gets one twice (we were killed between its taking and our noting it) can drop the second. A
notification holds no post text, only figures and a link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.growth import span
from alerts.levels import WORDS, rank
from alerts.routes import Route
from domain.alerts import Alert, AlertState, Level, Notification
from domain.errors import NotifyFailure
from domain.time import SHANGHAI, Clock, system_clock
from records import Records
from records.deliveries import Delivery

#: Waits after the first failure and doubles up to the second [D].
BACK_OFF, BACK_OFF_MOST = timedelta(seconds=30), timedelta(hours=1)
#: Attempts until a delivery is dead: about 7 hours of trying [D].
ATTEMPTS = 14

_COLOURS = {Level.BLUE: "蓝", Level.YELLOW: "黄", Level.ORANGE: "橙", Level.RED: "红"}
_STATES = {AlertState.PROPOSED: "待确认", AlertState.CONFIRMED: "已确认"}


@dataclass(frozen=True, slots=True)
class SendReport:
    """Deliveries taken, to be tried again, given up."""

    sent: int
    failed: int
    dead: int


def queue(records: Records, routes: Sequence[Route], address: str) -> int:
    """Put what open alerts owe to `routes` into the outbox; returns how many are new.

    Args:
        address: where the pages are, e.g. "http://127.0.0.1:8080"; alerts are under /alerts/ID.
    """
    new = 0
    for alert in records.alerts.open():
        if alert.state not in _STATES:
            continue
        notification = compose(alert, records.cases.get(alert.case_id).title, address)
        for route in routes:
            if route.wants(notification.level):
                new += records.deliveries.put(notification, route.name)
    return new


def send_due(records: Records, routes: Sequence[Route], clock: Clock = system_clock) -> SendReport:
    """Send what is due. After a channel failed, the rest of what it is owed waits for its turn.

    A delivery the receiver refuses for good, or whose route is gone, is dead at once.
    """
    by_name = {route.name: route for route in routes}
    sent = failed = dead = 0
    down: set[str] = set()
    for delivery in records.deliveries.due():
        if delivery.channel in down:
            continue
        outcome = _deliver(records, by_name.get(delivery.channel), delivery, clock)
        sent, failed = sent + (outcome == "sent"), failed + (outcome == "waiting")
        dead += outcome == "dead"
        if outcome == "waiting":
            down.add(delivery.channel)
    return SendReport(sent, failed, dead)


def _deliver(records: Records, route: Route | None, delivery: Delivery, clock: Clock) -> str:
    key, channel = delivery.notification.key, delivery.channel
    if route is None:
        records.deliveries.mark(key, channel, "dead", error="no route has this name any more")
        return "dead"
    try:
        route.notifier.send(delivery.notification)
    except NotifyFailure as error:
        if not error.retryable or delivery.attempts + 1 >= ATTEMPTS:
            records.deliveries.mark(key, channel, "dead", error=str(error))
            return "dead"
        wait = min(BACK_OFF * 2**delivery.attempts, BACK_OFF_MOST)
        records.deliveries.mark(key, channel, "waiting", next_at=clock() + wait, error=str(error))
        return "waiting"
    records.deliveries.mark(key, channel, "sent")
    return "sent"


def revive(records: Records, clock: Clock = system_clock) -> int:
    """Give every dead delivery one more attempt, now; returns how many."""
    dead = records.deliveries.dead()
    for delivery in dead:
        records.deliveries.mark(
            delivery.notification.key, delivery.channel, "waiting", next_at=clock()
        )
    return len(dead)


def compose(alert: Alert, title: str, address: str) -> Notification:
    """What a channel says about `alert`.

    Its level is the higher of the proposed and the confirmed one: a route with a least level must
    hear of a proposal above what was confirmed, and of a confirmation above the proposal.
    """
    confirmed = alert.confirmed_level
    level = max(alert.level, confirmed or Level.BLUE, key=rank)
    stage = "-".join(
        (alert.state.value, alert.level.value, *([confirmed.value] if confirmed else []))
    )
    return Notification(
        key=f"{alert.id}-{stage}",
        title=f"【{WORDS[level]}·{_COLOURS[level]}】{title}",
        level=level,
        url=f"{address.rstrip('/')}/alerts/{alert.id}",
        created_at=alert.detected_at,
        facts=_facts(alert),
    )


def _facts(alert: Alert) -> tuple[tuple[str, str], ...]:
    why, score = alert.why, alert.why.score
    first = alert.first_published_at.astimezone(SHANGHAI)
    share = why.court_negative
    facts = [
        ("级别", f"建议 {WORDS[alert.level]}（{_STATES.get(alert.state, '已关闭')}）"),
        ("起始", f"{first:%m-%d %H:%M}"),
        (span(score.window), f"{score.observed} 人，平日 {score.expected:.1f}"),
        ("本轮", f"{why.posts} 帖，{why.authors} 人"),
        ("涉院负面", f"{share.k / share.n:.0%}（n={share.n}）" if share.n else "无涉院帖文（n=0）"),
        ("媒体", f"{why.media} 家"),
    ]
    if alert.confirmed_level:
        facts.insert(1, ("确认级别", WORDS[alert.confirmed_level]))
    if why.gaps:
        facts.append(("失联信息源", f"{len({gap.source for gap in why.gaps})} 个，数据不全"))
    return tuple(facts)

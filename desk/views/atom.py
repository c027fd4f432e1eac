"""The Atom feed of alerts (RFC 4287): stable ids, figures, a link; no text of a post.

Times are those of the alerts' own events, so the same state gives the same bytes and the same ETag.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.requests import Request
from starlette.responses import Response

from desk.services import Services
from desk.wording import LEVELS
from domain.alerts import Alert, AlertState
from domain.deletion import ExportKind
from domain.errors import NotFound
from domain.time import SHANGHAI

_ATOM = "http://www.w3.org/2005/Atom"
_SHOWN = 50
_STATES = {
    AlertState.PROPOSED: "待确认",
    AlertState.CONFIRMED: "已确认",
    AlertState.DISMISSED: "已驳回",
    AlertState.CLOSED: "已关闭",
}
#: Not allowed in XML 1.0, whatever the escaping.
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))


def answer(desk: Services, request: Request) -> Response:
    """The feed, or 304 when the asker has this very one. What leaves is entered, once a day."""
    alerts = desk.records.alerts.recent(_SHOWN)
    updated = {alert.id: _updated(desk, alert) for alert in alerts}
    newest = max(updated.values(), default=datetime(1970, 1, 1, tzinfo=UTC))
    body = _feed(desk, alerts, updated, newest, str(request.base_url).rstrip("/"))
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {
        "etag": tag,
        "last-modified": format_datetime(newest.replace(microsecond=0), usegmt=True),
        "cache-control": "private, no-cache",
    }
    if _has_it(request, tag, newest):
        return Response(status_code=304, headers=headers)
    posts = {piece.post_id for alert in alerts for piece in alert.why.evidence}
    day = f"{desk.clock().astimezone(SHANGHAI):%Y-%m-%d}"
    desk.records.exports.enter(ExportKind.FEED, request.url.path, day, posts)
    return Response(body, media_type="application/atom+xml; charset=utf-8", headers=headers)


def _has_it(request: Request, tag: str, newest: datetime) -> bool:
    """RFC 9110 §13: with a tag, the date isn't looked at."""
    if tags := request.headers.get("if-none-match"):
        known = {one.strip().removeprefix("W/") for one in tags.split(",")}
        return tag in known or "*" in known
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return newest.replace(microsecond=0) <= since.replace(tzinfo=since.tzinfo or UTC)


def _updated(desk: Services, alert: Alert) -> datetime:
    """When the newest event of an alert was."""
    return max(
        (event.at for event in desk.records.alerts.history(alert.id)), default=alert.detected_at
    )


def _feed(
    desk: Services,
    alerts: list[Alert],
    updated: dict[str, datetime],
    newest: datetime,
    base: str,
) -> bytes:
    feed = Element("feed", xmlns=_ATOM)
    feed.set("xml:lang", "zh-CN")
    _text(feed, "id", uuid5(NAMESPACE_URL, f"courtpulse:{desk.court_name}").urn)
    _text(feed, "title", f"{desk.court_name} 舆情预警")
    _text(feed, "updated", newest.isoformat())
    SubElement(feed, "link", rel="self", href=f"{base}/alerts.atom")
    SubElement(feed, "link", rel="alternate", href=f"{base}/")
    _text(SubElement(feed, "author"), "name", desk.court_name)
    for alert in alerts:
        entry = SubElement(feed, "entry")
        level = LEVELS[alert.confirmed_level or alert.level][0]
        _text(entry, "id", uuid5(NAMESPACE_URL, f"courtpulse:alert:{alert.id}").urn)
        _text(entry, "title", f"【{level}】{_title(desk, alert)}（{_STATES[alert.state]}）")
        _text(entry, "updated", updated[alert.id].isoformat())
        _text(entry, "published", alert.detected_at.isoformat())
        SubElement(entry, "link", rel="alternate", href=f"{base}/alerts/{alert.id}")
        SubElement(entry, "category", term=alert.level.value)
        _text(entry, "summary", _summary(alert))
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + bytes(tostring(feed, "utf-8"))


def _title(desk: Services, alert: Alert) -> str:
    try:
        return desk.records.cases.get(alert.case_id).title
    except NotFound:
        return alert.case_id


def _summary(alert: Alert) -> str:
    why, share = alert.why, alert.why.court_negative
    first = alert.first_published_at.astimezone(SHANGHAI)
    rate = f"{share.k / share.n:.0%}（n={share.n}）" if share.n else "无涉院帖文（n=0）"
    return (
        f"{first:%m-%d %H:%M} 起 {why.posts} 帖（{why.authors} 人），"
        f"去重 {why.distinct} 帖；涉院负面 {rate}；媒体 {why.media} 家"
        + (f"；{len({gap.source for gap in why.gaps})} 个信息源失联，数据不全" if why.gaps else "")
    )


def _text(parent: Element, name: str, words: str) -> None:
    SubElement(parent, name).text = words.translate(_CONTROLS)

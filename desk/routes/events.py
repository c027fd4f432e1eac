"""What changes, as server-sent events: alert lines and the strip of sources."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter
from sqlalchemy.exc import OperationalError
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from desk.deps import Desk, Html
from desk.pages import Pages
from desk.services import Services
from desk.views import feed
from domain.errors import CourtpulseError
from records.alerts import AlertEvent

router = APIRouter()

#: Proxies and browsers drop a silent connection after about 30 s.
_HEARTBEAT = 15
#: How often the strip is compared; a blind source shows within this time.
_STRIP = timedelta(seconds=5)
#: A browser that lost us tries again after this many milliseconds.
_RETRY = 2_000


@router.get("/events")
async def stream(request: Request, desk: Desk, html: Html, after: str = "") -> Response:
    """Events newer than Last-Event-ID (after a lost connection) or `after` (from the page)."""
    given = request.headers.get("last-event-id") or after
    start = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None
    if start is None:
        start = await run_sync(desk.records.alerts.last_event_id)
    return EventSourceResponse(
        _events(desk, html, start), ping=_HEARTBEAT, headers={"cache-control": "no-store"}
    )


async def _events(desk: Services, html: Pages, position: int) -> AsyncIterator[ServerSentEvent]:
    strip, checked = "", None
    yield ServerSentEvent(comment="connected", retry=_RETRY)
    while True:
        try:
            for event in await run_sync(desk.records.alerts.events_after, position):
                position = event.id
                yield await run_sync(_alert_event, desk, html, event)
            now = desk.clock()
            if checked is None or now - checked >= _STRIP:
                checked, fresh = now, await run_sync(_strip, desk, html)
                if fresh != strip:
                    strip = fresh
                    yield ServerSentEvent(event="sources", data=json.dumps({"html": fresh}))
        except (CourtpulseError, OperationalError):
            # The page says that it is not live instead of looking calm.
            yield ServerSentEvent(event="trouble", data="{}")
        await anyio.sleep(desk.poll_seconds)


def _alert_event(desk: Services, html: Pages, event: AlertEvent) -> ServerSentEvent:
    alert = desk.records.alerts.get(event.alert_id)
    [line] = feed.lines(desk, [alert])
    data = {
        "alert": alert.id,
        "kind": event.kind,
        "title": line.title,
        "level": f"{line.level.colour}（{line.level.word}）",
        "html": html.text("part_line.html", line=line),
    }
    return ServerSentEvent(event="alert", id=str(event.id), data=json.dumps(data))


def _strip(desk: Services, html: Pages) -> str:
    return html.text("part_strip.html", strip=feed.strip(desk))

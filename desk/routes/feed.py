"""The feed, and marking it as read."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.deps import Desk, Html, Submitted
from desk.views import evidence, feed
from domain.errors import BadInput
from domain.time import as_utc

router = APIRouter()
#: What the open alerts can be grouped by.
GROUPS = {"court": "按法院", "event": "按事件", "case": "按案件"}


@router.get("/")
def show(request: Request, desk: Desk, html: Html, by: str = "") -> Response:
    """舆情预警: open alerts, closed ones, sources, talk that belongs to no case.

    With `by` (court, event or case) the open ones in groups; that view isn't live.
    """
    # Read before the lines: an event in between is sent again, never lost.
    last_event = desk.records.alerts.last_event_id()
    opened, closed = feed.split(desk)
    return html.page(
        request,
        "feed.html",
        now=desk.clock(),
        last_event=last_event,
        opened=opened,
        by=by if by in GROUPS else "",
        groups=feed.grouped(desk, opened, by) if by in GROUPS else [],
        group_words=GROUPS,
        closed=closed,
        strip=feed.strip(desk),
        summary=feed.summary(desk),
        since_last=feed.since_last(desk),
        unlinked=evidence.unlinked(desk),
    )


@router.post("/seen")
def mark_seen(desk: Desk, form: Submitted) -> Response:
    """Mark the feed as read up to when the page was made, not to now: nothing new is skipped."""
    try:
        moment = as_utc(datetime.fromisoformat(form.text("at")))
    except ValueError as error:
        raise BadInput("时间无法识别", remedy="刷新页面后再点一次") from error
    desk.records.marks.see(desk.viewer, min(moment, desk.clock()))
    return RedirectResponse("/", 303)

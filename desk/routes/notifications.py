"""What was sent to whom and what wasn't taken; and the feed any reader can follow."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.deps import Desk, Html, Submitted
from desk.views import atom

router = APIRouter()
_SHOWN = 100


@router.get("/notifications")
def index(request: Request, desk: Desk, html: Html) -> Response:
    """通知: given up, waiting, sent."""
    deliveries = desk.records.deliveries
    return html.page(
        request,
        "notifications.html",
        tally=deliveries.tally(),
        dead=deliveries.listed("dead", limit=_SHOWN),
        waiting=deliveries.listed("waiting", "sending", limit=_SHOWN),
        sent=deliveries.listed("sent", limit=_SHOWN),
    )


@router.post("/notifications/resend")
def resend(desk: Desk, form: Submitted) -> Response:
    """Try a delivery that was given up again, or all of them; the next run sends it."""
    key, channel = form.text("key"), form.text("channel")
    desk.records.deliveries.revive([(key, channel)] if key else None)
    return RedirectResponse("/notifications", 303)


@router.get("/alerts.atom")
def feed(request: Request, desk: Desk) -> Response:
    """The newest alerts as Atom, without any post's text; answers 304 to who has them."""
    return atom.answer(desk, request)

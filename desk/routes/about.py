"""What the system doesn't do, its health, and its static files."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from desk.assets import Assets
from desk.deps import Desk, Html
from domain.errors import StoreFailure
from domain.protocols import Query
from domain.sources import Health

router = APIRouter()


@router.get("/about")
def about(request: Request, html: Html) -> Response:
    """本系统不做什么."""
    return html.page(request, "about.html")


@router.get("/health")
def health(desk: Desk) -> Response:
    """Index, records and blind sources; 503 when a page could not be made. Blindness is no fault
    of the desk, so it is listed and answered with 200."""
    state: dict[str, object] = {"index": "ok", "records": "ok"}
    try:
        state["posts"] = desk.store.total(Query())
    except StoreFailure as error:
        state["index"] = error.problem
    try:
        statuses = desk.records.runs.statuses()
        state["sources"] = len(statuses)
        state["blind"] = [one.source for one in statuses if one.health is Health.BLIND]
        state["late"] = [one.source for one in statuses if one.health is Health.LATE]
    except OperationalError:
        # Its text may hold the address of the database.
        state["records"] = "the records database does not answer"
    healthy = state["index"] == "ok" and state["records"] == "ok"
    return JSONResponse(state, 200 if healthy else 503)


@router.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """Our own files; the name carries the hash, so a browser may keep them for a year."""
    assets: Assets = request.app.state.assets
    found = assets.get(name)
    return Response(
        found.body,
        media_type=found.media_type,
        headers={"cache-control": "public, max-age=31536000, immutable"},
    )

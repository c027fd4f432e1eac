"""The ledger of sources: what is read, on what footing, and when we were blind."""

from __future__ import annotations

from datetime import datetime, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.deps import Desk, Html
from desk.services import Services
from desk.views.feed import source_sign
from desk.views.overlap import overlap_lines
from domain.protocols import Query

router = APIRouter()
_GAPS_SHOWN = timedelta(days=7)
_RUNS_SHOWN = 40


@router.get("/sources")
def index(request: Request, desk: Desk, html: Html) -> Response:
    """信息源台账."""
    now = desk.clock()
    statuses = desk.records.runs.statuses()
    newest = {status.source: _newest(desk, status.source) for status in statuses}
    gaps = sorted(
        desk.records.runs.gaps(now - _GAPS_SHOWN, now), key=lambda gap: gap.start, reverse=True
    )
    return html.page(
        request,
        "sources.html",
        sources=[(status, source_sign(status, now), newest[status.source]) for status in statuses],
        basis=desk.source_basis,
        names={status.source: status.title for status in statuses},
        gaps=gaps,
        runs=desk.records.runs.runs(limit=_RUNS_SHOWN),
        overlaps=overlap_lines(
            desk.records.captures.between(now - _GAPS_SHOWN, now),
            {status.source: status.title for status in statuses},
        ),
    )


def _newest(desk: Services, source: str) -> datetime | None:
    """Publication time of the source's newest post in the index."""
    posts = desk.store.search(Query(sources=(source,)), limit=1).posts
    return posts[0].post.published_at if posts else None

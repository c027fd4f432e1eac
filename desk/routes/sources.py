"""The ledger of sources: what is read, on what footing, and when we were blind."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.deps import Desk, Html
from desk.ledger_sheet import ledger_csv
from desk.views import ledger
from desk.views.crosscheck import cross_check_lines
from desk.views.hours import SIGNS
from desk.wording import PLATFORMS
from domain.overlap import overlap_lines
from domain.time import SHANGHAI

router = APIRouter()
_GAPS_SHOWN = timedelta(days=7)
_RUNS_SHOWN = 40
_PLATFORMS = {platform.value: word for platform, word in PLATFORMS.items()}


@router.get("/sources")
def index(request: Request, desk: Desk, html: Html) -> Response:
    """信息源台账."""
    now = desk.clock()
    statuses = desk.records.runs.statuses()
    gaps = sorted(
        desk.records.runs.gaps(now - _GAPS_SHOWN, now), key=lambda gap: gap.start, reverse=True
    )
    return html.page(
        request,
        "sources.html",
        ledger=ledger.lines(desk),
        verdicts=ledger.VERDICTS,
        platforms=_PLATFORMS,
        names={status.source: status.title for status in statuses},
        gaps=gaps,
        runs=desk.records.runs.runs(limit=_RUNS_SHOWN),
        cross_checks=cross_check_lines(desk.records.cross_checks.all()),
        overlaps=overlap_lines(
            desk.records.captures.between(now - _GAPS_SHOWN, now),
            {status.source: status.title for status in statuses},
        ),
    )


@router.get("/sources.csv")
def sheet(desk: Desk) -> Response:
    """The ledger as a file."""
    day = desk.clock().astimezone(SHANGHAI)
    name = quote(f"{desk.court_name}-信息源台账-{day:%Y%m%d}.csv")
    return Response(
        ledger_csv(desk),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@router.get("/sources/{source}")
def show(request: Request, desk: Desk, html: Html, source: str) -> Response:
    """One source: its footing now and before, its week by hours, what was told of it."""
    return html.page(
        request,
        "source.html",
        page=ledger.page(desk, source),
        verdicts=ledger.VERDICTS,
        fields=ledger.FIELDS,
        changes=ledger.CHANGES,
        signs=tuple(SIGNS.values()),
        platforms=_PLATFORMS,
        runs=desk.records.runs.runs(source, limit=_RUNS_SHOWN),
    )

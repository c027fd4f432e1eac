"""运行与删除: how intake stands, what waits in the quarantine, what was deleted and is to recall."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.deps import Desk, Html, Submitted
from desk.forms import done

router = APIRouter()
_SHOWN = 50
_COUNTED = timedelta(days=30)


@router.get("/operations")
def index(request: Request, desk: Desk, html: Html) -> Response:
    """Intake, quarantine, deletions, exports."""
    now, records = desk.clock(), desk.records
    return html.page(
        request,
        "operations.html",
        intake=desk.intake.state() if desk.intake else None,
        rejects=desk.intake.rejects() if desk.intake else (),
        names={status.source: status.title for status in records.runs.statuses()},
        recall=records.exports.to_recall(),
        deletions=records.deletions.recent(_SHOWN),
        tally=records.deletions.tally(now - _COUNTED, now + timedelta(seconds=1)),
    )


@router.post("/operations/exports/{export_id}/settle")
def settle(desk: Desk, form: Submitted, export_id: int) -> Response:
    """Somebody recalled or replaced what rests on deleted posts."""
    desk.records.exports.settle(export_id, form.by)
    return done("/operations", form.by)

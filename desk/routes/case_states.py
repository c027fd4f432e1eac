"""Closing, archiving and taking up a case again: each asks who and why."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.responses import Response

from desk.deps import Desk, Submitted
from desk.forms import done
from desk.views.case import note_back_fill
from records.archiving import archive_case

router = APIRouter()


@router.post("/cases/{case_id}/close")
def close(desk: Desk, form: Submitted, case_id: str) -> Response:
    """Close a case; for the days of a relapse its posts still count. Taken back by `reopen`."""
    counted = timedelta(days=desk.rules.relapse_days())
    desk.records.case_states.close(case_id, form.by, form.text("reason"), counted)
    return done(f"/cases/{case_id}", form.by)


@router.post("/cases/{case_id}/reopen")
def reopen(desk: Desk, form: Submitted, case_id: str) -> Response:
    """Take closing back."""
    desk.records.case_states.reopen(case_id, form.by, form.text("reason"))
    return done(f"/cases/{case_id}", form.by)


@router.post("/cases/{case_id}/archive")
def archive(desk: Desk, form: Submitted, case_id: str) -> Response:
    """Stop counting and end the open alerts; taken back by `resume`."""
    archive_case(desk.records, case_id, form.by, form.text("reason"))
    return done(f"/cases/{case_id}", form.by)


@router.post("/cases/{case_id}/resume")
def resume(desk: Desk, form: Submitted, case_id: str) -> Response:
    """Watch again, or at last; what was missed is linked as for a new case."""
    case = desk.records.case_states.resume(case_id, form.by, form.text("reason"))
    note_back_fill(desk, case, desk.watcher.watch(case))
    return done(f"/cases/{case_id}", form.by)

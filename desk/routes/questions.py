"""The posts behind one focus question."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.deps import Desk, Html
from desk.views import chart, evidence, questions

router = APIRouter()


@router.get("/cases/{case_id}/question")
def show(
    request: Request,
    desk: Desk,
    html: Html,
    case_id: str,
    wording: str,
    span: str = "24h",
    alert: str = "",
) -> Response:
    """Posts that raise it within an alert's window, or within the last `span`."""
    case = desk.records.cases.get(case_id)
    until = desk.clock()
    since = until - chart.SPANS.get(span, chart.SPANS["24h"])[1]
    if alert:
        since, until = questions.window_of(desk.records.alerts.get(alert))
    found, posts = questions.behind(desk, case, wording, since, until)
    return html.page(
        request,
        "question.html",
        case=case,
        words=wording,
        question=found,
        start=since,
        end=until,
        back=f"/alerts/{alert}" if alert else f"/cases/{case_id}",
        posts=evidence.views(desk, posts, case_id=case.id),
    )

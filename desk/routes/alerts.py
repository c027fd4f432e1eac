"""One alert and what a person does with it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk.deps import Desk, Drawn, Html, Submitted
from desk.forms import Form
from desk.services import Services
from desk.views import alert as view
from desk.views import chart
from desk.views.feed import is_open, lines
from domain.alerts import Level
from domain.errors import BadInput

router = APIRouter(prefix="/alerts/{alert_id}")


@router.get("")
def show(request: Request, desk: Desk, html: Html, drawn: Drawn, alert_id: str) -> Response:
    """Reasons left, evidence right, actions below."""
    alert = desk.records.alerts.get(alert_id)
    case = desk.records.cases.get(alert.case_id)
    [line] = lines(desk, [alert])
    return html.page(
        request,
        "alert.html",
        alert=alert,
        case=case,
        line=line,
        open=is_open(alert),
        levels=list(Level),
        reasons=view.reasons(desk, alert),
        evidence=view.posts(desk, alert),
        course=drawn.of_alert(alert, case),
        history=desk.records.alerts.history(alert_id),
    )


@router.get("/chart.json")
def chart_data(desk: Desk, drawn: Drawn, alert_id: str) -> dict[str, Any]:
    """The chart's specification with its data."""
    return chart.specification(_course(desk, drawn, alert_id))


@router.get("/chart.svg")
def chart_picture(desk: Desk, drawn: Drawn, alert_id: str) -> Response:
    """The chart drawn here, for browsers without JavaScript."""
    return svg(drawn.picture(_course(desk, drawn, alert_id)))


@router.post("/confirm")
def confirm(desk: Desk, form: Submitted, alert_id: str) -> Response:
    """A person's level; another than the proposed one needs a reason."""
    try:
        level = Level(form.text("level"))
    except ValueError as error:
        raise BadInput("没有这个级别", remedy="从列表中选择") from error
    alert = desk.records.alerts.get(alert_id)
    reason = form.text("reason")
    if level is not alert.level and not reason:
        raise BadInput("改动系统建议的级别要说明理由", remedy="在级别旁写一句理由")
    desk.records.alerts.confirm(alert_id, level, reason)
    return _back(alert_id)


@router.post("/acknowledge")
def acknowledge(desk: Desk, form: Submitted, alert_id: str) -> Response:
    """Somebody looks after it."""
    del form  # read for its token
    desk.records.alerts.acknowledge(alert_id)
    return _back(alert_id)


@router.post("/dismiss")
def dismiss(desk: Desk, form: Submitted, alert_id: str) -> Response:
    """Not an alert, because …"""
    desk.records.alerts.dismiss(alert_id, _reason(form, "驳回"))
    return _back(alert_id)


@router.post("/reopen")
def reopen(desk: Desk, form: Submitted, alert_id: str) -> Response:
    """Back to the open ones, because …"""
    desk.records.alerts.reopen(alert_id, _reason(form, "重新打开"))
    return _back(alert_id)


@router.post("/close")
def close(desk: Desk, form: Submitted, alert_id: str) -> Response:
    """The episode is over, because …"""
    desk.records.alerts.close(alert_id, _reason(form, "关闭"))
    return _back(alert_id)


def svg(text: str) -> Response:
    """An SVG answer that can't do anything but be looked at."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return Response(text, media_type="image/svg+xml", headers={"content-security-policy": policy})


def _course(desk: Services, drawn: chart.Courses, alert_id: str) -> chart.Course:
    alert = desk.records.alerts.get(alert_id)
    return drawn.of_alert(alert, desk.records.cases.get(alert.case_id))


def _reason(form: Form, act: str) -> str:
    reason = form.text("reason")
    if not reason:
        raise BadInput(f"{act}要说明理由", remedy="写一句理由，以后能看懂为什么")
    return reason


def _back(alert_id: str) -> Response:
    return RedirectResponse(f"/alerts/{alert_id}", 303)

"""One alert and what a person does with it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.deps import Desk, Drawn, Html, Submitted
from desk.forms import Form, done
from desk.services import Services
from desk.views import alert as view
from desk.views import basis, chart, standing
from desk.views.feed import is_open, lines
from domain.alerts import Fact, Level
from domain.errors import BadInput
from domain.policy import ActKind

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
        basis=basis.of_alert(desk, alert),
        travelled=view.travelled(desk, alert),
        course=drawn.of_alert(alert, case, standing.chart_acts(desk, alert, case)),
        history=desk.records.alerts.history(alert_id),
        policy=standing.of(desk, alert, case),
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
    desk.records.alerts.confirm(alert_id, level, reason, form.by)
    return _back(alert_id, form)


@router.post("/acknowledge")
def acknowledge(desk: Desk, form: Submitted, alert_id: str) -> Response:
    """Somebody looks after it."""
    desk.records.alerts.acknowledge(alert_id, form.by)
    return _back(alert_id, form)


@router.post("/dismiss")
def dismiss(desk: Desk, form: Submitted, alert_id: str) -> Response:
    """Not an alert, because …"""
    desk.records.alerts.dismiss(alert_id, _reason(form, "驳回"), form.by)
    return _back(alert_id, form)


@router.post("/reopen")
def reopen(desk: Desk, form: Submitted, alert_id: str) -> Response:
    """Back to the open ones, because …"""
    desk.records.alerts.reopen(alert_id, _reason(form, "重新打开"), form.by)
    return _back(alert_id, form)


@router.post("/close")
def close(desk: Desk, form: Submitted, alert_id: str) -> Response:
    """The episode is over, because …"""
    desk.records.alerts.close(alert_id, _reason(form, "关闭"), form.by)
    return _back(alert_id, form)


@router.post("/flag")
def flag(desk: Desk, form: Submitted, alert_id: str) -> Response:
    """A fact behind a ★ line is so, isn't, or an earlier word on it is withdrawn."""
    try:
        fact, value = Fact(form.text("fact")), _SAYS[form.text("says")]
    except (ValueError, KeyError) as error:
        raise BadInput("没有这个事实或判断", remedy="从页面上的按钮选择") from error
    desk.records.alerts.get(alert_id)
    desk.records.flags.mark(alert_id, fact, value, form.by, form.text("reason"))
    return _back(alert_id, form)


@router.post("/acts")
def act(desk: Desk, form: Submitted, alert_id: str) -> Response:
    """Something the court did; it stops the clocks it answers and is marked on the chart."""
    try:
        kind = ActKind(form.text("kind"))
    except ValueError as error:
        raise BadInput("没有这种动作", remedy="从列表中选择") from error
    desk.records.alerts.get(alert_id)
    at = form.moment("at") if form.text("at") else None
    desk.records.acts.add(alert_id, kind, form.by, form.text("note"), at)
    return _back(alert_id, form)


@router.post("/acts/{act_id}/withdraw")
def withdraw(desk: Desk, form: Submitted, alert_id: str, act_id: int) -> Response:
    """It was entered by mistake."""
    desk.records.acts.withdraw(alert_id, act_id, form.by)
    return _back(alert_id, form)


def svg(text: str) -> Response:
    """An SVG answer that can't do anything but be looked at."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return Response(text, media_type="image/svg+xml", headers={"content-security-policy": policy})


def _course(desk: Services, drawn: chart.Courses, alert_id: str) -> chart.Course:
    alert = desk.records.alerts.get(alert_id)
    case = desk.records.cases.get(alert.case_id)
    return drawn.of_alert(alert, case, standing.chart_acts(desk, alert, case))


def _reason(form: Form, act: str) -> str:
    reason = form.text("reason")
    if not reason:
        raise BadInput(f"{act}要说明理由", remedy="写一句理由，以后能看懂为什么")
    return reason


def _back(alert_id: str, form: Form) -> Response:
    return done(f"/alerts/{alert_id}", form.by)


_SAYS = {"yes": True, "no": False, "withdraw": None}

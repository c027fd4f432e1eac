"""Settings of the alert policy, to be read; silences and threshold steps, to be acted on."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.deps import Desk, Html, Submitted
from desk.faults import Said, said
from desk.forms import Form, done
from desk.services import Services
from desk.views import feed
from desk.wording import LEVELS
from domain.errors import BadInput
from domain.policy import SilenceScope
from records.precision import precision

router = APIRouter()
_WEEKS = 8
_WEEK = timedelta(days=7)
#: What a silence may last, in hours, as the form offers it.
HOURS = {1: "1 小时", 4: "4 小时", 12: "12 小时", 24: "1 天", 72: "3 天", 168: "7 天"}


@router.get("/settings")
def levels(request: Request, desk: Desk, html: Html) -> Response:
    """Level table, facts, clocks, mutes, escalation."""
    return html.page(
        request, "settings.html", tables=desk.rules.tables("levels"), head="级别与时限"
    )


@router.get("/settings/routes")
def routes(request: Request, desk: Desk, html: Html) -> Response:
    """Routes, duty roster, people and channels."""
    return html.page(
        request, "settings.html", tables=desk.rules.tables("routes"), head="路由与值班"
    )


@router.get("/settings/budget")
def budget(request: Request, desk: Desk, html: Html) -> Response:
    """What the budget of false alerts means, courts' thresholds and what moved them, precision."""
    now = desk.clock()
    return html.page(
        request,
        "budget.html",
        tables=desk.rules.tables("budget"),
        thresholds=desk.rules.thresholds(),
        titles=_titles(desk),
        weeks=[
            precision(desk.records, now - (ago + 1) * _WEEK, now - ago * _WEEK)
            for ago in range(_WEEKS)
        ],
    )


@router.post("/settings/budget/{step_id}/undo")
def undo(desk: Desk, form: Submitted, step_id: int) -> Response:
    """Let one step no longer count; the decision on its alert stands."""
    desk.records.steps.undo(step_id, form.by)
    return done("/settings/budget", form.by)


@router.get("/silences")
def silences(
    request: Request, desk: Desk, html: Html, scope: str = "", value: str = ""
) -> Response:
    """Silences, and a form for a new one, filled from where one came."""
    return _silences(request, desk, html, Form({"scope": scope, "value": value}))


@router.post("/silences")
def silence(request: Request, desk: Desk, html: Html, form: Submitted) -> Response:
    """Make a silence; what the form got wrong is said beside what was typed."""
    try:
        scope, value = _covered(desk, form)
        hours = int(form.text("hours"))
        if hours not in HOURS:
            raise ValueError(hours)
        until = desk.clock() + timedelta(hours=hours)
        desk.records.silences.add(scope, value, form.text("reason"), form.by, until)
    except ValueError:
        error = BadInput("没有选范围或时长", remedy="从列表中选择")
        return _silences(request, desk, html, form, said(error))
    except BadInput as error:
        return _silences(request, desk, html, form, said(error))
    return done("/silences", form.by)


@router.post("/silences/{silence_id}/end")
def end(desk: Desk, form: Submitted, silence_id: int) -> Response:
    """End a silence now."""
    desk.records.silences.end(silence_id, form.by)
    return done("/silences", form.by)


def _covered(desk: Services, form: Form) -> tuple[SilenceScope, str]:
    """Scope and value of the form; a value that means nothing would silence nothing, unseen."""
    scope, value = SilenceScope(form.text("scope")), form.text("value")
    if value not in dict(_choices(desk)[scope.value]):
        raise BadInput("这个范围里没有所选的对象", remedy="从列表中选择")
    return scope, value


def _choices(desk: Services) -> dict[str, list[tuple[str, str]]]:
    """Scope → (value, words) that can be silenced."""
    cases = desk.records.cases.all()
    return {
        "case": [(case.id, case.title) for case in cases],
        "court": [(court, court) for court in sorted({case.court for case in cases})],
        "topic": [(topic.id, topic.zh) for topic in desk.topics.values()],
        "level": [(level.value, "".join(words)) for level, words in LEVELS.items()],
    }


def _silences(
    request: Request, desk: Desk, html: Html, form: Form, error: Said | None = None
) -> Response:
    now, choices = desk.clock(), _choices(desk)
    known = {scope: dict(pairs) for scope, pairs in choices.items()}
    every = desk.records.silences.recent()
    mutes = desk.rules.mutes()
    opened, _ = feed.split(desk)
    return html.page(
        request,
        "silences.html",
        status=422 if error else 200,
        error=error,
        filled=form,
        choices=choices,
        hours=HOURS,
        known=known,
        active=[one for one in every if one.active(now)],
        over=[one for one in every if not one.active(now)],
        muted=[(line, mutes[line.alert.id]) for line in opened if line.alert.id in mutes],
    )


def _titles(desk: Services) -> dict[str, str]:
    """Alert → title of its case, for the steps that alerts made."""
    cases = {case.id: case.title for case in desk.records.cases.all(archived=True)}
    moved = {move.step.alert_id for one in desk.rules.thresholds() for move in one.moves}
    found = {}
    for alert_id in moved:
        alert = desk.records.alerts.get(alert_id)
        found[alert_id] = cases.get(alert.case_id, alert.case_id)
    return found

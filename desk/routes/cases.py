"""Cases: the list, one case, watching a new one from any phrase."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from desk import case_form, proposal
from desk.deps import Desk, Drawn, Html, Submitted
from desk.forms import done
from desk.routes.alerts import svg
from desk.routes.posts import choices
from desk.services import Services
from desk.views import basis, chart, evidence, questions, registry, search, spread
from desk.views.case import back_fill, note_back_fill, numbers
from desk.views.sampled import wholes
from domain.candidates import CandidateState
from domain.cases import Case
from domain.errors import BadInput, ConfigurationError
from domain.openness import check_link
from domain.protocols import Query
from domain.registry import CaseAct, KeyDateKind

router = APIRouter()
_DAY = timedelta(days=1)


@router.get("/cases")
def index(
    request: Request, desk: Desk, html: Html, family: str = "", words: str = "", page: int = 1
) -> Response:
    """Counted cases with the last day's counts, busiest first; below the others of the registry."""
    now = desk.clock()
    last_day = Query(since=now - _DAY, until=now, linked=True)
    counts = desk.store.counts(last_day, ["case"], distinct=True)
    return html.page(
        request,
        "cases.html",
        listing=registry.listing(
            desk, family, words, page, {count.key[0]: count for count in counts}
        ),
        day={count.key[0]: count for count in counts},
        wholes=wholes(desk, last_day),
        alerts={alert.case_id: alert for alert in reversed(desk.records.alerts.open())},
        candidates=desk.records.candidates.count((CandidateState.OPEN,)),
        waiting=desk.records.key_dates.waiting(20),
    )


@router.get("/cases/{case_id}")
def show(
    request: Request, desk: Desk, html: Html, drawn: Drawn, case_id: str, span: str = "24h"
) -> Response:
    """Chart, counts, formula and posts of one case."""
    case = desk.records.cases.get(case_id)
    asked = search.read(request.query_params, case_id)
    found = desk.store.search(asked.query, limit=search.PAGE, offset=asked.offset)
    return html.page(
        request,
        "case.html",
        case=case,
        span=span if span in chart.SPANS else "24h",
        spans=chart.SPANS,
        course=drawn.of_case(case, span),
        numbers=numbers(desk, case),
        back_fill=back_fill(desk, case),
        relapse_days=desk.rules.relapse_days(),
        course_of=registry.course(desk, case),
        date_kinds=[kind.value for kind in KeyDateKind],
        asking=_asking(desk, case, span),
        travelled=_travelled(desk, case, span),
        basis=basis.of_case(desk, case, desk.clock() - _length(span), desk.clock()),
        alerts=desk.records.alerts.recent(20, case_id),
        asked=asked,
        total=found.total,
        distinct=search.distinct(desk, asked, found.total),
        posts=evidence.views(desk, found.posts, case_id=case.id),
        action=f"/cases/{case_id}",
        page_size=search.PAGE,
        **choices(desk),
    )


def _asking(desk: Services, case: Case, span: str) -> questions.Asked:
    now = desk.clock()
    return questions.asked(desk, case, now - _length(span), now)


def _travelled(desk: Services, case: Case, span: str) -> spread.SpreadView:
    now = desk.clock()
    return spread.view(desk, Query(cases=(case.id,), since=now - _length(span), until=now))


def _length(span: str) -> timedelta:
    return chart.SPANS.get(span, chart.SPANS["24h"])[1]


@router.get("/cases/{case_id}/chart.json")
def chart_data(desk: Desk, drawn: Drawn, case_id: str, span: str = "24h") -> dict[str, Any]:
    """The chart's specification with its data."""
    return chart.specification(drawn.of_case(desk.records.cases.get(case_id), span))


@router.get("/cases/{case_id}/chart.svg")
def chart_picture(desk: Desk, drawn: Drawn, case_id: str, span: str = "24h") -> Response:
    """The chart drawn here, for browsers without JavaScript."""
    return svg(drawn.picture(drawn.of_case(desk.records.cases.get(case_id), span)))


@router.get("/watch")
def propose(
    request: Request, desk: Desk, html: Html, phrase: str = "", candidate: str = ""
) -> Response:
    """A case proposed from a phrase or a candidate, to be looked at and sent."""
    if candidate:
        suggestion = desk.records.candidates.get(candidate).suggestion
        filled = proposal.of_suggestion(suggestion, desk.court_name)
    else:
        filled = (
            proposal.propose(phrase, desk.court_name) if phrase.strip() else proposal.Proposal()
        )
    return _form(request, desk, html, filled, candidate=candidate)


@router.post("/watch")
def watch(request: Request, desk: Desk, html: Html, form: Submitted) -> Response:
    """Start watching; what the form got wrong is said beside what was typed."""
    filled, candidate = proposal.read(form), form.text("candidate")
    by = form.text("by")
    try:
        case = proposal.make_case(filled, desk.clock())
        case = replace(case, links=tuple(check_link(line) for line in filled.links))
        case = _known(desk, case)
        if candidate:
            by = form.by
            desk.records.candidates.free(candidate, case.id)
        found = desk.watcher.watch(case)
        note_back_fill(desk, case, found)
    except (BadInput, ConfigurationError) as error:
        return _form(request, desk, html, filled, error, candidate)
    if not desk.records.cases.history(case.id):
        desk.records.cases.note(
            case.id,
            CaseAct.WATCHED,
            by or "未写姓名",
            f"开始关注，回溯到 {found.linked} 帖",
            desk.clock(),
        )
    if candidate:
        desk.records.candidates.accept(candidate, case.id, by)
    return done(f"/cases/{case.id}", by) if by else RedirectResponse(f"/cases/{case.id}", 303)


def _known(desk: Services, case: Case) -> Case:
    """The case as it stands where the same form made it before: what changed since isn't undone.

    Raises:
        BadInput: it isn't watched any more.
    """
    held = desk.records.cases.some([case.id]).get(case.id)
    if held is not None and not held.counted:
        raise BadInput(f"“{held.title}”已经在册，现在没有关注", remedy="在它的案件页恢复关注")
    return held or case


def _form(
    request: Request,
    desk: Services,
    html: Html,
    filled: proposal.Proposal,
    error: BadInput | ConfigurationError | None = None,
    candidate: str = "",
) -> Response:
    already = _already(desk, filled)
    return case_form.show(request, html, filled, error, already=already, candidate=candidate)


def _already(desk: Services, filled: proposal.Proposal) -> list[tuple[str, str]]:
    """Watched cases with one of the numbers or aliases: perhaps nobody needs a second one."""
    words = {*filled.numbers, *filled.aliases, filled.title}
    return [
        (case.id, case.title)
        for case in desk.records.cases.all()
        if words & {*case.numbers, *case.aliases, case.title}
    ]

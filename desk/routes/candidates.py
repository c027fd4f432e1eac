"""待确认案件: candidates to accept, merge or refuse. Accepting goes through the form of a new case."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.deps import Desk, Html, Submitted
from desk.forms import done
from desk.services import Services
from desk.views import evidence
from desk.views.case import note_back_fill
from desk.views.feed import titles
from domain.candidates import Candidate, CandidateState, Suggestion
from domain.cases import Case, MatchFormula
from domain.errors import BadInput, NotAllowed
from domain.registry import CaseAct

router = APIRouter()
#: Open candidates on the page, and example posts of each.
_SHOWN, _EXAMPLES = 50, 3


@router.get("/candidates")
def index(request: Request, desk: Desk, html: Html) -> Response:
    """Open candidates, strongest first, with example posts; what was decided below."""
    candidates = desk.records.candidates
    waiting = candidates.page((CandidateState.OPEN,), limit=_SHOWN)
    return html.page(
        request,
        "candidates.html",
        waiting=[(one, _examples(desk, one)) for one in waiting],
        more=candidates.count((CandidateState.OPEN,)) - len(waiting),
        decided=candidates.decided(),
        cases=desk.records.cases.all(),
        case_titles={case.id: case.title for case in desk.records.cases.all(archived=True)},
        looked_at=desk.records.marks.get("candidates"),
        source_names=titles(desk),
    )


@router.post("/candidates/{candidate_id}/refuse")
def refuse(desk: Desk, form: Submitted, candidate_id: str) -> Response:
    """It is no case to watch, for a reason."""
    desk.records.candidates.refuse(candidate_id, form.by, form.text("reason"))
    return done("/candidates", form.by)


@router.post("/candidates/{candidate_id}/reopen")
def reopen(desk: Desk, form: Submitted, candidate_id: str) -> Response:
    """Take a refusal back."""
    desk.records.candidates.reopen(candidate_id, form.by)
    return done("/candidates", form.by)


@router.post("/candidates/{candidate_id}/merge")
def merge(desk: Desk, form: Submitted, candidate_id: str) -> Response:
    """Its numbers and aliases, and the formula words if asked for, join a watched case."""
    by, case_id = form.by, form.text("case")
    if not case_id:
        raise BadInput("没有选案件", remedy="选一件已关注的案件，再并入")
    one = desk.records.candidates.free(candidate_id, case_id, merged=True)
    held = desk.records.cases.get(case_id)
    if not held.counted:
        raise NotAllowed("这个案件现在没有关注", remedy="先在案件页恢复关注，再并入")
    words = bool(form.text("words"))
    now = desk.clock()
    case = desk.records.cases.change(
        case_id, lambda held: merged(held, one.suggestion, formula=words), CaseAct.MERGED, by,
        f"并入待确认案件“{one.suggestion.title}”", now, relink=True,
    )  # fmt: skip
    desk.records.candidates.accept(candidate_id, case_id, by, merged=True)
    note_back_fill(desk, case, desk.watcher.watch(case))
    return done(f"/cases/{case_id}", by)


def merged(case: Case, suggestion: Suggestion, *, formula: bool) -> Case:
    """`case` that also answers to what a candidate is called.

    Words join groups that the case has already: a new group would narrow it.
    """
    both = case.formula
    if formula:
        new = suggestion.formula
        both = MatchFormula(
            subjects=_joined(case.formula.subjects, new.subjects),
            regions=_joined(case.formula.regions, new.regions),
            persons=case.formula.persons,
            events=_joined(case.formula.events, new.events),
            excludes=case.formula.excludes,
        )
    return replace(
        case,
        numbers=tuple(dict.fromkeys((*case.numbers, *suggestion.numbers))),
        aliases=tuple(dict.fromkeys((*case.aliases, *suggestion.aliases))),
        formula=both,
    )


def _joined(held: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*held, *new))) if held else held


def _examples(desk: Services, one: Candidate) -> list[evidence.PostView]:
    posts = desk.store.get(one.evidence.post_ids)[:_EXAMPLES]
    return evidence.views(desk, posts)

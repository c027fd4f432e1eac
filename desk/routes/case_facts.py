"""What a person writes down of a case: its words, key dates, links."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk import case_form, proposal
from desk.deps import Desk, Html, Submitted
from desk.forms import Form, done
from desk.services import Services
from desk.views.case import note_back_fill
from domain.cases import Case
from domain.errors import BadInput, ConfigurationError, NotFound
from domain.openness import check_link
from domain.registry import CaseAct, KeyDateKind
from records.key_dates import BY_HAND, Day

router = APIRouter()


@router.get("/cases/{case_id}/edit")
def edit(request: Request, desk: Desk, html: Html, case_id: str) -> Response:
    """The case's form, filled."""
    case = desk.records.cases.get(case_id)
    return _form(request, html, case, proposal.of_case(case))


@router.post("/cases/{case_id}/edit")
def change(request: Request, desk: Desk, html: Html, form: Submitted, case_id: str) -> Response:
    """Change a case; posts it no longer matches are let go, those it now matches are linked."""
    case, filled = desk.records.cases.get(case_id), proposal.read(form)
    base = form.text("base")
    if base and base != _version(case):
        return _form(request, html, case, filled, _changed_meanwhile())
    try:
        _change(desk, case, filled, form)
    except (BadInput, ConfigurationError) as error:
        return _form(request, html, case, filled, error, base)
    return done(f"/cases/{case_id}", form.by)


@router.post("/cases/{case_id}/dates")
def add_date(desk: Desk, form: Submitted, case_id: str) -> Response:
    """Write down a key date; it holds at once, because a person enters it."""
    by = form.by
    try:
        day = date.fromisoformat(form.text("day"))
        kind = KeyDateKind(form.text("kind"))
    except ValueError as error:
        raise BadInput(
            "日期或种类无法识别", remedy="日期写成 2026-11-27，种类从列表中选"
        ) from error
    desk.records.key_dates.enter([Day(case_id, kind, day, form.text("note"))], BY_HAND, by)
    return done(f"/cases/{case_id}#dates", by)


@router.post("/cases/{case_id}/dates/{date_id}/accept")
def accept_date(desk: Desk, form: Submitted, case_id: str, date_id: int) -> Response:
    """Take a proposed day as true."""
    _own(desk, case_id, date_id)
    desk.records.key_dates.accept(date_id, form.by)
    return done(f"/cases/{case_id}#dates", form.by)


@router.post("/cases/{case_id}/dates/{date_id}/refuse")
def refuse_date(desk: Desk, form: Submitted, case_id: str, date_id: int) -> Response:
    """Say that a day isn't so."""
    _own(desk, case_id, date_id)
    desk.records.key_dates.refuse(date_id, form.by, form.text("reason"))
    return done(f"/cases/{case_id}#dates", form.by)


def _own(desk: Services, case_id: str, date_id: int) -> None:
    if date_id not in {day.id for day in desk.records.key_dates.of(case_id)}:
        raise NotFound(f"no key date {date_id} of case {case_id}", remedy="刷新页面")


def _change(desk: Services, case: Case, filled: proposal.Proposal, form: Form) -> None:
    made = proposal.make_case(filled, case.watched_since)
    links = tuple(check_link(line) for line in form.lines("links"))

    def changed(held: Case) -> Case:
        return replace(
            held, title=made.title, court=made.court, numbers=made.numbers, cause=made.cause,
            stage=made.stage, aliases=made.aliases, litigants=made.litigants,
            formula=made.formula, links=links,
        )  # fmt: skip

    if changed(case) == case:
        return
    names = {
        "title": "名称", "court": "法院", "numbers": "案号", "cause": "案由", "aliases": "俗称",
        "litigants": "当事人", "formula": "公式", "links": "公开链接",
    }  # fmt: skip
    moved = [
        word for name, word in names.items() if getattr(changed(case), name) != getattr(case, name)
    ]
    stored = desk.records.cases.change(
        case.id, changed, CaseAct.EDITED, form.by, f"改动：{'、'.join(moved) or '程序阶段'}",
        desk.clock(), relink=True if case.counted else None,
    )  # fmt: skip
    if stored.stage is not case.stage:
        detail = f"{case.stage.value} → {stored.stage.value}"
        desk.records.cases.note(case.id, CaseAct.STAGE, form.by, detail, desk.clock())
    if stored.counted:
        note_back_fill(desk, stored, desk.watcher.watch(stored))


def _form(
    request: Request,
    html: Html,
    case: Case,
    filled: proposal.Proposal,
    error: BadInput | ConfigurationError | None = None,
    base: str = "",
) -> Response:
    base = base or _version(case)
    return case_form.show(request, html, filled, error, editing=case, base=base)


def _version(case: Case) -> str:
    """What the form was filled from, so that nobody overwrites unseen what another one wrote."""
    return sha256(repr(proposal.of_case(case)).encode()).hexdigest()[:16]


def _changed_meanwhile() -> BadInput:
    return BadInput(
        "打开表单以后，别人改过这个案件，还没有保存",
        remedy="先在案件页看改了什么；再按一次保存，就以这张表单为准",
    )

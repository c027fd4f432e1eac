"""`courtpulse cases candidates`: proposed cases to accept, merge or refuse."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated

import typer

from courtpulse.cli.names import By, acting
from courtpulse.cli.printing import Json, errors, print_json, print_table
from courtpulse.flow import opened
from domain.candidates import CandidateState
from domain.cases import Case
from domain.errors import BadInput, NotAllowed
from domain.registry import CaseAct

app = typer.Typer(help="Cases the program proposes.", no_args_is_help=True)
_ID = re.compile(r"[\w-]{1,64}")


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Also those decided on or faded.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    as_json: Json = False,
) -> None:
    """List candidates, strongest first."""
    with opened() as flow:
        states = () if every else (CandidateState.OPEN,)
        candidates = flow.rooms.records.candidates
        found, there = candidates.page(states, limit=limit), candidates.count(states)
    if there > len(found):
        errors.print(f"{len(found)} of {there}; --limit shows more")
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "state", "title", "court", "posts", "distinct", "people", "sources", "expected", "score"),
        [
            (one.id, one.state.value, one.suggestion.title, one.suggestion.court,
             one.evidence.posts, one.evidence.distinct, one.evidence.authors,
             len(one.evidence.sources),
             one.evidence.expected, one.evidence.score)
            for one in found
        ],
    )  # fmt: skip


@app.command()
def find() -> None:
    """Look for candidates now; the hourly task does the same."""
    with opened() as flow:
        report = flow.candidates()
    errors.print(
        f"{report.read} posts read, {report.unread} not read; {report.found} found, "
        f"{report.opened} new, {report.returned} back, {report.faded} faded"
    )


@app.command()
def accept(candidate_id: str, case_id: str, by: By = "") -> None:
    """Watch a candidate as a case of that id; change it afterwards on its page."""
    who = acting(by)  # asked before anything is written
    with opened() as flow:
        records, now = flow.rooms.records, flow.rooms.clock()
        made = records.candidates.free(candidate_id, case_id).suggestion
        if not _ID.fullmatch(case_id):
            raise BadInput(
                f"{case_id!r} can't be a case's id",
                remedy="up to 64 letters, digits, - and _; it stands in the address of its page",
            )
        if records.cases.some([case_id]):
            raise NotAllowed(
                f"there is a case {case_id!r} already",
                remedy="`merge` adds the candidate's words to it; or choose another id",
            )
        case = Case(
            id=case_id, title=made.title, court=made.court or flow.rooms.settings.court,
            watched_since=now, numbers=made.numbers, aliases=made.aliases, formula=made.formula,
        )  # fmt: skip
        found = flow.watcher().watch(case)
        records.cases.note(
            case_id, CaseAct.WATCHED, who, f"由待确认案件建立，回溯到 {found.linked} 帖", now
        )
        records.candidates.accept(candidate_id, case_id, who)
    errors.print(f"{case_id}: {found.linked} earlier posts")


@app.command()
def merge(candidate_id: str, case_id: str, by: By = "") -> None:
    """Add a candidate's numbers and aliases to a case."""
    with opened() as flow:
        records, now = flow.rooms.records, flow.rooms.clock()
        made = records.candidates.free(candidate_id, case_id, merged=True).suggestion
        if not records.cases.get(case_id).counted:
            raise NotAllowed(
                f"case {case_id!r} isn't watched",
                remedy=f"courtpulse cases resume {case_id} watches it again",
            )

        def joined(case: Case) -> Case:
            return replace(
                case,
                numbers=tuple(dict.fromkeys((*case.numbers, *made.numbers))),
                aliases=tuple(dict.fromkeys((*case.aliases, *made.aliases))),
            )

        detail = f"并入待确认案件“{made.title}”"
        case = records.cases.change(
            case_id, joined, CaseAct.MERGED, acting(by), detail, now, relink=True
        )
        records.candidates.accept(candidate_id, case_id, acting(by), merged=True)
        found = flow.watcher().watch(case)
    errors.print(f"{case_id}: {found.linked} earlier posts")


@app.command()
def refuse(candidate_id: str, reason: str, by: By = "") -> None:
    """Say that a candidate is no case to watch; it comes back only when it has doubled."""
    with opened() as flow:
        flow.rooms.records.candidates.refuse(candidate_id, acting(by), reason)

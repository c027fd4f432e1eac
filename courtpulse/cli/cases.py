"""`courtpulse cases`: the registry of watched cases."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from courtpulse.case_files import as_known, read_cases
from courtpulse.cli import candidates
from courtpulse.cli.case_import import import_
from courtpulse.cli.names import By, acting
from courtpulse.cli.printing import Json, errors, local, print_json, print_table, progress
from courtpulse.flow import opened
from records.archiving import archive_case

app = typer.Typer(help="Registered and watched cases.", no_args_is_help=True)
app.command("import")(import_)
app.add_typer(candidates.app, name="candidates")


@app.command("list")
def list_(
    archived: Annotated[bool, typer.Option(help="Also archived cases.")] = False,
    as_json: Json = False,
) -> None:
    """List watched cases."""
    with opened() as flow:
        found = flow.rooms.records.cases.all(archived=archived)
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "title", "court", "numbers", "stage", "watched since"),
        [
            (
                case.id,
                case.title,
                case.court,
                "、".join(case.numbers),
                case.stage,
                case.watched_since,
            )
            for case in found
        ],
    )


@app.command()
def add(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML of cases.")],
    by: By = "",
) -> None:
    """Watch the cases of a YAML file and link what was said before. What isn't in the file of a
    known case stays: its state, the days and links that came in here."""
    who = acting(by)  # asked before anything is written
    with opened() as flow:
        records = flow.rooms.records
        cases = read_cases(file, flow.rooms.clock())
        watcher = flow.watcher()
        with progress() as bar:
            task = bar.add_task("linking the past", total=len(cases))
            for named in cases:
                case, act, detail = as_known(records, named)
                found = watcher.watch(case)
                if act is not None:
                    records.cases.note(case.id, act, who, detail, flow.rooms.clock())
                errors.print(
                    f"{case.id}: {found.linked} earlier posts"
                    if case.counted
                    else f"{case.id}: {case.state.value}, not linked; `cases resume` watches it again"
                )
                bar.advance(task)


@app.command()
def archive(case_id: str, reason: str, by: By = "") -> None:
    """Stop counting a case and end its open alerts; its posts stay as long as posts are kept."""
    with opened() as flow:
        archive_case(flow.rooms.records, case_id, acting(by), reason)


@app.command()
def close(case_id: str, reason: str, by: By = "") -> None:
    """Close a case; for the days of a relapse (policy) its posts still count, then it is archived."""
    with opened() as flow:
        days = flow.rooms.policy_settings.relapse_days
        states = flow.rooms.records.case_states
        states.close(case_id, acting(by), reason, timedelta(days=days))


@app.command()
def reopen(case_id: str, reason: str, by: By = "") -> None:
    """Take closing back."""
    with opened() as flow:
        flow.rooms.records.case_states.reopen(case_id, acting(by), reason)


@app.command()
def resume(case_id: str, reason: str, by: By = "") -> None:
    """Watch an archived or only registered case, and link what was said meanwhile."""
    with opened() as flow:
        flow.rooms.records.case_states.resume(case_id, acting(by), reason)
        for linked, found in flow.watcher().resume().items():  # also what a kill left waiting
            errors.print(f"{linked}: {found.linked} earlier posts")


@app.command()
def history(case_id: str, as_json: Json = False) -> None:
    """List what happened to a case, and its key dates."""
    with opened() as flow:
        records = flow.rooms.records
        records.cases.get(case_id)
        events, days = records.cases.history(case_id), records.key_dates.of(case_id)
    if as_json:
        print_json({"events": events, "key_dates": days})
        return
    print_table(
        ("when", "what", "by", "detail"),
        [(local(one.at), one.act.value, one.by, one.detail) for one in events],
    )
    print_table(
        ("id", "day", "what", "source", "entered by", "decision", "decided by"),
        [
            (one.id, one.day, one.kind.value, one.source, one.entered_by, one.review.value,
             one.decided_by)
            for one in days
        ],
    )  # fmt: skip

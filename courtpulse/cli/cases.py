"""`courtpulse cases`: the registry of watched cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from courtpulse.case_files import read_cases
from courtpulse.cli.names import By, acting
from courtpulse.cli.printing import Json, errors, print_json, print_table, progress
from courtpulse.flow import opened
from records.archiving import archive_case

app = typer.Typer(help="Watched cases.", no_args_is_help=True)


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
) -> None:
    """Watch the cases of a YAML file and link what was said before."""
    with opened() as flow:
        cases = read_cases(file, flow.rooms.clock())
        watcher = flow.watcher()
        with progress() as bar:
            task = bar.add_task("linking the past", total=len(cases))
            for case in cases:
                found = watcher.watch(case)
                errors.print(f"{case.id}: {found.linked} earlier posts")
                bar.advance(task)


@app.command()
def archive(case_id: str, reason: str, by: By = "") -> None:
    """Stop counting a case and end its open alerts; its posts stay as long as posts are kept."""
    with opened() as flow:
        archive_case(flow.rooms.records, case_id, acting(by), reason)

"""Commands that move posts: run, collect, import, annotate, detect, report, housekeep, recheck, forget."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from courtpulse.annotate import StageReport
from courtpulse.cli.printing import (
    Json,
    errors,
    print_error,
    print_facts,
    print_json,
    print_table,
    progress,
)
from courtpulse.flow import Flow, opened
from domain.errors import BadInput, CourtpulseError


def run(
    source: Annotated[list[str] | None, typer.Argument(help="Sources; default: all.")] = None,
    every: Annotated[float, typer.Option(help="Seconds between rounds; 0 = one round.")] = 0,
) -> None:
    """The whole chain without Airflow: collect, annotate, index, detect, notify."""
    with opened() as flow:
        if not every:
            flow.run_once(source)
        while every:
            try:
                flow.run_once(source)
                flow.housekeep_daily()
                flow.candidates_hourly()
            except CourtpulseError as error:
                # The next round may find it mended; a source that is blind meanwhile is recorded.
                print_error(error)
            time.sleep(every)


def collect(source: str, as_json: Json = False) -> None:
    """Fetch one source once into the inbox."""
    with opened() as flow:
        flow.register_sources()
        print_facts(flow.collect(source), as_json)


def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    mapping: Annotated[str, typer.Option(help="Name or path of a column mapping.")],
    license_ref: Annotated[
        str, typer.Option(help="Contract or grant; the mapping's if empty.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Import a CSV, XLSX or JSONL file through a column mapping."""
    with opened() as flow:
        with progress() as bar:
            task = bar.add_task("importing", total=None)
            report = flow.import_file(
                file,
                mapping,
                license_ref,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
        print_facts(report, as_json)


def annotate(as_json: Json = False) -> None:
    """Link, label and index everything that waits in the inbox."""
    with opened() as flow:
        print_facts(_annotate(flow), as_json)


def _annotate(flow: Flow) -> StageReport:
    total = StageReport()
    batches = flow.batches()
    with progress() as bar:
        task = bar.add_task("annotating", total=sum(map(len, batches)))
        for batch in batches:
            for segment in batch:
                total += flow.annotate([segment])
                bar.advance(task)
    return total


def detect(
    send: Annotated[bool, typer.Option(help="Also send what alerts owe to routes.")] = False,
    as_json: Json = False,
) -> None:
    """Score every watched case; raise, extend and close alerts."""
    with opened() as flow:
        print_facts(flow.detect(), as_json)
        if send:
            flow.notify()


def report(
    first_day: Annotated[
        str, typer.Option(help="First of the seven days, YYYY-MM-DD; default: last complete week.")
    ] = "",
    pdf: Annotated[bool, typer.Option(help="Also write a PDF (needs LibreOffice).")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List the reports made so far.")] = False,
    check: Annotated[str, typer.Option(help="Recompute the numbers of this report.")] = "",
    as_json: Json = False,
) -> None:
    """Write the weekly report."""
    from courtpulse import weekly

    with opened() as flow:
        if list_:
            _list_reports(flow, as_json)
        elif check:
            differences = weekly.recompute(flow.rooms, check)
            print_json(differences)
            raise typer.Exit(1 if differences else 0)
        else:
            made = weekly.make(flow.rooms, _day(first_day), pdf=pdf)
            print_facts({"id": made.id, **made.files}, as_json)


def _list_reports(flow: Flow, as_json: bool) -> None:
    stored = flow.rooms.records.reports.all()
    if as_json:
        print_json([(item.id, item.since, item.until, item.files) for item in stored])
        return
    print_table(
        ("id", "since", "until", "files"),
        [(item.id, item.since, item.until, ", ".join(item.files.values())) for item in stored],
    )


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{text!r} is no day", remedy="write it as 2026-11-20") from error


def housekeep(as_json: Json = False) -> None:
    """Delete what has outlived its retention."""
    with opened() as flow:
        print_facts(flow.housekeep(), as_json)


def forget(ids: Annotated[list[str], typer.Argument(help="Ids of posts.")]) -> None:
    """Delete posts for good because their authors deleted them; they never come back."""
    with opened() as flow:
        errors.print(f"{flow.forget(ids)} of {len(ids)} posts deleted")


def recheck(
    source: Annotated[list[str] | None, typer.Argument(help="Sources; default: all.")] = None,
    believe: Annotated[
        bool, typer.Option("--believe", help="Delete also where most posts are called gone.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Ask the sources which posts their authors deleted, and delete those here."""
    with opened() as flow:
        found = flow.recheck(source, believe=believe)
    if as_json:
        print_json(found)
    else:
        print_table(
            ("source", "asked", "present", "gone", "not answered", "why"),
            [
                (name, one.asked, one.present, len(one.gone), one.unanswered, one.detail)
                for name, one in found.sources.items()
            ],
        )
    for name, problem in found.failed.items():
        errors.print(f"{name}: {problem}")
    if found.failed:
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    for command in (run, collect, annotate, detect, report, housekeep, recheck, forget):
        app.command()(command)
    app.command("import")(import_)

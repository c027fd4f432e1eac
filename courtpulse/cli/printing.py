"""What goes to the terminal: tables for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from domain.errors import CourtpulseError
from domain.time import SHANGHAI

output = Console()
errors = Console(stderr=True)

#: The `--json` option, the same on every command that prints a result.
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def print_json(value: Any) -> None:
    """Print dataclasses, times and enums as one JSON document."""
    typer.echo(json.dumps(to_jsonable_python(value), ensure_ascii=False, indent=2))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; cells are text from outside, so markup in them is shown, not obeyed."""
    table = Table(*headings, header_style="bold", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(escape(_cell(value)) for value in row))
    output.print(table)


def print_facts(value: Any, as_json: bool) -> None:
    """Print one flat dataclass, as JSON or a line a field."""
    if as_json:
        print_json(value)
        return
    facts = dataclasses.asdict(value) if dataclasses.is_dataclass(value) else dict(value)  # type: ignore[arg-type]
    print_table(("", ""), facts.items())


def print_error(error: CourtpulseError) -> None:
    """Print where, the problem and the remedy on standard error."""
    where = f"{error.where}: " if error.where else ""
    errors.print(f"[bold red]error[/] {escape(where + error.problem)}")
    if error.remedy:
        errors.print(f"      {escape(error.remedy)}")


def local(moment: datetime | None) -> str:
    """A time as a person at the court reads it."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") if moment else "—"


def progress() -> Progress:
    """A progress bar on standard error, silent when that isn't a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        disable=not errors.is_terminal,
    )


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return local(value)
    if value is None:
        return "—"
    return f"{value:.2f}" if isinstance(value, float) else str(value)

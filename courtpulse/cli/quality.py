"""Commands that say how good the model is, and whether it still reads what it was trained on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from courtpulse.cli.printing import Json, output, print_error, print_json, print_table
from courtpulse.flow import opened
from courtpulse.settings import Settings


class Task(StrEnum):
    """What `evaluate` measures."""

    COURT = "court"
    EMOTION = "emotion"


def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled texts, JSONL, plain or .xz.")],
    task: Annotated[Task, typer.Option(help="court or emotion (fields text, label).")] = Task.COURT,
    as_json: Json = False,
) -> None:
    """Measure the model on labelled texts, with 95 % intervals; needs and leaves no data folder."""
    from nlp.encoder.hub import located
    from nlp.encoder.serving import NeuralAnnotator
    from nlp.examination import evaluate as evaluate_court
    from nlp.examination import evaluate_emotion

    measure = evaluate_emotion if task is Task.EMOTION else evaluate_court
    found = measure(file, NeuralAnnotator.load(located(Settings.load().model)))
    if as_json:
        print_json(found.to_json())
    else:
        rows = [*found.metrics.items(), *((f"unsure: {n}", v) for n, v in found.unsure.items())]
        print_table(
            (f"{found.model}, n = {found.n}", "value", "95 % low", "high"),
            [(name, *map(_figure, (m["value"], m["low"], m["high"]))) for name, m in rows],
        )
    for bad in found.bad_lines:
        print_error(bad)
    if not found.n:
        raise typer.Exit(1)


def drift(
    first_day: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="First of the seven days; default: last week."),
    ] = None,
    learn: Annotated[
        Path | None, typer.Option(help="Texts (JSONL) the model's posts shall be compared with.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where --learn writes; default: the model's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare a week's labels, scores and characters with what the model was made from."""
    from courtpulse import drift as drifting
    from reports.period import Week

    with opened() as flow:
        rooms = flow.rooms
        if learn is not None:
            path = out or drifting.reference_path(rooms)
            known = drifting.learn(rooms, learn, path)
            output.print(f"{path}: {known.texts} texts")
            return
        week = Week.beginning(first_day.date()) if first_day else Week.last_complete(rooms.clock())
        found = drifting.measure(rooms, week)
    if as_json:
        print_json(found)
        return
    print_table(
        (f"{found.model}, n = {found.posts}", "PSI", "by chance", "change"),
        [(one["field"], *map(_figure, (one["psi"], one["chance"])), one["change"])
         for one in found.moved],
    )  # fmt: skip
    output.print(f"unknown characters: {found.unknown_characters:.4%}")


def _figure(value: float | None) -> Any:
    return "—" if value is None else f"{value:.3f}"


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    app.command()(evaluate)
    app.command()(drift)

"""`courtpulse alerts simulate`: what other settings would have done to a case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from courtpulse.cli.printing import Json, errors, print_json, print_table
from courtpulse.flow import opened
from domain.errors import ConfigurationError

if TYPE_CHECKING:
    from alerts.simulation import Change


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(simulate)


def simulate(
    case_id: str,
    theta: Annotated[
        float | None, typer.Option(min=0.5, max=50, help="Threshold instead of the one of now.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(min=0.01, help="False alerts a week instead of those of now.")
    ] = None,
    without_negative: Annotated[
        bool, typer.Option("--without-negative", help="Don't listen to court-negative posts apart.")
    ] = False,
    reference: Annotated[
        bool, typer.Option("--reference", help="Score by SURGE as published, not as levelled.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Replay a case with other settings: alerts gained, lost, earlier, later. Writes nothing."""
    from alerts import simulation
    from alerts.budget import for_budget
    from alerts.tuning import LEVELLED, REFERENCE

    if theta is not None and budget is not None:
        raise ConfigurationError(
            "both a threshold and a budget were given", remedy="give one: θ follows from the budget"
        )
    with opened() as flow:
        rooms = flow.rooms
        expected = rooms.budget()
        wanted = theta if theta is not None else expected.theta
        if budget is not None:
            wanted = for_budget(budget, expected.cases).theta
        now = simulation.Setting(expected.theta)
        other = simulation.Setting(
            wanted, not without_negative, REFERENCE if reference else LEVELLED
        )
        case = rooms.records.cases.get(case_id)
        found = simulation.simulate(rooms.store, rooms.records, case, now, other, rooms.clock)
    if as_json:
        print_json(
            {
                "case_id": found.case_id, "since": found.since, "until": found.until,
                "theta_now": now.theta, "theta_other": other.theta, "changes": found.changes,
            }
        )  # fmt: skip
        return
    errors.print(f"θ {now.theta:.2f} → {other.theta:.2f}, court's own steps left out")
    _print(found.changes)


def _print(changes: Sequence[Change]) -> None:
    print_table(
        ("change", "minutes", "raised now", "raised then", "S now", "S then", "stream"),
        [
            (
                change.verdict, "" if change.minutes is None else change.minutes,
                change.now.raised_at if change.now else "–",
                change.other.raised_at if change.other else "–",
                f"{change.now.score:.1f}" if change.now else "–",
                f"{change.other.score:.1f}" if change.other else "–",
                " ".join(sorted({one.stream for one in (change.now, change.other) if one})),
            )
            for change in changes
        ],
    )  # fmt: skip

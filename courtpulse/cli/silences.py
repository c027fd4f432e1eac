"""`courtpulse silences`: nobody is told for a while, and `courtpulse thresholds`: what feedback did."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from courtpulse.cli.names import By, acting
from courtpulse.cli.printing import Json, print_json, print_table
from courtpulse.flow import opened
from courtpulse.rooms import Rooms
from domain.errors import BadInput
from domain.policy import SilenceScope

app = typer.Typer(help="Silences: nobody is told of what they cover.", no_args_is_help=True)
thresholds = typer.Typer(help="What decisions added to courts' θ.", no_args_is_help=True)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List silences, newest first, those that are over included."""
    with opened() as flow:
        found, now = flow.rooms.records.silences.recent(), flow.rooms.clock()
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "active", "scope", "value", "by", "reason", "from", "to"),
        [
            (
                one.id, one.active(now), one.scope, one.value, one.made_by, one.reason,
                one.starts_at, one.ended_at or one.ends_at,
            )
            for one in found
        ],
    )  # fmt: skip


@app.command()
def add(
    scope: SilenceScope,
    value: str,
    reason: str,
    hours: Annotated[float, typer.Option(min=0.1, max=24 * 90, help="How long.")] = 4.0,
    by: By = "",
) -> None:
    """Tell nobody of a case (id), court (name), topic (id) or level (and those below) for a while."""
    with opened() as flow:
        silences, until = flow.rooms.records.silences, flow.rooms.clock() + timedelta(hours=hours)
        _must_exist(flow.rooms, scope, value)
        print_json(silences.add(scope, value, reason, acting(by), until))


def _must_exist(rooms: Rooms, scope: SilenceScope, value: str) -> None:
    """A mistyped case, court or topic would silence nothing, unseen; levels the records know."""
    if scope is SilenceScope.LEVEL:
        return
    cases = rooms.records.cases.all()
    known = {
        SilenceScope.CASE: [case.id for case in cases],
        SilenceScope.COURT: sorted({case.court for case in cases}),
        SilenceScope.TOPIC: list(rooms.topics),
    }[scope]
    if value not in known:
        raise BadInput(
            f"there is no watched {scope.value} {value!r}"
            if scope is not SilenceScope.TOPIC
            else f"there is no topic {value!r}",
            remedy=f"known: {', '.join(known) or 'none'}",
        )


@app.command()
def end(silence_id: int, by: By = "") -> None:
    """End a silence now."""
    with opened() as flow:
        print_json(flow.rooms.records.silences.end(silence_id, acting(by)))


@thresholds.command("list")
def list_steps(as_json: Json = False) -> None:
    """List the steps of all courts' thresholds with the alert that made each."""
    with opened() as flow:
        found = flow.rooms.records.steps.all()
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "court", "kind", "amount", "alert", "by", "at", "undone"),
        [
            (
                one.id, one.court, one.kind, one.amount, one.alert_id, one.made_by, one.at,
                one.undone_at,
            )
            for one in found
        ],
    )  # fmt: skip


@thresholds.command()
def undo(step_id: int, by: By = "") -> None:
    """Let one step no longer count; the decision on its alert stands."""
    with opened() as flow:
        print_json(flow.rooms.records.steps.undo(step_id, acting(by)))

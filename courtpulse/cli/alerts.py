"""`courtpulse alerts`: the feed on the terminal, and a person's decisions."""

from __future__ import annotations

from typing import Annotated

import typer

from courtpulse.cli.printing import Json, print_json, print_table
from courtpulse.flow import opened
from domain.alerts import Alert, Level

app = typer.Typer(help="Alerts and what to do about them.", no_args_is_help=True)


@app.command("list")
def list_(limit: Annotated[int, typer.Option(min=1, max=1000)] = 30, as_json: Json = False) -> None:
    """List alerts, newest first."""
    with opened() as flow:
        found = flow.rooms.records.alerts.recent(limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "case", "state", "level", "detected", "posts", "authors", "score"),
        [
            (
                alert.id, alert.case_id, alert.state, alert.confirmed_level or alert.level,
                alert.detected_at, alert.why.posts, alert.why.authors, alert.why.score.value,
            )
            for alert in found
        ],
    )  # fmt: skip


@app.command()
def show(alert_id: str) -> None:
    """Print one alert with its reasons and history as JSON."""
    with opened() as flow:
        alerts = flow.rooms.records.alerts
        print_json({"alert": alerts.get(alert_id), "history": alerts.history(alert_id)})


@app.command()
def confirm(alert_id: str, level: Level, reason: str = "") -> None:
    """Confirm an alert at a level; a level other than the proposed one needs a reason."""
    with opened() as flow:
        _said(flow.rooms.records.alerts.confirm(alert_id, level, reason))


@app.command()
def dismiss(alert_id: str, reason: str) -> None:
    """Dismiss an alert, with the reason."""
    with opened() as flow:
        _said(flow.rooms.records.alerts.dismiss(alert_id, reason))


@app.command()
def acknowledge(alert_id: str) -> None:
    """Say that somebody has taken an alert on."""
    with opened() as flow:
        _said(flow.rooms.records.alerts.acknowledge(alert_id))


def _said(alert: Alert) -> None:
    print_table(
        ("id", "state", "level"), [(alert.id, alert.state, alert.confirmed_level or alert.level)]
    )

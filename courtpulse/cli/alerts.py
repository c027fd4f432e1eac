"""`courtpulse alerts`: the feed on the terminal, and a person's decisions."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from courtpulse.cli.names import By, acting
from courtpulse.cli.printing import Json, print_facts, print_json, print_table
from courtpulse.flow import opened
from domain.alerts import Alert, Fact, Level
from domain.policy import ActKind

app = typer.Typer(help="Alerts and what to do about them.", no_args_is_help=True)


class Says(StrEnum):
    """A person's word on a fact."""

    YES = "yes"
    NO = "no"
    WITHDRAW = "withdraw"


_VALUES = {Says.YES: True, Says.NO: False, Says.WITHDRAW: None}


@app.command("list")
def list_(limit: Annotated[int, typer.Option(min=1, max=1000)] = 30, as_json: Json = False) -> None:
    """List alerts, newest first."""
    with opened() as flow:
        found = flow.rooms.records.alerts.recent(limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "case", "state", "level", "detected", "posts", "distinct", "authors", "score"),
        [
            (
                alert.id, alert.case_id, alert.state, alert.confirmed_level or alert.level,
                alert.detected_at, alert.why.posts, alert.why.distinct, alert.why.authors,
                alert.why.score.value,
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
def explain(alert_id: str, as_json: Json = False) -> None:
    """Print the whole decision: score and θ, level, stages, route, silences, clocks, deliveries."""
    from alerts.policy.explain import explain as explained
    from alerts.policy.explain import text_of

    with opened() as flow:
        rooms = flow.rooms
        settings, policy = rooms.policy_settings, rooms.policy()
        found = explained(rooms.records, policy, settings, rooms.budget().theta, alert_id)
    if as_json:
        print_json(found)
        return
    for line in text_of(found, settings):
        typer.echo(line)


@app.command()
def confirm(alert_id: str, level: Level, reason: str = "", by: By = "") -> None:
    """Confirm an alert at a level; a level other than the proposed one needs a reason."""
    with opened() as flow:
        _said(flow.rooms.records.alerts.confirm(alert_id, level, reason, acting(by)))


@app.command()
def dismiss(alert_id: str, reason: str, by: By = "") -> None:
    """Dismiss an alert, with the reason."""
    with opened() as flow:
        _said(flow.rooms.records.alerts.dismiss(alert_id, reason, acting(by)))


@app.command()
def acknowledge(alert_id: str, by: By = "") -> None:
    """Say that somebody has taken an alert on."""
    with opened() as flow:
        _said(flow.rooms.records.alerts.acknowledge(alert_id, acting(by)))


@app.command()
def flag(
    alert_id: str,
    fact: Fact,
    says: Annotated[Says, typer.Argument(help="yes, no, or withdraw an earlier word.")],
    reason: str = "",
    by: By = "",
) -> None:
    """Say of a fact behind a ★ line that it is so, that it isn't, or nothing any more."""
    with opened() as flow:
        records = flow.rooms.records
        records.alerts.get(alert_id)
        print_json(records.flags.mark(alert_id, fact, _VALUES[says], acting(by), reason))


@app.command()
def act(alert_id: str, kind: ActKind, note: str = "", by: By = "") -> None:
    """Write down what the court did about an alert; it stops the clocks it answers."""
    with opened() as flow:
        records = flow.rooms.records
        records.alerts.get(alert_id)
        print_json(records.acts.add(alert_id, kind, acting(by), note))


@app.command()
def precision(days: Annotated[int, typer.Option(min=1)] = 7, as_json: Json = False) -> None:
    """Of the alerts people decided on, how many they confirmed, with its 95 % interval."""
    from records.precision import precision as measured

    with opened() as flow:
        now = flow.rooms.clock()
        found = measured(flow.rooms.records, now - timedelta(days=days), now)
    print_facts(found, as_json)


def _said(alert: Alert) -> None:
    print_table(
        ("id", "state", "level"), [(alert.id, alert.state, alert.confirmed_level or alert.level)]
    )

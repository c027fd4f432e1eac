"""`courtpulse replay`: recorded streams through the whole chain again."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from courtpulse.cli.printing import Json, errors, local, print_facts, progress
from courtpulse.settings import Settings
from domain.errors import ConfigurationError

_UNITS = {"m": 60, "h": 3600, "d": 86400}


def replay(
    inputs: Annotated[
        list[Path], typer.Argument(help="Segments, JSONL of posts, or streams of events.")
    ],
    speed: Annotated[
        str, typer.Option(help="Seconds of data a second, e.g. 60; max: as fast as it goes.")
    ] = "max",
    into: Annotated[
        Path | None, typer.Option(help="The replay's data folder; never the live one.")
    ] = None,
    cases: Annotated[
        Path | None, typer.Option(help="YAML of cases instead of the registry.", exists=True)
    ] = None,
    every: Annotated[str, typer.Option(help="How often detection runs: 5m, 1h.")] = "5m",
    batch: Annotated[int, typer.Option(min=1, max=2000, help="Posts in a segment.")] = 2000,
    series: Annotated[
        str, typer.Option(help="Numbers of development streams, e.g. 3,10-12; default: all.")
    ] = "",
    policy: Annotated[
        Path | None, typer.Option(help="Policy file instead of the office's.", exists=True)
    ] = None,
    routes: Annotated[
        Path | None, typer.Option(help="Routes to go by; nothing is sent.", exists=True)
    ] = None,
    false_alerts: Annotated[
        float | None, typer.Option(min=0.01, help="False alerts a week instead of the setting.")
    ] = None,
    theta: Annotated[
        float | None, typer.Option(min=0.5, max=50, help="A fixed threshold instead.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Replay recorded posts through the whole chain: what would have been told, and when?"""
    from courtpulse import replay as room

    if false_alerts is not None and theta is not None:
        raise ConfigurationError(
            "both a threshold and a budget were given", remedy="give one: θ follows from the budget"
        )
    plan = room.Plan(
        inputs=tuple(inputs), into=into, cases=cases, speed=_speed(speed), every=_width(every),
        batch=batch, series=_series(series), policy=policy, routes=routes,
        false_alerts=false_alerts, theta=theta,
    )  # fmt: skip
    with progress() as bar:
        task = bar.add_task("replaying", total=None)
        found = room.replay(
            plan,
            Settings.load(),
            lambda now, done: bar.update(task, completed=done, description=local(now)),
        )
    print_facts(found, as_json)
    if not as_json:
        errors.print(f"{found.alerts}: one line an alert; the same input gives the same file")


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0
    if not 0 < speed < float("inf"):
        raise ConfigurationError(
            f"no speed {text!r}", remedy="give seconds of data a second, or max"
        )
    return speed


def _width(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,4})([mhd])", text)
    width = timedelta(seconds=int(match[1]) * _UNITS[match[2]]) if match else timedelta(0)
    if not width or width % timedelta(minutes=5):
        raise ConfigurationError(
            f"no width of a tick {text!r}",
            remedy="give a multiple of five minutes: 5m, 30m, 1h, 1d",
        )
    return width


def _series(text: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in filter(None, text.split(",")):
        match = re.fullmatch(r"\s*(\d{1,6})(?:-(\d{1,6}))?\s*", part)
        if match is None:
            raise ConfigurationError(f"no series {part!r}", remedy="write 3,10-12")
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
    return tuple(found)


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(replay)

"""The root command and what all commands share: settings, logs, errors as one line."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from courtpulse.cli import (
    alerts,
    bench,
    cases,
    dashboards,
    deletions,
    families,
    labels,
    look,
    models,
    pipeline,
    quality,
    replay,
    routes,
    silences,
    simulate,
    sources,
    start,
)
from courtpulse.cli.printing import print_error
from courtpulse.logs import configure
from courtpulse.settings import Settings
from domain.errors import CourtpulseError


class _Group(TyperGroup):
    """Shows an error of ours as problem and remedy, without a traceback; exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CourtpulseError as error:
            print_error(error)
            sys.exit(1)


app = typer.Typer(
    cls=_Group,
    name="courtpulse",
    help="Listen to public opinion about a court's cases (听讼).",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def prepare() -> None:
    """Listen to public opinion about a court's cases (听讼)."""
    # What people said, and the keys, are for this user alone.
    os.umask(0o077)
    configure(Settings.load())


for _command in (pipeline, replay, look, families, quality, labels, start, routes, models):
    _command.add_to(app)
app.add_typer(cases.app, name="cases")
simulate.add_to(alerts.app)
app.add_typer(alerts.app, name="alerts")
app.add_typer(silences.app, name="silences")
app.add_typer(bench.app, name="bench")
app.add_typer(silences.thresholds, name="thresholds")
app.add_typer(sources.app, name="sources")
app.command("intake")(deletions.intake)
app.add_typer(deletions.app, name="deletions")
app.add_typer(sources.new, name="new")
app.add_typer(dashboards.app, name="dashboards")

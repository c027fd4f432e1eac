"""`courtpulse up`, `courtpulse pages`: start the service."""

from __future__ import annotations

from typing import Annotated

import typer

from courtpulse.settings import Settings


def up(
    demo: Annotated[bool, typer.Option(help="With the fictional demonstration.")] = False,
    airflow: Annotated[
        bool, typer.Option(help="Schedule by Airflow; else by a plain loop.")
    ] = True,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = False,
) -> None:
    """Start everything here: scheduler, pages and, with --demo, the demonstration's sources."""
    from courtpulse.logs import configure
    from courtpulse.up import run

    settings = Settings.load()
    if "log_level" not in settings.model_fields_set:
        # Here the steps are shown as they go; what else there is stands in the log files.
        configure(settings.model_copy(update={"log_level": "WARNING"}))
    raise typer.Exit(run(settings, demo=demo, airflow=airflow, browser=browser))


def pages() -> None:
    """Serve the pages alone."""
    from courtpulse.pages import serve

    serve(Settings.load())


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    app.command()(up)
    app.command()(pages)

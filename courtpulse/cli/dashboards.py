"""`courtpulse dashboards`: saved objects for OpenSearch Dashboards and Kibana."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from courtpulse.cli.printing import errors
from courtpulse.flow import opened

app = typer.Typer(help="Dashboards for OpenSearch Dashboards and Kibana.", no_args_is_help=True)


@app.command()
def export(path: Path) -> None:
    """Write the saved objects (NDJSON) to a file."""
    from index.dashboards import build

    path.write_text(build(), encoding="utf-8")
    errors.print(f"wrote {path}")


@app.command()
def check(
    path: Annotated[Path | None, typer.Argument(help="NDJSON; default: ours.")] = None,
) -> None:
    """Check references, fields and aggregations; run every panel's query on the index if a cluster is set."""
    from index.dashboards import build, check_store

    with opened() as flow:
        problems = check_store(
            path.read_text(encoding="utf-8") if path else build(), flow.rooms.settings.store
        )
    for problem in problems:
        errors.print(problem)
    raise typer.Exit(1 if problems else 0)


@app.command()
def install(
    url: Annotated[str, typer.Argument(help="Address of Dashboards or Kibana.")],
    kind: Annotated[str, typer.Option(help="opensearch or kibana.")] = "opensearch",
) -> None:
    """Import the saved objects into a running Dashboards or Kibana."""
    from index.dashboards import install as send

    send(url, kind)
    errors.print("installed")

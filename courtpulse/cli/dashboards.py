"""`courtpulse dashboards`: saved objects for OpenSearch Dashboards and Kibana."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from courtpulse.cli.printing import errors, output
from courtpulse.settings import Settings

app = typer.Typer(help="Dashboards for OpenSearch Dashboards and Kibana.", no_args_is_help=True)


@app.command()
def export(path: Path) -> None:
    """Write the saved objects (NDJSON) to a file."""
    path.write_text(_objects(Settings.load()), encoding="utf-8")
    errors.print(f"wrote {path}")


@app.command()
def check(
    path: Annotated[Path | None, typer.Argument(help="NDJSON; default: ours.")] = None,
) -> None:
    """Check references, fields and aggregations; on a cluster also run every panel's query."""
    from index import open_cluster
    from index.dashboards import check as defects

    settings = Settings.load()
    text = path.read_text(encoding="utf-8") if path else _objects(settings)
    found = defects(text, open_cluster(settings.store)[0] if _on_cluster(settings) else None)
    for line in found:
        output.print(line, markup=False)
    errors.print(
        f"{len(found)} defects"
        + ("" if _on_cluster(settings) else "; no cluster is set, so no query was run")
    )
    raise typer.Exit(1 if found else 0)


@app.command()
def install(
    url: Annotated[str, typer.Argument(help="Address of Dashboards or Kibana.")],
    authorization: Annotated[
        str,
        typer.Option(
            envvar="COURTPULSE_DASHBOARDS_AUTHORIZATION",
            help="Value of the Authorization header; better given in the environment.",
        ),
    ] = "",
) -> None:
    """Import the saved objects into a running Dashboards or Kibana."""
    from index.dashboards import install as send

    headers = {"Authorization": authorization} if authorization else None
    errors.print(f"{send(url, headers, text=_objects(Settings.load()))} objects installed")


def _on_cluster(settings: Settings) -> bool:
    return not settings.store.startswith("sqlite:")


def _objects(settings: Settings) -> str:
    from index import open_cluster
    from index.dashboards import build

    return build(open_cluster(settings.store)[1].prefix) if _on_cluster(settings) else build()

"""`courtpulse sources`, `courtpulse new`: what is watched, on what footing, and when it was blind."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from courtpulse.cli import ledger
from courtpulse.cli.crosscheck import crosscheck
from courtpulse.cli.overlap import overlap
from courtpulse.cli.printing import Json, errors, print_facts, print_json, print_table
from courtpulse.flow import opened

app = typer.Typer(help="Sources, their state, their gaps, their rejects.", no_args_is_help=True)
new = typer.Typer(help="Generate what a new part needs.", no_args_is_help=True)


app.command("list")(ledger.list_)
app.command()(ledger.show)
app.command()(ledger.check)
app.command()(ledger.coverage)
app.command()(ledger.export)


@app.command()
def gaps(
    days: Annotated[float, typer.Option(min=0.01, help="How far back.")] = 7, as_json: Json = False
) -> None:
    """List when sources were blind."""
    with opened() as flow:
        now = flow.rooms.clock()
        found = flow.rooms.records.runs.gaps(now - timedelta(days=days), now)
    if as_json:
        print_json(found)
        return
    print_table(
        ("source", "from", "to", "reason", "detail"),
        [(gap.source, gap.start, gap.end, gap.reason, gap.detail) for gap in found],
    )


@app.command()
def rejects(
    source: Annotated[str, typer.Option(help="Only of this source.")] = "", as_json: Json = False
) -> None:
    """List rejected items in the quarantine (7 days), and how many more weren't kept."""
    with opened() as flow:
        waiting, left_out = flow.rooms.quarantine.list(), flow.rooms.quarantine.left_out()
    found = [item for item in waiting if source in ("", item.source)]
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "source", "where", "problem", "at"),
        [(item.id, item.source, item.where, item.error, item.rejected_at) for item in found],
    )
    for name, count in left_out.items():
        errors.print(f"{name}: {count} more were rejected and not kept, what is listed is a sample")


@app.command()
def replay(
    reject_id: Annotated[str, typer.Argument(help="Id of a reject, name of a source, or all.")],
    as_json: Json = False,
) -> None:
    """Try rejected items again, after a fix."""
    from courtpulse.rejects import replay_rejects

    with opened() as flow:
        print_facts(replay_rejects(flow.rooms, reject_id), as_json)


app.command()(crosscheck)
app.command()(overlap)


@app.command("rotate-key")
def rotate_key() -> None:
    """Seal the quarantine with a new key from now on; what waits can still be read and replayed."""
    with opened() as flow:
        flow.rooms.quarantine.rotate_key()


@new.command("source")
def new_source(
    name: str,
    kind: Annotated[
        str,
        typer.Option(help="feed, site, weibo_api, weibo_push, weibo_comments, gsdata or mastodon."),
    ],
    url: str,
    basis: Annotated[str, typer.Option(help="Legal footing in words.")],
    owner: Annotated[str, typer.Option(help="Who in the house answers for it.")],
    folder: Annotated[Path, typer.Option(help="Root of the checkout.")] = Path(),
) -> None:
    """Write declaration, spider, saved page and a test that fails until it is finished."""
    from crawlers.scaffold import Footing
    from crawlers.scaffold import new_source as generate

    sites = folder / "crawlers" / "sites"
    for path in generate(name, kind, url, sites, Footing(basis, owner)):
        errors.print(f"wrote {path}")

"""Command that looks at near-duplicates: how posts spread; families decided anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from courtpulse.cli.printing import Json, local, output, print_json, print_table
from courtpulse.flow import opened
from domain.protocols import Query
from domain.spread import spread


def families(
    case: Annotated[str, typer.Argument(help="Id of a case; left out: all posts.")] = "",
    days: Annotated[int, typer.Option(min=1, max=180, help="So many days back.")] = 7,
    most: Annotated[int, typer.Option(min=1, max=100, help="Families shown.")] = 10,
    rebuild: Annotated[
        bool, typer.Option(help="Decide the families of every post anew first (minutes).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the largest families of near-duplicates, where each appeared first, how it spread."""
    from courtpulse.families import rebuild as decide_anew

    with opened() as flow:
        rooms, now = flow.rooms, flow.rooms.clock()
        if rebuild:
            done = decide_anew(rooms.store, rooms.lookalikes, lambda: rooms.records.alone("watch"))
            output.print(f"{done.posts} posts read, {done.changed} changed")
        cases = (case,) if case else ()
        window = Query(cases=cases, since=now - timedelta(days=days), until=now)
        found = spread(rooms.store, window, most)
    if as_json:
        print_json(found)
        return
    print_table(
        ("family", "posts", "template", "first", "source", "kind", "spread", "text"),
        [
            (
                one.id[:16], one.posts, one.template,
                local(one.first.published_at) if one.first else "",
                one.first.source if one.first else "",
                one.first.verified_type if one.first else "",
                ", ".join(f"{r.source} {r.posts}" for r in one.reach),
                one.first.full_text[:40] if one.first else "",
            )
            for one in found.families
        ],
    )  # fmt: skip
    output.print(f"{found.posts} posts, {found.distinct} different texts, {found.copied} copied")


def add_to(app: typer.Typer) -> None:
    """Register the command of this file."""
    app.command()(families)

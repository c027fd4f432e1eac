"""`courtpulse deletions`, `courtpulse intake`: what was deleted, what to recall, how intake stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from courtpulse.cli.names import By, acting
from courtpulse.cli.printing import Json, errors, print_facts, print_json, print_table
from courtpulse.flow import Flow, opened

app = typer.Typer(
    help="Deleted posts, what left the house with them, and restored backups.",
    no_args_is_help=True,
)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50, as_json: Json = False
) -> None:
    """List the count records, newest first: how many, why, of which source, which places. No text."""
    with opened() as flow:
        found = flow.rooms.records.deletions.recent(limit)
        waiting = _waiting(flow)
    if waiting:
        errors.print(
            f"{waiting} files wait in imports/ and may hold deleted posts: they are the court's own "
            "and nobody has read them yet. When they are imported, such a row is refused and its "
            "file deleted."
        )
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "asked at", "source", "why", "ids", "in the index", "places", "finished"),
        [
            (
                one.id, one.asked_at, one.source, one.reason, one.asked, one.held,
                " ".join(f"{place}:{count}" for place, count in one.places), one.finished_at,
            )
            for one in found
        ],
    )  # fmt: skip


def _waiting(flow: Flow) -> int:
    """Files that wait to be imported, where a post of an import was ever deleted."""
    from courtpulse.drop_folder import waiting_files
    from crawlers.declared import ImportSource

    rooms = flow.rooms
    gone = {stone.source for stone in rooms.records.deletions.tombstones()}
    imports = [
        source
        for name, source in rooms.sources.items()
        if isinstance(source, ImportSource) and gone & {name, ""}
    ]
    return waiting_files(rooms.settings.folder / "imports", imports)


@app.command()
def finish() -> None:
    """Finish deletions that a kill or a full disk left pending, now; the night's round does too."""
    with opened() as flow:
        errors.print(f"{flow.eraser().finish_pending()} deletions finished")


@app.command()
def exports(
    everything: Annotated[
        bool, typer.Option("--all", help="Also what needs nothing done.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List what left the house and rests on posts deleted since: recall or replace it."""
    with opened() as flow:
        records = flow.rooms.records.exports
        found = records.recent(500) if everything else records.to_recall()
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "what", "name", "made", "posts", "deleted since", "dealt with", "by"),
        [
            (
                one.id, one.kind, one.name, one.made_at, one.posts, one.deleted, one.settled_at,
                one.settled_by,
            )
            for one in found
        ],
    )  # fmt: skip


@app.command()
def settle(export_id: Annotated[int, typer.Argument(min=1, max=2**31 - 1)], by: By = "") -> None:
    """Say that a listed export was recalled or replaced."""
    with opened() as flow:
        flow.rooms.records.exports.settle(export_id, acting(by))


@app.command()
def replay(
    journal: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="tombstones.jsonl saved before the restore."
        ),
    ] = None,
) -> None:
    """After a backup was restored: delete again everything that has a tombstone."""
    with opened() as flow:
        errors.print(f"{flow.eraser().replay(journal)} tombstones applied")


def intake(as_json: Json = False) -> None:
    """Say how intake stands: free disk, what waits to be indexed, whether it is slowed or paused."""
    with opened() as flow:
        state = flow.rooms.pressure.state()
    if as_json:
        print_json({"minutes_behind": state.minutes_behind, "state": state})
        return
    print_facts(
        {
            "intake": state.paused or ("slowed" if state.slowed else "open"),
            "free disk, MB": state.free // 2**20,
            "pauses below, MB": state.least // 2**20,
            "segments waiting": state.segments,
            "posts waiting, about": state.posts,
            "minutes behind": state.minutes_behind,
            "damaged segments": state.damaged,
        },
        as_json=False,
    )

"""`courtpulse sources overlap`: what two looks at the same hours say of what we didn't see."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from courtpulse.cli.printing import Json, print_json, print_table
from courtpulse.flow import opened


def overlap(
    days: Annotated[float, typer.Option(min=0.05, help="How far back.")] = 7, as_json: Json = False
) -> None:
    """Estimate what was missed, from windows that overlap and queries that find the same posts."""
    from domain.overlap import overlap_lines

    with opened() as flow:
        records, now = flow.rooms.records, flow.rooms.clock()
        titles = {status.source: status.title for status in records.runs.statuses()}
        captures = records.captures.between(now - timedelta(days=days), now)
    if as_json:
        print_json(captures)
        return
    print_table(
        ("source", "looks", "n1", "n2", "m", "hours", "estimate", "caveat"),
        [
            (one.source, one.looks, one.first, one.second, one.both, one.hours, one.sentence, one.caveat)
            for one in overlap_lines(captures, titles)
        ],
    )  # fmt: skip

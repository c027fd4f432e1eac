"""`courtpulse sources …`: the ledger and the coverage by hour, beside state, gaps and rejects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from courtpulse.cli.printing import Json, errors, print_error, print_json, print_table
from courtpulse.flow import Flow, opened
from domain.errors import CourtpulseError, NotFound, StoreFailure
from domain.hours import SourceHour
from domain.ledger import LedgerEntry, RobotsReading, licence_state

_SOURCE = typer.Argument(help="Name of a source.")


def list_(as_json: Json = False) -> None:
    """List declared sources: footing, licence, robots.txt, owner, retention, state."""
    with opened() as flow:
        flow.register_sources()
        found = [_facts(flow, entry) for entry in flow.rooms.records.ledger.entries()]
    if as_json:
        print_json(found)
        return
    print_table(
        ("source", "title", "state", "basis", "licence", "robots.txt", "owner", "keep", "why"),
        [
            (
                one["ledger"].source, one["ledger"].title, _state(one),
                one["ledger"].basis, _licence(one), _verdicts(one), one["ledger"].owner,
                f"{one['ledger'].retention.days} d",
                (one["status"].detail or one["status"].reason) if one["status"] else None,
            )
            for one in found
        ],
    )  # fmt: skip


def show(source: Annotated[str, _SOURCE], as_json: Json = False) -> None:
    """Show one source's footing now and before, its verdicts, its changes of state."""
    with opened() as flow:
        flow.register_sources()
        records = flow.rooms.records
        history = records.ledger.history(source)
        entries = [version.entry for version in history if version.entry is not None]
        if not entries:
            raise NotFound(f"no source {source!r}", remedy="courtpulse sources list shows them")
        facts = _facts(flow, entries[-1])
        now = flow.rooms.clock()
        changes = records.source_changes.between(now - timedelta(days=30), now, source)
    if as_json:
        print_json({**facts, "history": history, "changes": changes})
        return
    entry = facts["ledger"]
    print_table(
        ("", ""),
        [
            *((name, getattr(entry, name)) for name in LedgerEntry.__dataclass_fields__),
            ("licence", _licence(facts)), ("robots.txt", _verdicts(facts)),
            ("state", _state(facts)),
        ],
    )  # fmt: skip
    print_table(
        ("since", "by", "changed"),
        [
            (
                one.since,
                one.made_by,
                ", ".join(one.changed) or ("removed", "first")[bool(one.entry)],
            )
            for one in history
        ],
    )


def check(
    source: Annotated[list[str] | None, typer.Argument(help="Sources; default: all.")] = None,
    as_json: Json = False,
) -> None:
    """Ask robots.txt about every address the sources ask; fetches nothing else."""
    from courtpulse.ledger import check as ask

    with opened() as flow:
        flow.register_sources()
        found: list[tuple[str, RobotsReading]] = []
        failed = False
        for name in source or sorted(flow.rooms.sources):
            if name not in flow.rooms.sources:
                raise NotFound(f"no source {name!r}", remedy="courtpulse sources list shows them")
            try:
                readings = ask(flow.rooms, flow.rooms.sources[name])
            except CourtpulseError as error:
                print_error(error)
                failed = True
                continue
            found += [(name, reading) for reading in readings]
    if as_json:
        print_json([{"source": name, "reading": reading} for name, reading in found])
    else:
        print_table(
            ("source", "robots.txt", "verdict", "status", "fetched", "disallowed", "detail"),
            [
                (
                    name, one.address, one.verdict, one.status, one.fetched_at,
                    ", ".join(one.disallowed), one.detail,
                )
                for name, one in found
            ],
        )  # fmt: skip
    if failed:
        raise typer.Exit(1)


def coverage(
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    days: Annotated[float, typer.Option(min=0.05, help="How far back.")] = 7,
    as_json: Json = False,
) -> None:
    """Show by source, or by hour of one source, what was expected, what came, what was seen."""
    from courtpulse.coverage import cover

    with opened() as flow:
        flow.register_sources()
        cover(flow.rooms)
        now = flow.rooms.clock()
        hours = flow.rooms.records.hours.between(
            now - timedelta(days=days), now, (source,) if source else None
        )
    if as_json:
        print_json([_hour(hour) for hour in hours])
    elif source:
        print_table(
            ("hour", "state", "got", "whole", "expected", "covered", "blind", "reason", "detail"),
            [
                (
                    one.start, one.state, one.got, f"~{one.scaled:.0f}" if one.estimated else "",
                    one.expected, f"{one.covered:.0%}", f"{one.blind:.0%}", one.reason, one.detail,
                )
                for one in hours
            ],
        )  # fmt: skip
    else:
        _print_sums(hours)


def export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="File to write.")],
) -> None:
    """Write the ledger as CSV for the file; no cell is ever a formula."""
    from courtpulse.pages import services
    from desk.ledger_sheet import ledger_csv

    with opened() as flow:
        flow.register_sources()
        sheet = ledger_csv(services(flow))
    try:
        file.write_text(sheet, encoding="utf-8", newline="")
    except OSError as error:
        raise StoreFailure(
            f"the ledger can't be written: {error.strerror}",
            remedy="name a file in a folder that exists and may be written",
            where=str(file),
        ) from error
    errors.print(f"wrote {file}")


def _print_sums(hours: Sequence[SourceHour]) -> None:
    rows = []
    for name in sorted({hour.source for hour in hours}):
        over = [hour for hour in hours if hour.source == name and hour.settled]
        covered = sum(hour.covered for hour in over) / len(over) if over else None
        rows.append(
            (
                name, len(over), sum(hour.got for hour in over),
                None if covered is None else f"{covered:.1%}",
                sum(hour.blind for hour in over),
                ", ".join(sorted({hour.reason.value for hour in over if hour.reason})),
                sum(hour.expected is not None for hour in over),
            )
        )  # fmt: skip
    print_table(
        ("source", "hours", "got", "covered", "hours blind", "why", "hours with expectation"), rows
    )


def _facts(flow: Flow, entry: LedgerEntry) -> dict[str, Any]:
    records = flow.rooms.records
    statuses = {status.source: status for status in records.runs.statuses()}
    return {
        "ledger": entry,
        "licence": licence_state(entry.license_ref, entry.license_until, flow.rooms.clock()),
        "robots": records.robots.newest(entry.source),
        "status": statuses.get(entry.source) if entry.enabled else None,
    }


def _hour(hour: SourceHour) -> dict[str, Any]:
    values = {name: getattr(hour, name) for name in SourceHour.__dataclass_fields__}
    return {**values, "scaled": hour.scaled, "estimated": hour.estimated, "state": hour.state}


def _state(facts: dict[str, Any]) -> str:
    return facts["status"].health if facts["status"] else "disabled"


def _licence(facts: dict[str, Any]) -> str:
    entry = facts["ledger"]
    until = f" until {entry.license_until}" if entry.license_until else ""
    return f"{facts['licence'].value} {entry.license_ref}{until}".strip()


def _verdicts(facts: dict[str, Any]) -> str:
    return ", ".join(one.reading.verdict.value for one in facts["robots"]) or "not asked yet"

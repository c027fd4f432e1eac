"""`courtpulse cases import`: the registry filled from a court's own system."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from courtpulse.case_import import ImportResult, Outcome, import_cases, load_mapping
from courtpulse.cli.names import By, acting
from courtpulse.cli.printing import Json, errors, print_json, print_table, progress
from courtpulse.flow import opened

_ACTIONS = {"added": "新增", "changed": "改动", "unchanged": "保留本处", "refused": "拒绝"}


def import_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, XLSX or YAML.")],
    mapping: Annotated[
        str, typer.Option(help="Name or file of the column mapping.")
    ] = "court_system",
    watch: Annotated[
        bool, typer.Option(help="Also watch the cases, unless a column says no.")
    ] = False,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be done.")] = False,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Register the cases of a court's own system. Importing a file again changes nothing; what a
    person changed here stays and is shown."""
    with opened() as flow:
        rooms = flow.rooms
        with progress() as bar:
            task = bar.add_task("writing", total=None)
            result = import_cases(
                rooms.records, file, load_mapping(mapping), rooms.clock, acting(by),
                watch=watch, dry_run=dry_run,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )  # fmt: skip
        linked = {} if dry_run else flow.watcher().resume()
    if as_json:
        print_json(result)
        return
    print_table(
        ("rows", "what", "case", "detail"),
        [
            (_rows(one), _ACTIONS[one.action], one.title or one.case_id, _detail(one))
            for one in result.outcomes
        ],
    )
    _sum_up(result)
    for case_id, found in linked.items():
        errors.print(f"{case_id}: {found.linked} earlier posts")


def _sum_up(result: ImportResult) -> None:
    counts = ", ".join(f"{n} {action}" for action, n in sorted(result.counts.items()))
    errors.print(
        f"{'dry run: ' if result.dry_run else ''}{counts or 'no rows'}; "
        f"{result.watched} newly watched; {result.days} key dates, {result.moved} moved"
    )
    if result.unread:
        errors.print(
            f"columns not read: {', '.join(name[:20] for name in result.unread)}", markup=False
        )


def _rows(one: Outcome) -> str:
    return ", ".join(map(str, one.rows[:4])) + (" …" if len(one.rows) > 4 else "")


def _detail(one: Outcome) -> str:
    if one.problem:
        return f"{one.problem}；{one.remedy}" if one.remedy else one.problem
    parts = [
        f"{d.name}：{d.here or '无'} → {d.there}" for d in one.changed if one.action == "changed"
    ]
    parts += [f"{d.name} 保留“{d.here}”，法院系统为“{d.there}”" for d in one.kept]
    return "；".join((*parts, *one.warnings))

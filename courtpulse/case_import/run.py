"""An import from the file to the records; killed anywhere, the same file again brings the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from courtpulse.case_import.incoming import Incoming, read_row
from courtpulse.case_import.mapping import CaseMapping
from courtpulse.case_import.plan import Outcome, Registry
from courtpulse.case_import.rows import read
from crawlers.table_rows import BadRow
from domain.errors import BadInput, ConfigurationError
from domain.registry import KeyDate, KeyDateKind, Review
from domain.time import Clock
from nlp.linking import check
from records import Records
from records.key_dates import Day

#: Cases written in one transaction.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or (dry run) would do.

    Attributes:
        counts: cases by action: added, changed, unchanged; rows that were refused.
        outcomes: of everything that isn't simply unchanged, in the order of the rows.
        days: key dates entered; moved: days the court's system no longer names, taken back.
        unread: columns nobody reads.
    """

    dry_run: bool
    counts: Counter[str]
    outcomes: tuple[Outcome, ...]
    watched: int
    days: int
    moved: int
    unread: tuple[str, ...]


def import_cases(
    records: Records, path: Path, mapping: CaseMapping, clock: Clock, by: str,
    *, watch: bool = False, dry_run: bool = False, progress: Callable[[int, int], None] | None = None,
) -> ImportResult:  # fmt: skip
    """Read `path` into the registry. Cases are registered; watched only where the file's column
    says so or `watch` is set, and linked by `Watcher.resume`, which the caller runs afterwards.

    Args:
        by: the person who imports; stands in the cases' history.
        progress: called with (cases written, all).

    Raises:
        BadInput: the file as a whole can't be read; a row that can't be is an outcome.
    """
    rows, unread = read(path, mapping)
    incoming, outcomes = _incoming(rows, mapping)
    registry = _registry(records, mapping.system, incoming, clock)
    for one in incoming:
        try:
            outcomes.append(registry.plan(one, watch if one.watch is None else one.watch))
        except (BadInput, ConfigurationError) as error:
            outcomes.append(_refused(one.rows, error))
    days, moved = _days(records, outcomes, f"导入：{mapping.title}")
    if not dry_run:
        total = len(registry.writes)
        for start in range(0, total, _CHUNK):
            chunk = registry.writes[start : start + _CHUNK]
            records.case_imports.write(mapping.system, by, clock(), chunk)
            if progress:
                progress(min(start + _CHUNK, total), total)
        _enter(records, days, moved, f"导入：{mapping.title}")
    outcomes.sort(key=lambda outcome: outcome.rows)
    return ImportResult(
        dry_run=dry_run,
        counts=Counter(outcome.action for outcome in outcomes),
        outcomes=tuple(one for one in outcomes if one.action != "unchanged" or one.kept),
        watched=sum(one.watched for one in outcomes),
        days=len(days),
        moved=len(moved),
        unread=tuple(unread),
    )


def _incoming(rows: Iterable[object], mapping: CaseMapping) -> tuple[list[Incoming], list[Outcome]]:
    """What the rows say, those on one case joined; and the rows that can't be read."""
    said: dict[str, Incoming] = {}
    refused: list[Outcome] = []
    for row in rows:
        if isinstance(row, BadRow):
            refused.append(_refused((row.number,), row.error))
            continue
        try:
            one = read_row(row.number, row.cells, mapping)  # type: ignore[attr-defined]
        except BadInput as error:
            refused.append(_refused((row.number,), error))  # type: ignore[attr-defined]
            continue
        said[one.key] = said[one.key].joined(one) if one.key in said else one
    return list(said.values()), refused


def _registry(records: Records, system: str, incoming: list[Incoming], clock: Clock) -> Registry:
    known = records.case_imports.known(system, (one.key for one in incoming))
    by_number = records.cases.by_numbers(number for one in incoming for number in one.numbers)
    ids = [one.case_id for one in known.values()]
    ids += [case_id for found in by_number.values() for case_id in found]
    digest = records.case_imports.digest
    said: dict[str, dict[str, set[str]]] = {}
    for one in records.case_imports.of_some(system, ids):
        for name, text in one.fields.items():
            said.setdefault(one.case_id, {}).setdefault(name, set()).add(text)
    return Registry(system, clock(), known, by_number, records.cases.some(ids), said, check, digest)


def _days(
    records: Records, outcomes: list[Outcome], source: str
) -> tuple[list[Day], list[KeyDate]]:
    """Days to enter, and days that this system named before and names no longer."""
    named: dict[str, set[tuple[KeyDateKind, date]]] = {}
    for outcome in outcomes:
        if outcome.days:
            named.setdefault(outcome.case_id, set()).update(outcome.days)
    held: dict[str, dict[tuple[KeyDateKind, date], KeyDate]] = {}
    for day in records.key_dates.of_some(named):
        held.setdefault(day.case_id, {})[day.kind, day.day] = day
    enter, moved = list[Day](), list[KeyDate]()
    for case_id, days in named.items():
        before = held.get(case_id, {})
        enter += [
            Day(case_id, kind, day)
            for kind, day in sorted(days)
            if (kind, day) not in before or _open(before[kind, day], source)
        ]
        kinds = {kind for kind, _ in days}
        moved += [
            one for (kind, day), one in before.items()
            if kind in kinds and (kind, day) not in days
            and one.source == source and one.review is Review.ACCEPTED
        ]  # fmt: skip
    return enter, moved


def _open(held: KeyDate, source: str) -> bool:
    """Whether the system's word still changes something: only proposed, or taken back by itself."""
    return held.review is Review.PROPOSED or (
        held.review is Review.REFUSED and held.decided_by == source
    )


def _enter(records: Records, days: list[Day], moved: list[KeyDate], source: str) -> None:
    for start in range(0, len(days), _CHUNK):
        records.key_dates.enter(days[start : start + _CHUNK], source, source)
    for one in moved:
        records.key_dates.refuse(one.id, source, "法院系统已改期")


def _refused(rows: tuple[int, ...], error: BadInput | ConfigurationError) -> Outcome:
    return Outcome(rows, "refused", problem=error.problem, remedy=error.remedy)

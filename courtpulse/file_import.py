"""A file imported by hand: whose rows they are, and what the file covers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from courtpulse.ledger import refuse_unlicensed
from domain.sources import SourceRun
from domain.time import bucket_index, bucket_start

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms
    from crawlers.imports import ImportReport
    from crawlers.table_rows import Progress


def import_file(
    rooms: Rooms, path: Path, mapping: Path | str, license_ref: str, progress: Progress | None
) -> ImportReport:
    """See `courtpulse.flow.Flow.import_file`."""
    from crawlers.imports import import_file as read
    from crawlers.imports import load_mapping

    source = _source(rooms, path, mapping)
    refuse_unlicensed(rooms, source)
    ingest, started = rooms.ingest(), rooms.clock()
    found = load_mapping(mapping, license_ref)
    report = read(path, found, ingest, rooms.clock, progress, source=source)
    ingest.commit()
    _cover(rooms, report, started)
    return report


def _cover(rooms: Rooms, report: ImportReport, started: datetime) -> None:
    """Record that a file covers what it spans, in whole buckets; around it nothing is known."""
    if report.first is None or report.last is None:
        return
    run = SourceRun(
        source=report.source,
        started_at=started,
        finished_at=rooms.clock(),
        window_start=bucket_start(bucket_index(report.first)),
        window_end=bucket_start(bucket_index(report.last) + 1),
        seen=report.rows,
        new=report.new,
        rejected=report.rejected,
    )
    rooms.records.runs.add_run(run)


def _source(rooms: Rooms, path: Path, mapping: Path | str) -> str:
    """Name of the one declared import that would read `path` so; "" when none or several."""
    from crawlers.declared import ImportSource

    alike = [
        source
        for source in rooms.sources.values()
        if isinstance(source, ImportSource) and source.mapping == str(mapping)
    ]
    named = [one for one in alike if any(path.match(pattern) for pattern in one.files)]
    found = named or alike
    return found[0].source if len(found) == 1 else ""

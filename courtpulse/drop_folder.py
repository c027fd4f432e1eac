"""Imports that run by themselves: files laid into `imports/` in the data folder.

A file is moved to `imports/done/` when its rows stand in the inbox. Killed before that, or written
to meanwhile, it is imported again, which changes nothing: a row's id is its ticket's number. A finished file still
names callers and their telephones, so it lives no longer than a segment; one with a row of a post
that was deleted goes as soon as it is imported, and until then it waits unread: nobody can tell what
a file holds before its rows are read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from crawlers.declared import ImportSource
from crawlers.failures import SourceBlind
from crawlers.footing import stopped
from crawlers.imports import ImportReport, import_file, load_mapping
from crawlers.ingest import Ingest
from domain.errors import BadInput
from domain.protocols import RunLog
from domain.sources import Gap, GapReason, SourceRun
from domain.time import Clock

log = structlog.get_logger()


def collect_files(
    source: ImportSource,
    folder: Path,
    ingest: Ingest,
    run_log: RunLog,
    clock: Clock,
    buried: Callable[[Collection[str]], set[str]] = lambda _: set(),
) -> SourceRun:
    """Import every waiting file of `source`; one that can't be read stays and opens a gap.

    Args:
        buried: those of some ids that were deleted for good.
    """
    started = clock()
    if (blind := stopped(source, started)) is not None:
        return _refused(source, blind, run_log, started)
    folder.mkdir(parents=True, exist_ok=True)
    read = partial(
        import_file,
        mapping=load_mapping(source.mapping, source.license_ref),
        ingest=ingest,
        clock=clock,
        source=source.source,
    )
    seen = new = rejected = 0
    trouble, oldest = "", run_log.last_covered(source.source) or started
    for path in _waiting(source, folder):
        try:
            report = _take(path, folder / "done", read, ingest, clock, buried)
        except BadInput as error:
            trouble = str(error)
            log.error("file can't be imported", source=source.source, problem=error.problem)
            continue
        seen, new, rejected = seen + report.rows, new + report.new, rejected + report.rejected
        # A file covers what it spans, however far back that is.
        oldest = min(oldest, report.first or oldest)
    finished = clock()
    run = SourceRun(
        source=source.source,
        started_at=started,
        finished_at=finished,
        window_start=oldest,
        window_end=finished,
        seen=seen,
        new=new,
        rejected=rejected,
        gap=GapReason.BAD_BODY if trouble else None,
        detail=trouble,
    )
    run_log.add_run(run)
    log.info("imported", source=run.source, seen=seen, new=new, rejected=rejected)
    if trouble:
        run_log.open_gap(Gap(source.source, started, None, GapReason.BAD_BODY, trouble))
    else:
        run_log.close_gap(source.source, finished)
    return run


def _take(
    path: Path,
    done: Path,
    read: Callable[[Path], ImportReport],
    ingest: Ingest,
    clock: Clock,
    buried: Callable[[Collection[str]], set[str]],
) -> ImportReport:
    """Import a file and, once its rows last, put it away; one that changed meanwhile stays.

    Args:
        read: takes the file's rows into `ingest`.

    Raises:
        BadInput: it can't be read to its end, and stays.
    """
    before = _shape(path)
    try:
        report = read(path)
    except BadInput:
        ingest.abandon()  # what this file brought must not pass for the next one's
        raise
    deleted = buried(ingest.ids)
    ingest.commit()
    if _shape(path) != before:
        log.warning("file is still being written, read again next time", source=report.source)
    elif deleted:
        # The index refuses the rows and their segment loses them; the file must not keep them.
        path.unlink(missing_ok=True)
        log.info("file deleted: it holds deleted posts", source=report.source, rows=len(deleted))
    else:
        _set_aside(path, done, clock())
    return report


def _shape(path: Path) -> tuple[int, int, int] | None:
    """What changes when somebody writes to a file or lays another in its place."""
    try:
        held = path.stat()
    except FileNotFoundError:
        return None
    return held.st_ino, held.st_size, held.st_mtime_ns


def _refused(source: ImportSource, blind: SourceBlind, run_log: RunLog, now: datetime) -> SourceRun:
    """No file is opened; they wait for the licence."""
    since = run_log.last_covered(source.source) or now
    run = SourceRun(source.source, now, now, since, now, gap=blind.reason, detail=blind.detail)
    run_log.open_gap(Gap(source.source, since, None, blind.reason, blind.detail))
    run_log.add_run(run)
    return run


def delete_imported(folder: Path, before: datetime) -> int:
    """Delete files whose import finished before `before`; return how many."""
    finished = [
        path
        for path in (folder / "done").glob("*")
        if path.is_file() and datetime.fromtimestamp(path.stat().st_mtime, UTC) < before
    ]
    for path in finished:
        path.unlink(missing_ok=True)
    return len(finished)


def delete_done(folder: Path, sources: Iterable[ImportSource]) -> int:
    """Delete finished files of these imports, because a row of theirs was deleted; how many."""
    concerned = {
        path
        for source in sources
        for pattern in source.files
        # A second file of the same name got a number.
        for path in (folder / "done").glob("*")
        if path.is_file() and (path.match(pattern) or _numbered(path, pattern))
    }
    for path in concerned:
        path.unlink(missing_ok=True)
    return len(concerned)


def waiting_files(folder: Path, sources: Iterable[ImportSource]) -> int:
    """How many files of these imports wait to be read."""
    return len({path for source in sources for path in _waiting(source, folder)})


def _numbered(path: Path, pattern: str) -> bool:
    stem, dash, number = path.stem.rpartition("-")
    return bool(dash) and number.isdecimal() and path.with_stem(stem).match(pattern)


def _waiting(source: ImportSource, folder: Path) -> list[Path]:
    found = {path for pattern in source.files for path in folder.glob(pattern) if path.is_file()}
    return sorted(found)


def _set_aside(path: Path, done: Path, now: datetime) -> None:
    """Move a finished file, stamped `now`; a second one of the same name gets a number."""
    done.mkdir(exist_ok=True)
    target, number = done / path.name, 2
    while target.exists():
        target = done / f"{path.stem}-{number}{path.suffix}"
        number += 1
    os.utime(path, (now.timestamp(), now.timestamp()))
    path.replace(target)

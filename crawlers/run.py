"""One run of one source: spawn its spider, and turn what comes back into runs and gaps.

Light to import: Scrapy lives in the child process only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from crawlers.declarations import Declaration
from crawlers.declared import ImportSource, Windowed
from crawlers.jobs import Job, Outcome, Places, job_form, outcome_form
from domain import errors
from domain.errors import ConfigurationError, CourtpulseError
from domain.protocols import RunLog
from domain.sources import Gap, GapReason, SourceRun
from domain.time import Clock, as_utc

_log = structlog.get_logger(__name__)
_ROOT = Path(__file__).resolve().parent.parent
_NO_OVERLAP = timedelta(0)


def collect(
    declaration: Declaration,
    *,
    run_log: RunLog,
    clock: Clock,
    data_dir: Path,
    inbox: str = "",
    sites: Path | None = None,
    contact: str = "",
    since: datetime | None = None,
) -> SourceRun:
    """Run a source once, commit what it delivered, and report run and gaps to `run_log`.

    The window begins where the last covered one ended (less the overlap), so a source that was
    down is caught up with; it advances only when it was covered.

    Args:
        data_dir: holds tokens, quarantine, state, and the inbox unless `inbox` names another.
        inbox: folder or fsspec URL.
        sites: folder with the operator's own ``<source>.py`` spiders.
        contact: address in the user agent.
        since: begin the window here instead, aware.

    Raises:
        ConfigurationError: an import was given, or a credential is not in the environment.
        CourtpulseError: an error of ours (disk, permission, crash); the gap NOT_RUN is recorded.
    """
    if isinstance(declaration, ImportSource):
        raise ConfigurationError(
            "an import is no crawl", remedy="use courtpulse import", where=declaration.source
        )
    started = as_utc(clock())
    covered = run_log.last_covered(declaration.source)
    job = Job(
        declaration=declaration,
        places=Places.under(data_dir, inbox, sites),
        now=started,
        window_start=_window_start(declaration, covered, since, started),
        window_end=started,
        covered_until=covered,
        contact=contact,
    )
    outcome = without_credentials(job) or spawn(job)
    run = _run(job, outcome, as_utc(clock()))
    _report(run_log, job, run)
    _log.info(
        "collected",
        source=run.source,
        requests=run.requests,
        seen=run.seen,
        new=run.new,
        rejected=run.rejected,
        gap=run.gap and run.gap.value,
        seconds=round((run.finished_at - run.started_at).total_seconds(), 2),
    )
    if outcome.fault is not None:
        raise error_of(outcome.fault, declaration.source)
    return run


def _window_start(
    declaration: Declaration, covered: datetime | None, since: datetime | None, now: datetime
) -> datetime:
    if since is not None:
        return as_utc(since)
    if covered is None:
        return now - declaration.backfill
    overlap = declaration.overlap if isinstance(declaration, Windowed) else _NO_OVERLAP
    return as_utc(covered) - overlap


def without_credentials(job: Job) -> Outcome | None:
    """What to report when a variable that the declaration names is not set; None when all are."""
    missing = [name for name in job.declaration.credentials.values() if not os.environ.get(name)]
    if not missing:
        return None
    return _failed(
        job,
        GapReason.NOT_RUN,
        f"未设置环境变量 {missing[0]}",
        ("ConfigurationError", f"{missing[0]} is not set", "set it to the source's credential"),
    )


def spawn(job: Job) -> Outcome:
    """Run `crawlers.child` in a session of its own, kill it at the time limit, read its outcome."""
    limit = job.declaration.timeout.total_seconds()
    with tempfile.TemporaryDirectory(prefix="courtpulse-") as folder:
        result = Path(folder) / "outcome.json"
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "crawlers.child", str(result)],
            stdin=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": _python_path()},
            start_new_session=True,
        )
        try:
            process.communicate(job_form().dump_json(job), timeout=limit)
        except subprocess.TimeoutExpired:
            return _failed(job, GapReason.TIMEOUT, f"超过 {limit:.0f} 秒时限，已强制结束")
        finally:
            # Also on Ctrl-C: nobody else would end a process of another session.
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode != 0 or not result.exists():
            return _failed(
                job,
                GapReason.NOT_RUN,
                f"采集进程异常退出（代码 {process.returncode}），请查看运行日志",
                (
                    "CourtpulseError",
                    f"the spider's process ended with code {process.returncode}",
                    "see the log; -9 means that it was killed, often for want of memory",
                ),
            )
        return outcome_form().validate_json(result.read_bytes())


def _python_path() -> str:
    inherited = os.environ.get("PYTHONPATH", "")
    return os.pathsep.join(part for part in (str(_ROOT), inherited) if part)


def _failed(
    job: Job, reason: GapReason, detail: str, fault: tuple[str, str, str] | None = None
) -> Outcome:
    return Outcome(
        requests=0,
        seen=0,
        new=0,
        rejected=0,
        covered_from=job.window_start,
        reason=reason,
        detail=detail,
        fault=fault,
    )


def _run(job: Job, outcome: Outcome, finished: datetime) -> SourceRun:
    reason = GapReason.NOT_RUN if outcome.fault and not outcome.reason else outcome.reason
    run = SourceRun(
        source=job.declaration.source,
        started_at=job.now,
        finished_at=finished,
        window_start=job.window_start,
        window_end=job.window_end,
        requests=outcome.requests,
        seen=outcome.seen,
        new=outcome.new,
        rejected=outcome.rejected,
        gap=reason,
        detail=outcome.detail or (outcome.fault[1] if outcome.fault else ""),
    )
    # A window cut short by a page limit is covered from there on; the rest is a gap of its own.
    return (
        run
        if reason
        else replace(run, window_start=min(as_utc(outcome.covered_from), job.window_end))
    )


def _report(run_log: RunLog, job: Job, run: SourceRun) -> None:
    """Gaps first, the run last: only the run moves the window on."""
    if run.gap is not None:
        start = job.covered_until or job.window_start
        run_log.open_gap(Gap(run.source, min(start, run.started_at), None, run.gap, run.detail))
    else:
        run_log.close_gap(run.source, run.window_end)
        missed_from = _missed_from(job)
        if missed_from is not None and run.window_start > missed_from:
            run_log.add_gap(
                Gap(
                    run.source,
                    missed_from,
                    run.window_start,
                    GapReason.PAGE_CAP,
                    "新内容多于一次可取的页数，这一段未采全，请缩短采集间隔或细分检索词",
                )
            )
    run_log.add_run(run)


def _missed_from(job: Job) -> datetime | None:
    """Where the run had to reach back to; None for the first look at a list, which has no past."""
    if job.covered_until is not None:
        return max(job.covered_until, job.window_start)
    return job.window_start if isinstance(job.declaration, Windowed) else None


def error_of(fault: tuple[str, str, str], source: str) -> CourtpulseError:
    """The error of ours that an outcome carries."""
    name, problem, remedy = fault
    kind = getattr(errors, name, CourtpulseError)
    if kind is errors.NotifyFailure or not issubclass(kind, CourtpulseError):
        kind = CourtpulseError
    error: CourtpulseError = kind(problem, remedy=remedy, where=source)
    return error

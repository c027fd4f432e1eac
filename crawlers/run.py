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
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from crawlers import anew, unfinished
from crawlers.covered import RESUMABLE, covered, tell
from crawlers.deaths import MOST_DEATHS, Deaths, take_place, words
from crawlers.declarations import Declaration
from crawlers.declared import ImportSource, Windowed
from crawlers.footing import stopped
from crawlers.heard import tell_heard
from crawlers.jobs import Job, Outcome, Places, job_form, outcome_form, unfinished_path
from crawlers.unfinished import Unfinished
from domain import errors
from domain.errors import ConfigurationError, CourtpulseError
from domain.protocols import RunLog
from domain.sources import GapReason, SourceRun
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
    told: Callable[[Outcome], None] | None = None,
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
        told: takes what the source told besides posts, before the run is recorded: who is killed
            in between is told again.

    Raises:
        ConfigurationError: an import was given, or a credential is not in the environment.
        CourtpulseError: an error of ours (disk, permission, crash); the gap NOT_RUN is recorded.
    """
    if isinstance(declaration, ImportSource):
        raise ConfigurationError(
            "an import is no crawl", remedy="use courtpulse import", where=declaration.source
        )
    job = _job(
        declaration,
        run_log.last_covered(declaration.source),
        Places.under(data_dir, inbox, sites),
        now=as_utc(clock()),
        since=since,
        contact=contact,
    )
    outcome = without_credentials(job) or unlicensed(job) or spawn(job)
    if told is not None:
        told(outcome)
    run = _record(run_log, job, outcome, clock)
    _say(run)
    if outcome.fault is not None:
        raise error_of(outcome.fault, declaration.source)
    return run


def _job(
    declaration: Declaration,
    covered_until: datetime | None,
    places: Places,
    *,
    now: datetime,
    since: datetime | None,
    contact: str,
) -> Job:
    """What this run has to read: its window, and what earlier ones left."""
    anew.begin(places.state, declaration.source)
    left = unfinished.load(unfinished_path(places, declaration.source))
    until = _covered_until(covered_until, left)
    return Job(
        declaration=declaration,
        places=places,
        now=now,
        window_start=_window_start(declaration, until, since, now),
        window_end=now,
        covered_until=until,
        contact=contact,
        unfinished=left,
    )


def _record(run_log: RunLog, job: Job, outcome: Outcome, clock: Clock) -> SourceRun:
    """Tell the run log; around it, what is left is written, so that a kill loses no piece."""
    left = _left(job, outcome)
    unfinished.save(job.unfinished_path, job.unfinished.joined(left))
    finished = as_utc(clock())
    if outcome.heard_until is not None and outcome.fault is None:
        run = tell_heard(run_log, job, outcome, outcome.heard_until, finished)
    else:
        run = tell(run_log, job, outcome, _run(job, outcome, finished))
    unfinished.save(job.unfinished_path, left)
    return run


def _say(run: SourceRun) -> None:
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


def unlicensed(job: Job) -> Outcome | None:
    """What to report when the source's licence has run out; None while it holds."""
    blind = stopped(job.declaration, job.now)
    return _failed(job, blind.reason, blind.detail) if blind else None


def spawn(job: Job) -> Outcome:
    """Run `crawlers.child` in a session of its own, kill it at the time limit, read its outcome."""
    # Whoever was killed together with its spider, as by a full container, could count nothing.
    _died_at(job)
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
            ended = f"超过 {limit:.0f} 秒时限，已强制结束"
            return _failed(job, GapReason.TIMEOUT, f"{ended}{_where(job)}")
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
                f"采集进程异常退出（代码 {process.returncode}）{_where(job)}",
                (
                    "CourtpulseError",
                    f"the spider's process ended with code {process.returncode}",
                    "see the log; -9 means that it was killed, often for want of memory",
                ),
            )
        if _collects(job):
            with contextlib.suppress(OSError):  # it only counts on from more
                Deaths.load(job.places.state, job.declaration.source).survived()
        return outcome_form().validate_json(result.read_bytes())


def _collects(job: Job) -> bool:
    return not (job.recheck or job.ask_robots)


def _died_at(job: Job) -> tuple[str, int]:
    """Where the source's last spider died or hung, "" if nowhere; which death there, 0 if unknown."""
    states, source, place = job.places.state, job.declaration.source, ""
    try:
        place = take_place(states, source) if _collects(job) else ""
        return place, Deaths.load(states, source).add(place, job.now) if place else 0
    except OSError as error:
        _log.error("a death can't be counted", source=source, problem=error.strerror)
        return place, 0


def _where(job: Job) -> str:
    """Where the spider died or hung, as the press office is told of it."""
    place, many = _died_at(job)
    if not place:
        return "，请查看运行日志"
    left_out = "；下次起跳过它，其余照常采集，请反馈" if many >= MOST_DEATHS else "，请查看运行日志"
    number = f"（第 {many} 次）" if many else ""
    return f"，当时在读 {words(place)}{number}{left_out}"


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


def _covered_until(covered_until: datetime | None, left: Unfinished) -> datetime | None:
    """Where the next window begins: pieces left of a window stand for the rest of it."""
    if left.reached_at is None or (covered_until is None and not left.pieces):
        return covered_until
    return max(covered_until or left.reached_at, left.reached_at)


def _left(job: Job, outcome: Outcome) -> Unfinished:
    """What the next run has to go on with; after a failure the whole window is asked for again."""
    failed = outcome.reason is not None and outcome.reason not in RESUMABLE
    if failed or outcome.fault is not None or not outcome.planned:
        return job.unfinished
    if outcome.reason is not None and not covered(job, outcome):
        return job.unfinished
    return outcome.unfinished


def _run(job: Job, outcome: Outcome, finished: datetime) -> SourceRun:
    reason = GapReason.NOT_RUN if outcome.fault and not outcome.reason else outcome.reason
    return SourceRun(
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


def error_of(fault: tuple[str, str, str], source: str) -> CourtpulseError:
    """The error of ours that an outcome carries."""
    name, problem, remedy = fault
    kind = getattr(errors, name, CourtpulseError)
    if kind is errors.NotifyFailure or not issubclass(kind, CourtpulseError):
        kind = CourtpulseError
    error: CourtpulseError = kind(problem, remedy=remedy, where=source)
    return error

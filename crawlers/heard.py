"""What a run that listened to a stream tells the run log: until when it heard, and what it missed.

A poll covers its window or doesn't. A stream covers what it heard: up to the end when all went
well, up to its last sign of life when the connection broke and didn't come back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from crawlers.jobs import Job, Outcome
from domain.protocols import RunLog
from domain.sources import Gap, GapReason, SourceRun
from domain.time import as_utc

_LOST = "中断时间超过平台保留推送数据的时间，这一段无法补采"


def tell_heard(
    run_log: RunLog, job: Job, outcome: Outcome, heard_until: datetime, finished: datetime
) -> SourceRun:
    """Report gaps and runs; the gaps first, because only the runs move the window on.

    Args:
        heard_until: the last sign of life of the stream.

    Returns:
        The run as a whole: with a gap when the stream fell silent before its end.
    """
    until = as_utc(heard_until)
    start = min(as_utc(outcome.covered_from), until)
    heard = SourceRun(
        source=job.declaration.source,
        started_at=job.now,
        finished_at=finished,
        window_start=start,
        window_end=until,
        requests=outcome.requests,
        seen=outcome.seen,
        new=outcome.new,
        rejected=outcome.rejected,
    )
    if job.covered_until is not None and start > job.covered_until:
        lost = Gap(heard.source, job.covered_until, start, GapReason.PAGE_CAP, _LOST)
        run_log.add_gap(lost)
    run_log.close_gap(heard.source, until)
    if outcome.reason is None:
        run_log.add_run(heard)
        return heard
    run_log.open_gap(Gap(heard.source, until, None, outcome.reason, outcome.detail))
    run_log.add_run(heard)
    silent = replace(
        heard, window_start=until, window_end=max(finished, until), requests=0, seen=0, new=0,
        rejected=0, gap=outcome.reason, detail=outcome.detail,
    )  # fmt: skip
    run_log.add_run(silent)
    return replace(heard, gap=outcome.reason, detail=outcome.detail)

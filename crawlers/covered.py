"""From what a run left out to what the run log is told: covered stretches and gaps.

Gaps first, covered stretches last: only these move the window on. A window with a hole in it is
told as the stretches around the hole, because a run that covers a gap makes it good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from crawlers.declared import Windowed
from crawlers.jobs import Job, Outcome
from crawlers.pieces import Hole
from domain.protocols import RunLog
from domain.sources import Gap, GapReason, SourceRun

#: First instant, first instant after.
Stretch = tuple[datetime, datetime]

#: The source, or the clock, ended the run; what was read until then was read properly.
RESUMABLE = frozenset({GapReason.RATE_LIMITED, GapReason.TIMEOUT})
_CUT_SHORT = "新内容多于一次可取的页数，这一段未采全，请缩短采集间隔或细分检索词"
_BEHIND = "本次可用的请求数不够，余下部分下次继续"


def tell(run_log: RunLog, job: Job, outcome: Outcome, run: SourceRun) -> SourceRun:
    """Report gaps and runs; returns the run as it was recorded.

    Args:
        run: the whole window, with its gap if it failed.
    """
    stretches = covered(job, outcome)
    for gap in _gaps(job, outcome):
        run_log.add_gap(gap)
    newest = stretches[-1] if stretches else None
    if run.gap is None and run.window_start >= run.window_end:
        # An earlier run covered all until now: of nothing, nothing is left out.
        run_log.close_gap(run.source, run.window_end)
        _add(run_log, run, stretches)
        told = replace(run, window_start=run.window_end)
    elif run.gap is None and newest and newest[1] >= run.window_end:
        run_log.close_gap(run.source, run.window_end)
        _add(run_log, run, stretches[:-1])
        told = replace(run, window_start=newest[0])
    else:
        if run.gap is None:
            run = replace(run, gap=GapReason.PAGE_CAP, detail=_BEHIND)
        assert run.gap is not None
        start = job.covered_until or job.window_start
        run_log.open_gap(Gap(run.source, min(start, run.started_at), None, run.gap, run.detail))
        _add(run_log, run, stretches)
        told = run
    run_log.add_run(told)
    return told


def covered(job: Job, outcome: Outcome) -> list[Stretch]:
    """What was wholly read: of the window, and of what earlier runs left; oldest first."""
    if outcome.reason is not None and outcome.reason not in RESUMABLE:
        return []
    if outcome.fault is not None or (outcome.reason and not outcome.planned):
        return []
    begin = min(outcome.covered_from, job.window_end)
    asked = [(begin, job.window_end), *(piece.stretch for piece in job.unfinished.pieces)]
    return _without(_joined(asked), _joined(hole.piece.stretch for hole in outcome.holes))


def _add(run_log: RunLog, run: SourceRun, stretches: Sequence[Stretch]) -> None:
    """Stretches beside the one that the run itself stands for: their posts are counted with it."""
    for start, end in stretches:
        run_log.add_run(
            replace(
                run, window_start=start, window_end=end, requests=0, seen=0, new=0, rejected=0,
                gap=None, detail="",
            )
        )  # fmt: skip


def _gaps(job: Job, outcome: Outcome) -> list[Gap]:
    source, gaps = job.declaration.source, []
    if outcome.reason is None:
        missed_from = _missed_from(job)
        until = min(outcome.covered_from, job.window_end)
        if missed_from is not None and until > missed_from:
            gaps.append(Gap(source, missed_from, until, GapReason.PAGE_CAP, _CUT_SHORT))
    for later in (False, True):
        holes = [hole for hole in outcome.holes if hole.later is later]
        for start, end in _joined(hole.piece.stretch for hole in holes):
            within = [one for one in holes if start <= one.piece.stretch[0] < end]
            gaps.append(Gap(source, start, end, GapReason.PAGE_CAP, _words(within)))
    return gaps


def _words(holes: Sequence[Hole]) -> str:
    first, more = holes[0], len(holes) - 1
    others = f"（及另外 {more} 段）" if more else ""
    return f"{first.words}{others}：{first.why}"


def _missed_from(job: Job) -> datetime | None:
    """Where the run had to reach back to; None for the first look at a list, which has no past."""
    if job.covered_until is not None:
        return max(job.covered_until, job.window_start)
    return job.window_start if isinstance(job.declaration, Windowed) else None


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Sorted and apart from each other."""
    apart: list[Stretch] = []
    for start, end in sorted(stretches):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


def _without(stretches: Sequence[Stretch], holes: Sequence[Stretch]) -> list[Stretch]:
    """`stretches` less `holes`; both sorted and apart from each other."""
    left: list[Stretch] = []
    for stretch_start, end in stretches:
        start = stretch_start
        for begin, stop in holes:
            if stop <= start or begin >= end:
                continue
            if begin > start:
                left.append((start, begin))
            start = stop
        if start < end:
            left.append((start, end))
    return left

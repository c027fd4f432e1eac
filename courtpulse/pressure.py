"""Back-pressure: intake slows and pauses before it harms, says so, and resumes by itself.

Three valves, each with two marks, so that none flutters. None drops anything: what was fetched
stays in the inbox, and the window of a source moves on only over what was fetched, so the next run
reaches back.

    disk      below `least_free_mb` free: nothing is fetched. Opens at a quarter more.
    slow      `waiting_segments` wait: a source is asked at every second interval. Opens at a quarter.
    backlog   ten times as many wait: nothing is fetched. Opens at half of that.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from domain.intake import IntakeState
from domain.sources import Gap, GapReason, SourceRun
from domain.time import as_utc

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms
    from crawlers.declarations import Declaration

log = structlog.get_logger()

#: The disk's valve opens when a quarter more than the least is free: 512 MB at the default, an
#: hour of the busiest stream measured.
_ROOMIER = 1.25
#: Segments at which all fetching stops, in multiples of where it slows.
_STOP = 10
#: A slowed source skips a run when the last is younger than this many of its intervals; not quite
#: two, because schedulers start a little early or late.
_STRETCH = 1.8
#: Runs looked at for how many posts wait.
_RUNS = 2_000


def free_bytes(folder: Path) -> int:
    """Bytes this program may still write to the disk of `folder`."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free


class Pressure:
    """Decides whether a source is asked now.

    Args:
        free: bytes free on the disk of a folder.
    """

    def __init__(self, rooms: Rooms, free: Callable[[Path], int] = free_bytes) -> None:
        self._rooms = rooms
        self._free = free

    def state(self) -> IntakeState:
        """Look, and turn the valves."""
        rooms, settings = self._rooms, self._rooms.settings
        now = as_utc(rooms.clock())
        free, least = self._free(settings.folder), settings.least_free_mb * 1024 * 1024
        waiting, oldest = len(rooms.inbox.pending()), rooms.inbox.oldest_pending()
        many = settings.waiting_segments
        full = self._valve("disk", free < least, free >= least * _ROOMIER)
        stop = self._valve("backlog", waiting >= many * _STOP, waiting <= many * _STOP // 2)
        slow = self._valve("slow", waiting >= many, waiting <= many // 4)
        runs = rooms.records.runs.runs(limit=_RUNS) if oldest else []
        return IntakeState(
            at=now,
            free=free,
            least=least,
            segments=waiting,
            posts=sum(run.new for run in runs if oldest and run.finished_at >= oldest),
            oldest_at=oldest,
            paused=GapReason.DISK_FULL if full else GapReason.BACKLOG if stop else None,
            slowed=slow,
            damaged=len(rooms.inbox.damaged()),
        )

    def held_back(self, source: Declaration) -> SourceRun | None:
        """What stands for a run that doesn't take place now; None when the source is to be asked.

        A pause is recorded as a run with a gap. A run skipped for slowness is not recorded: the
        next one covers its time.
        """
        state = self.state()
        last = self._rooms.records.runs.last_covered(source.source)
        if state.paused is not None:
            return self._pause(source, state, state.paused)
        every = source.schedule.every
        if state.slowed and every and last and state.at - last < every * _STRETCH:
            log.warning("intake slowed", source=source.source, waiting=state.segments)
            return SourceRun(
                source.source, state.at, state.at, last, last,
                detail=f"积压 {state.segments} 批待入库，隔次采集，本次跳过",
            )  # fmt: skip
        return None

    def _pause(self, source: Declaration, state: IntakeState, reason: GapReason) -> SourceRun:
        runs = self._rooms.records.runs
        since = min(runs.last_covered(source.source) or state.at, state.at)
        words = {
            GapReason.DISK_FULL: f"磁盘剩余 {state.free // 2**20} MB，低于 {state.least // 2**20} MB，"
            "暂停采集；腾出空间后自动恢复",
            GapReason.BACKLOG: f"积压 {state.segments} 批待入库，暂停采集；消化后自动恢复",
        }
        run = SourceRun(
            source.source, state.at, state.at, since, state.at, gap=reason, detail=words[reason]
        )
        runs.open_gap(Gap(source.source, since, None, reason, run.detail))
        runs.add_run(run)
        log.warning("intake paused", source=source.source, reason=reason.value)
        return run

    def _valve(self, name: str, shut: bool, open_: bool) -> bool:
        """Whether the valve is shut after this look; in between it stays as it was."""
        marks, now = self._rooms.records.marks, as_utc(self._rooms.clock())
        shut_at, opened_at = marks.get(f"intake:{name}:shut"), marks.get(f"intake:{name}:open")
        was = shut_at is not None and (opened_at is None or opened_at < shut_at)
        if shut and not was:
            # Later than the last opening, also when the clock stands still.
            after = opened_at + timedelta(microseconds=1) if opened_at else now
            marks.set(f"intake:{name}:shut", max(now, after))
        elif was and open_ and shut_at is not None:
            marks.set(f"intake:{name}:open", max(now, shut_at))
        return shut or (was and not open_)

"""What sources did, and when we were blind. Implements `domain.protocols.RunLog`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session, sessionmaker

from domain.sources import Gap, GapReason, Health, SourceRun, SourceStatus
from domain.time import Clock
from records.models import GapRow, SourceRow, SourceRunRow

#: A source is late when it hasn't finished a run for this many of its intervals [D].
LATE_AFTER_INTERVALS = 3
#: … but never sooner than this, because a scheduler under load may skip a short interval.
LATE_AFTER_LEAST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What the records need to know of a declared source.

    Attributes:
        every: interval of its schedule, None for imports by hand.
        basis: legal footing in words.
    """

    source: str
    title: str
    platform: str
    every: timedelta | None
    sample_rate: float = 1.0
    basis: str = ""


class RunRecords:
    """Runs, gaps and the status of every declared source."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def register(self, sources: list[SourceInfo]) -> None:
        """Make the list of declared sources exactly `sources`; runs and gaps of others stay."""
        with self._sessions.begin() as session:
            session.execute(
                delete(SourceRow).where(SourceRow.source.not_in([info.source for info in sources]))
            )
            for info in sources:
                session.merge(
                    SourceRow(
                        source=info.source,
                        title=info.title,
                        platform=info.platform,
                        every_seconds=int(info.every.total_seconds()) if info.every else None,
                        sample_rate=info.sample_rate,
                        basis=info.basis,
                    )
                )

    def add_run(self, run: SourceRun) -> None:
        """Append a finished run."""
        row = SourceRunRow(
            source=run.source,
            started_at=run.started_at,
            finished_at=run.finished_at,
            window_start=run.window_start,
            window_end=run.window_end,
            requests=run.requests,
            seen=run.seen,
            new=run.new,
            rejected=run.rejected,
            gap=run.gap.value if run.gap else None,
            detail=run.detail,
        )
        with self._sessions.begin() as session:
            session.add(row)

    def open_gap(self, gap: Gap) -> None:
        """Start a gap; while one is open for the source, the first start stays, the reason is new."""
        with self._sessions.begin() as session:
            row = session.scalar(_open_gap_of(gap.source))
            if row is None:
                session.add(
                    GapRow(source=gap.source, start=gap.start, reason=gap.reason, detail=gap.detail)
                )
            else:
                row.reason, row.detail = gap.reason, gap.detail

    def close_gap(self, source: str, at: datetime) -> None:
        """End the open gap of `source`, if there is one."""
        with self._sessions.begin() as session:
            row = session.scalar(_open_gap_of(source))
            if row is not None:
                row.end = max(at, row.start)

    def add_gap(self, gap: Gap) -> None:
        """Record a stretch that is over already, once."""
        with self._sessions.begin() as session:
            known = session.scalar(
                select(GapRow.id)
                .where(GapRow.source == gap.source, GapRow.start == gap.start)
                .where(GapRow.end == gap.end, GapRow.reason == gap.reason)
            )
            if known is None:
                session.add(
                    GapRow(
                        source=gap.source,
                        start=gap.start,
                        end=gap.end,
                        reason=gap.reason,
                        detail=gap.detail,
                    )
                )

    def last_covered(self, source: str) -> datetime | None:
        """End of the newest window that was wholly covered, None before the first."""
        with self._sessions() as session:
            return session.scalar(
                select(func.max(SourceRunRow.window_end)).where(
                    SourceRunRow.source == source, SourceRunRow.gap.is_(None)
                )
            )

    def oldest_window(self, since: datetime) -> datetime | None:
        """First instant that a run finished after `since` reached back to; None without a run."""
        with self._sessions() as session:
            return session.scalar(
                select(func.min(SourceRunRow.window_start)).where(SourceRunRow.finished_at > since)
            )

    def arrivals(self, since: datetime, until: datetime) -> list[tuple[str, datetime, int]]:
        """Source, finish and new items of the runs with since ≤ finished < until that had any."""
        statement = select(SourceRunRow.source, SourceRunRow.finished_at, SourceRunRow.new).where(
            SourceRunRow.finished_at >= since,
            SourceRunRow.finished_at < until,
            SourceRunRow.new > 0,
        )
        with self._sessions() as session:
            return [(source, at, new) for source, at, new in session.execute(statement)]

    def intervals(self) -> dict[str, timedelta | None]:
        """Declared source → interval of its schedule, None for a cron line."""
        with self._sessions() as session:
            return {
                row.source: None
                if row.every_seconds is None
                else timedelta(seconds=row.every_seconds)
                for row in session.scalars(select(SourceRow))
            }

    def runs(self, source: str | None = None, limit: int = 50) -> list[SourceRun]:
        """The newest runs first."""
        statement = select(SourceRunRow).order_by(SourceRunRow.finished_at.desc()).limit(limit)
        if source is not None:
            statement = statement.where(SourceRunRow.source == source)
        with self._sessions() as session:
            return [_run(row) for row in session.scalars(statement)]

    def gaps(self, since: datetime, until: datetime) -> list[Gap]:
        """Gaps that touch since ≤ t < until, oldest first; open ones have `end` None."""
        statement = (
            select(GapRow)
            .where(GapRow.start < until, or_(GapRow.end.is_(None), GapRow.end > since))
            .order_by(GapRow.start, GapRow.source)
        )
        with self._sessions() as session:
            return [_gap(row) for row in session.scalars(statement)]

    def statuses(self, last_posts: dict[str, datetime] | None = None) -> list[SourceStatus]:
        """State of every declared source now, in order of name.

        Args:
            last_posts: newest publication time per source, as the index knows it.
        """
        now = self._clock()
        with self._sessions() as session:
            sources = list(session.scalars(select(SourceRow).order_by(SourceRow.source)))
            finished = session.execute(
                select(SourceRunRow.source, func.max(SourceRunRow.finished_at)).group_by(
                    SourceRunRow.source
                )
            )
            newest: dict[str, datetime] = {row[0]: row[1] for row in finished}
            open_gaps = {
                row.source: row
                for row in session.scalars(select(GapRow).where(GapRow.end.is_(None)))
            }
        posts = last_posts or {}
        return [
            _status(row, newest.get(row.source), open_gaps.get(row.source), posts, now)
            for row in sources
        ]


def _open_gap_of(source: str) -> Select[GapRow]:
    return select(GapRow).where(GapRow.source == source, GapRow.end.is_(None)).limit(1)


def _status(
    row: SourceRow,
    last_run: datetime | None,
    gap: GapRow | None,
    last_posts: dict[str, datetime],
    now: datetime,
) -> SourceStatus:
    health = Health.SAMPLED if row.sample_rate < 1 else Health.OK
    reason, since, detail = None, None, ""
    if gap is not None:
        health, reason, since, detail = (
            Health.BLIND, GapReason(gap.reason), gap.start, gap.detail
        )  # fmt: skip
    elif last_run is None:
        health = Health.UNKNOWN
    elif row.every_seconds is not None and now - last_run > max(
        LATE_AFTER_LEAST, LATE_AFTER_INTERVALS * timedelta(seconds=row.every_seconds)
    ):
        health, reason, since = Health.LATE, GapReason.NOT_RUN, last_run
        detail = f"已有 {LATE_AFTER_INTERVALS} 个采集周期没有完成采集，请检查调度是否在运行"
    return SourceStatus(
        source=row.source,
        title=row.title,
        platform=row.platform,
        health=health,
        last_run_at=last_run,
        last_post_at=last_posts.get(row.source),
        blind_since=since,
        reason=reason,
        detail=detail,
        sample_rate=row.sample_rate,
    )


def _run(row: SourceRunRow) -> SourceRun:
    return SourceRun(
        source=row.source,
        started_at=row.started_at,
        finished_at=row.finished_at,
        window_start=row.window_start,
        window_end=row.window_end,
        requests=row.requests,
        seen=row.seen,
        new=row.new,
        rejected=row.rejected,
        gap=GapReason(row.gap) if row.gap else None,
        detail=row.detail,
    )


def _gap(row: GapRow) -> Gap:
    return Gap(row.source, row.start, row.end, GapReason(row.reason), row.detail)

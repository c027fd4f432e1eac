"""Rows after the fact: a run whose posts were lost covered nothing; old rows are forgotten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, and_, delete, func, insert, or_, select, update

from domain.sources import GapReason
from records.database import Records
from records.models import AlertEventRow, AlertRow, DeliveryRow, GapRow, SourceRunRow


def concerned(records: Records, fetched_at: datetime) -> list[str]:
    """Sources whose runs `spoil` would take back, in order."""
    with records.engine.connect() as connection:
        return sorted({row.source for row in connection.execute(_under_way(fetched_at))})


def spoil(records: Records, fetched_at: datetime, detail: str) -> list[str]:
    """Take back what the runs under way at `fetched_at` covered: their posts were lost.

    Each becomes a run with a gap, and its window a gap that is over. Repeating it finds none.
    A damaged segment doesn't say whose it was, so runs of other sources at that instant go too:
    they are read anew at the price of a request, whereas a run spared wrongly would be a silent zero.

    Returns:
        their sources, in order.
    """
    reason = GapReason.DAMAGED.value
    with records.engine.begin() as connection:
        rows = connection.execute(_under_way(fetched_at)).all()
        for number, source, start, end in rows:
            connection.execute(
                update(SourceRunRow)
                .where(SourceRunRow.id == number)
                .values(gap=reason, detail=detail)
            )
            connection.execute(
                insert(GapRow).values(
                    source=source, start=start, end=end, reason=reason, detail=detail
                )
            )
    return sorted(row.source for row in rows)


def _under_way(at: datetime) -> Select[int, str, datetime, datetime]:
    return select(
        SourceRunRow.id, SourceRunRow.source, SourceRunRow.window_start, SourceRunRow.window_end
    ).where(
        SourceRunRow.started_at <= at,
        SourceRunRow.finished_at >= at,
        SourceRunRow.new > 0,
        SourceRunRow.gap.is_(None),
    )


def forget_runs(records: Records, before: datetime) -> int:
    """Delete runs finished before `before`; how many.

    What coverage rests on stays: of each source the first and the last window covered.
    """
    covered = (
        select(
            SourceRunRow.source,
            func.min(SourceRunRow.window_start).label("first"),
            func.max(SourceRunRow.window_end).label("last"),
        )
        .where(SourceRunRow.gap.is_(None))
        .group_by(SourceRunRow.source)
        .subquery()
    )
    needed = (
        select(SourceRunRow.id)
        .join(covered, SourceRunRow.source == covered.c.source)
        .where(SourceRunRow.gap.is_(None))
        .where(
            or_(
                SourceRunRow.window_start == covered.c.first,
                SourceRunRow.window_end == covered.c.last,
            )
        )
    )
    with records.engine.begin() as connection:
        return connection.execute(
            delete(SourceRunRow).where(
                SourceRunRow.finished_at < before, SourceRunRow.id.not_in(needed)
            )
        ).rowcount


def forget_gaps(records: Records, before: datetime) -> int:
    """Delete gaps that ended before `before`; how many. One that is open stays."""
    with records.engine.begin() as connection:
        return connection.execute(delete(GapRow).where(GapRow.end < before)).rowcount


def forget_deliveries(records: Records, before: datetime) -> int:
    """Delete deliveries made before `before` that are sent or given up; how many."""
    with records.engine.begin() as connection:
        return connection.execute(
            delete(DeliveryRow).where(
                DeliveryRow.created_at < before, DeliveryRow.state.in_(("sent", "dead"))
            )
        ).rowcount


def forget_events(records: Records, program: datetime, person: datetime) -> int:
    """Delete what happened to alerts that are over; how many lines. The alerts themselves stay.

    The newest line stays too: SQLite would give its number to the next, and pages would miss that.

    Args:
        program, person: before when a line goes that the program, or a person, made.
    """
    over = select(AlertRow.id).where(AlertRow.closed_at < program)
    newest = select(func.max(AlertEventRow.id)).scalar_subquery()
    old = or_(
        AlertEventRow.at < person,
        and_(AlertEventRow.at < program, AlertEventRow.made_by == ""),
    )
    with records.engine.begin() as connection:
        return connection.execute(
            delete(AlertEventRow).where(
                AlertEventRow.alert_id.in_(over), old, AlertEventRow.id < newest
            )
        ).rowcount

"""A source's silence is news of its own: told once when it begins, and once when it is over.

Silent is a source whose status is blind or late, for longer than a grace that keeps one failed
request from waking anybody. What was told is kept as two marks a source, so that a silence whose
reason changes (late, then refused, then down) is still one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.sources import Gap, GapReason, Health
from records import Records

#: Silence shorter than this is told to nobody; the strip on the pages shows it at once [D].
GRACE = timedelta(minutes=15)
_SILENT = frozenset({Health.BLIND, Health.LATE})


def changes(records: Records, at: datetime) -> list[Gap]:
    """Silences that began (no end) or ended since they were last told, in order of source."""
    found = []
    for status in records.runs.statuses():
        told = _told(records, status.source)
        if status.health in _SILENT and status.blind_since is not None:
            if told is None and at - status.blind_since >= GRACE:
                reason = status.reason or GapReason.NOT_RUN
                found.append(Gap(status.source, status.blind_since, None, reason, status.detail))
        elif told is not None:
            found.append(Gap(status.source, told, at, GapReason.NOT_RUN))
    return found


def mark(records: Records, told: Iterable[Gap]) -> None:
    """Remember that these changes were told."""
    for gap in told:
        if gap.end is None:
            records.marks.set(f"silent:{gap.source}", gap.start)
        else:
            records.marks.set(f"heard:{gap.source}", gap.end)


def _told(records: Records, source: str) -> datetime | None:
    """Since when `source` is told to be silent; None when nobody was told, or it was told over."""
    silent, heard = records.marks.get(f"silent:{source}"), records.marks.get(f"heard:{source}")
    return silent if silent is not None and (heard is None or heard <= silent) else None

"""A source's change of state is news of its own: told once when it begins, and once when it is over.

**Hysteresis.** Trouble is told when it has lasted for `GRACE`, so that one failed request wakes
nobody. It is over when nothing was wrong for `CALM`; what begins again before that is the same
trouble, so a source that comes and goes is told once, not at every turn. Volume, which is judged
by hours, needs two of them either way; a licence ends on a day and needs neither.

Noticing is one transaction with the standing, and what was noticed waits in the records until it
is told: a program killed anywhere tells it under the same key.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from alerts.source_states import Seen, look
from records import Records
from records.source_changes import SourceChange, Standing, Subject

#: Trouble shorter than this is told to nobody; the strip on the pages shows it at once [D].
GRACE = timedelta(minutes=15)
#: Nothing was wrong for so long: it is over [D].
CALM = timedelta(minutes=30)
_AT_ONCE = frozenset({Subject.VOLUME, Subject.LICENCE, Subject.NOTICE})


def notice(records: Records, at: datetime) -> list[SourceChange]:
    """Notice what changed; everything that waits to be told, oldest first."""
    standings = records.source_changes.standings()
    for seen in look(records, at):
        standing = standings.get((seen.source, seen.subject))
        moved, change = step(standing, seen, at)
        if change is not None or moved != standing:
            records.source_changes.move(moved, change)
    return records.source_changes.untold()


def mark(records: Records, told: list[SourceChange], at: datetime) -> None:
    """Remember that these were told."""
    if told:
        records.source_changes.told(told, at)


def step(
    standing: Standing | None, seen: Seen, at: datetime
) -> tuple[Standing, SourceChange | None]:
    """Where the source stands after `seen`, and what that changed."""
    known = standing or Standing(seen.source, seen.subject, False, at)
    grace, calm = (timedelta(0), timedelta(0)) if seen.subject in _AT_ONCE else (GRACE, CALM)
    if seen.bad == known.bad:
        return Standing(known.source, known.subject, known.bad, known.since), None
    if seen.bad:
        if at - seen.since < grace:
            return known, None
        begun = Standing(seen.source, seen.subject, True, seen.since)
        return begun, _change(seen, seen.since, seen.since, at)
    turning = known.turning or at
    if at - turning < calm:
        return Standing(known.source, known.subject, True, known.since, turning), None
    over = Standing(seen.source, seen.subject, False, turning)
    return over, _change(seen, turning, known.since, at)


def _change(seen: Seen, at: datetime, began: datetime, noticed: datetime) -> SourceChange:
    # That a licence no longer ends soon is no news: somebody has just renewed it.
    quiet = seen.subject is Subject.NOTICE and not seen.bad
    return SourceChange(
        key=f"{seen.subject.value}-{seen.source}-{began:%Y%m%dT%H%M%S}"
        + ("" if seen.bad else "-over"),
        source=seen.source,
        subject=seen.subject,
        bad=seen.bad,
        at=at,
        began=began,
        noticed_at=noticed,
        reason=seen.reason,
        detail=seen.detail,
        told_at=noticed if quiet else None,
    )

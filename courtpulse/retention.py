"""What has outlived its retention (practice.md §6), beyond what `Flow.housekeep` deletes itself.

A source may be kept for less than the rest, seven days at least; a source taken away keeps the
retention it last had. What outlives it leaves the index, the table of near-duplicates, the segments
and the replays; rejected items, of which nobody knows when they were published, go seven days after
they were rejected, whatever their source.
Candidates that were decided on, or faded, go with the posts that their words come from. Runs go
after half a year, less those that coverage rests on, and so do the program's own lines in the
history of alerts that are over. What people did to an alert goes after three years, as the access
log does, and so do aggregates (hours, gaps). An alert itself stays.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import structlog

from domain.chronology import oldest
from domain.errors import BadInput, NotFound
from domain.protocols import Query
from records.run_upkeep import forget_deliveries, forget_events, forget_gaps, forget_runs

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms
    from crawlers.inbox import Inbox

log = structlog.get_logger()

#: Posts looked at and taken out at once.
_PAGE, _MOST = 200, 5_000
#: Runs and finished deliveries [D]: twice the longest look-back of detection and reports.
RUNS_KEPT = timedelta(days=180)
#: Hours, gaps, exports, lines of people in alerts, practice.md §6 [D].
AGGREGATES_KEPT = timedelta(days=3 * 365)


def expire_sources(rooms: Rooms, now: datetime) -> int:
    """Delete posts of the sources that are kept for less than the others; how many.

    The index goes last, because it says which they are: killed before, the next round repeats it.
    """
    life = rooms.settings.post_life
    return sum(
        _expire(rooms, source, now - kept)
        for source, kept in rooms.records.ledger.retentions().items()
        if kept < life
    )


def _expire(rooms: Rooms, source: str, before: datetime) -> int:
    from courtpulse.replay.copies import forget

    old = oldest(rooms.store, Query(sources=(source,), until=before), page=_PAGE)
    while some := [item.post.id for item in islice(old, _MOST)]:
        # While they stand in the index: a copy that is kept longer is looked for there.
        rooms.lookalikes.forget(some)
        forget(rooms, some)
        for name in (*rooms.inbox.pending(), *rooms.inbox.committed()):
            _leave(rooms.inbox, name, frozenset(some))
    return rooms.store.delete_before(before, source)


def _leave(inbox: Inbox, name: str, ids: frozenset[str]) -> None:
    """Take posts out of a segment; a damaged one is moved aside as by any reader, and told of."""
    try:
        if any(one.post.id in ids for one in inbox.read(name)):
            inbox.without(name, ids)
    except NotFound:
        return  # it expired since it was listed
    except BadInput as error:
        log.error("segment set aside", segment=name, problem=error.problem)


def expire_records(rooms: Rooms, now: datetime) -> dict[str, int]:
    """Delete old rows of the records; how many of each."""
    records = rooms.records
    return {
        "runs": forget_runs(records, now - RUNS_KEPT),
        "deliveries": forget_deliveries(records, now - RUNS_KEPT),
        "candidates": records.candidates.forget(now - rooms.settings.post_life),
        "events": forget_events(records, now - RUNS_KEPT, now - AGGREGATES_KEPT),
        "gaps": forget_gaps(records, now - AGGREGATES_KEPT),
        "hours": records.hours.delete_before(now - AGGREGATES_KEPT),
        "captures": records.captures.delete_before(now - AGGREGATES_KEPT),
        "exports": records.exports.delete_before(now - AGGREGATES_KEPT),
    }

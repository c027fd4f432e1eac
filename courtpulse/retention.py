"""What has outlived its retention (practice.md §6), beyond what `Flow.housekeep` deletes itself.

A source may be kept for less than the rest; a source taken away keeps the retention it last had.
Candidates that were decided on, or faded, go with the posts that their words come from. Runs go
after half a year, less those that coverage rests on; aggregates (hours, gaps) after three years.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from records.run_upkeep import forget_deliveries, forget_gaps, forget_runs

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms

#: Runs and finished deliveries [D]: twice the longest look-back of detection and reports.
RUNS_KEPT = timedelta(days=180)
#: Hours, gaps, exports, practice.md §6 [D].
AGGREGATES_KEPT = timedelta(days=3 * 365)


def expire_sources(rooms: Rooms, now: datetime) -> int:
    """Delete posts of the sources that are kept for less than the others; how many."""
    life = rooms.settings.post_life
    return sum(
        rooms.store.delete_before(now - kept, source)
        for source, kept in rooms.records.ledger.retentions().items()
        if kept < life
    )


def expire_records(rooms: Rooms, now: datetime) -> dict[str, int]:
    """Delete old rows of the records; how many of each."""
    records = rooms.records
    return {
        "runs": forget_runs(records, now - RUNS_KEPT),
        "deliveries": forget_deliveries(records, now - RUNS_KEPT),
        "candidates": records.candidates.forget(now - rooms.settings.post_life),
        "gaps": forget_gaps(records, now - AGGREGATES_KEPT),
        "hours": records.hours.delete_before(now - AGGREGATES_KEPT),
        "captures": records.captures.delete_before(now - AGGREGATES_KEPT),
        "exports": records.exports.delete_before(now - AGGREGATES_KEPT),
    }

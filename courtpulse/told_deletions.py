"""Deletions that a stream told of: carried out after every run of its source, and every night.

The night's round is for a source that is paused, failing or no longer declared: what it told while
it ran is still to be done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from crawlers.deletions import Deletions, waiting
from domain.deletion import DeletionReason

if TYPE_CHECKING:
    from courtpulse.flow import Flow

log = structlog.get_logger()


def carry_out(flow: Flow, source: str) -> int:
    """Forget what the stream of `source` said is deleted; how many posts the index held.

    The ids wait on disk until every place is cleared, so a kill in between repeats it.

    Raises:
        StoreFailure: a place can't be written; the ids wait for the next run.
    """
    told = Deletions(flow.rooms.settings.folder / "state", source)
    ids = told.read()
    if not ids:
        return 0
    gone = flow.forget(ids, DeletionReason.PUSHED, source)
    told.done(ids)
    log.info("deletions told", source=source, told=len(ids), held=gone)
    return gone


def carry_out_all(flow: Flow) -> int:
    """The same for every source that told of any; how many posts the index held.

    Raises:
        StoreFailure: as `carry_out`.
    """
    return sum(carry_out(flow, source) for source in waiting(flow.rooms.settings.folder / "state"))

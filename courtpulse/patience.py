"""Writing to an index that is slow, overloaded or locked: less at once, later, and nothing lost.

A refused batch is halved and waited for, longer each time and by chance, so that many writers don't
come back in step; an accepted one lets the next be larger again. An index that stays busy for about
two minutes fails the segment, which stays in the inbox.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from domain.annotation import AnnotatedPost
from domain.errors import StoreBusy
from domain.protocols import Store, Upserted

log = structlog.get_logger()

_Answer = TypeVar("_Answer")
#: Refusals in a row before giving up: 0.5 + 1 + 2 + 4 + 8 + 16 + 30 + 30 s.
MOST_REFUSALS = 8
_FIRST, _LONGEST = 0.5, 30.0
#: A batch isn't cut further: what a cluster refuses at this size it refuses altogether.
LEAST_BATCH = 50


def upsert(
    store: Store,
    posts: Sequence[AnnotatedPost],
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
) -> Upserted:
    """`store.upsert`, in as small and as late pieces as the store needs.

    Raises:
        StoreBusy: it stayed busy; what was written is written again without effect.
        StoreFailure: anything else, at once.
    """
    size, start, refusals = max(len(posts), LEAST_BATCH), 0, 0
    total = Upserted(0, 0, 0)
    while start < len(posts):
        try:
            done = store.upsert(posts[start : start + size])
        except StoreBusy as busy:
            refusals += 1
            size = max(LEAST_BATCH, size // 2)
            _wait(refusals, busy, sleep, chance)
            continue
        total = Upserted(
            total.created + done.created,
            total.updated + done.updated,
            total.refused + done.refused,
        )
        start, refusals, size = start + size, 0, size * 2
    return total


def asked(
    ask: Callable[[], _Answer],
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
) -> _Answer:
    """What `ask` answers, asked again while the store is busy; raises as `upsert` does."""
    refusals = 0
    while True:
        try:
            return ask()
        except StoreBusy as busy:
            refusals += 1
            _wait(refusals, busy, sleep, chance)


def _wait(
    refusals: int, busy: StoreBusy, sleep: Callable[[float], None], chance: Callable[[], float]
) -> None:
    if refusals > MOST_REFUSALS:
        raise busy
    seconds = min(_LONGEST, _FIRST * 2 ** (refusals - 1)) * (0.5 + chance())
    log.warning("index is busy", problem=busy.problem, again_in=round(seconds, 1))
    sleep(seconds)

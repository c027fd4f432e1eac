"""Families of near-duplicates where posts enter the index, and for an index that has none yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from courtpulse.patience import asked
from domain.annotation import AnnotatedPost, Family
from domain.posts import Post
from domain.protocols import Query, Store
from index.lookalike_decision import HORIZON
from index.lookalikes import Lookalikes

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms

log = structlog.get_logger()

_DAY = timedelta(days=1)
_PAGE = 5_000
#: Since when the families of the whole index are decided.
_MARK = "families"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What building families anew did: posts read, and how many now have another family."""

    posts: int
    changed: int


def families(
    posts: Sequence[Post], held: Sequence[AnnotatedPost], lookalikes: Lookalikes
) -> dict[str, Family]:
    """Post id → its family, for the newest version of each of `posts`.

    Args:
        held: what the index holds of them. A text it holds keeps its family, however old it is,
            and an older version than the one held is decided no more: the index refuses it.
    """
    known = {item.post.id: item for item in held}
    newest: dict[str, Post] = {}
    for post in posts:
        if post.id not in newest or _version(post) >= _version(newest[post.id]):
            newest[post.id] = post
    found: dict[str, Family] = {}
    for post in newest.values():
        stored = known.get(post.id)
        if stored is not None and stored.family is not None and _settled(stored.post, post):
            found[post.id] = stored.family
    waiting = [post for post in newest.values() if post.id not in found]
    found.update(
        (post.id, family) for post, family in zip(waiting, lookalikes.decide(waiting), strict=True)
    )
    return found


def rebuild(
    store: Store, lookalikes: Lookalikes, alone: Callable[[], AbstractContextManager[None]]
) -> Rebuilt:
    """Decide the families of every post in the index anew, oldest first; safe to repeat.

    For an index from before families were kept, and for a table of look-alikes that was lost.
    Posts annotated meanwhile are compared with those already read.

    Args:
        alone: keeps watchers out while a day is read and written, whose new links would be lost.
    """
    lookalikes.clear()
    posts = changed = 0
    for start in _days(store):
        with alone():
            day = _day(store, start)
            found = lookalikes.decide([item.post for item in day])
            moved = [
                replace(item, family=family)
                for item, family in zip(day, found, strict=True)
                if item.family != family
            ]
            store.upsert(moved)
        posts, changed = posts + len(day), changed + len(moved)
    log.info("families rebuilt", posts=posts, changed=changed)
    return Rebuilt(posts, changed)


def begin(rooms: Rooms) -> None:
    """Note of an index without posts that its families are whole from the first one on."""
    marks = rooms.records.marks
    if marks.get(_MARK) is None and asked(lambda: rooms.store.total(Query())) == 0:
        marks.set(_MARK, rooms.clock())


def complete(rooms: Rooms) -> Rebuilt | None:
    """Rebuild where that was never done to its end, or where the table was lost; None: neither.

    New posts fill the table from the moment the program runs, so that it holds something says
    nothing of the posts from before.
    """
    store, lookalikes, records = rooms.store, rooms.lookalikes, rooms.records
    recent = Query(since=rooms.clock() - HORIZON)
    lost = lookalikes.texts() == 0 and store.total(recent) > 0
    if records.marks.get(_MARK) is not None and not lost:
        return None
    done = rebuild(store, lookalikes, lambda: records.alone("watch"))
    records.marks.set(_MARK, rooms.clock())
    return done


def _days(store: Store) -> list[datetime]:
    """First instants of the days that have posts."""
    return [cell.start for cell in store.counts(Query(), (), _DAY) if cell.start is not None]


def _day(store: Store, start: datetime) -> list[AnnotatedPost]:
    """Its posts in order of time."""
    query, found = Query(since=start, until=start + _DAY), list[AnnotatedPost]()
    while page := store.search(query, limit=_PAGE, offset=len(found)).posts:
        found += page
    return sorted(found, key=lambda item: (item.post.published_at, item.post.id))


def _settled(stored: Post, post: Post) -> bool:
    return stored.full_text == post.full_text or _version(stored) > _version(post)


def _version(post: Post) -> tuple[datetime, datetime]:
    return post.edited_at or post.published_at, post.fetched_at

"""Families of near-duplicates where posts enter the index, and for an index that has none yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from domain.annotation import AnnotatedPost, Family
from domain.posts import Post
from domain.protocols import Query, Store
from index.lookalikes import Lookalikes

log = structlog.get_logger()

_DAY = timedelta(days=1)
_PAGE = 5_000


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


def rebuild(store: Store, lookalikes: Lookalikes) -> Rebuilt:
    """Decide the families of every post in the index anew, oldest first; safe to repeat.

    For an index from before families were kept, and for a table of look-alikes that was lost.
    Posts annotated meanwhile are compared with those already read.
    """
    lookalikes.clear()
    posts = changed = 0
    for day in _days(store):
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


def missing(store: Store, lookalikes: Lookalikes) -> bool:
    """Whether the index holds posts and nobody ever looked for near-duplicates among them."""
    return lookalikes.texts() == 0 and store.total(Query()) > 0


def _days(store: Store) -> Iterator[list[AnnotatedPost]]:
    """Posts day by day, each day in order of time."""
    starts = [cell.start for cell in store.counts(Query(), (), _DAY) if cell.start is not None]
    for start in starts:
        yield _day(store, start)


def _day(store: Store, start: datetime) -> list[AnnotatedPost]:
    query, found = Query(since=start, until=start + _DAY), list[AnnotatedPost]()
    while page := store.search(query, limit=_PAGE, offset=len(found)).posts:
        found += page
    return sorted(found, key=lambda item: (item.post.published_at, item.post.id))


def _settled(stored: Post, post: Post) -> bool:
    return stored.full_text == post.full_text or _version(stored) > _version(post)


def _version(post: Post) -> tuple[datetime, datetime]:
    return post.edited_at or post.published_at, post.fetched_at

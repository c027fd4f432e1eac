"""How what is said of a case spreads: families of copies by size, where and when each appeared.

Everything here follows from counts and posts of the index and can be asked again. Nothing is about
an account: a first appearance has a time, a source and a kind of account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from domain.alerts import Count
from domain.chronology import oldest, within
from domain.posts import Post
from domain.protocols import Query, Store
from domain.time import BUCKET

#: Families shown, largest first.
MOST = 5


@dataclass(frozen=True, slots=True)
class Reach:
    """One source a family came to.

    Attributes:
        posts: of the family there; since: the first five minutes with one, UTC.
    """

    source: str
    platform: str
    posts: int
    since: datetime


@dataclass(frozen=True, slots=True)
class SpreadFamily:
    """Copies of one text within a window.

    Attributes:
        id: of the family of copies.
        template: posts of the same template, these included.
        first: the earliest post of it in the window, None if it was deleted just now; earlier: posts of it before the window.
        reach: sources in the order in which it came to them.
    """

    id: str
    posts: int
    template: int
    first: Post | None
    earlier: int
    reach: tuple[Reach, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Copies within a window.

    Attributes:
        posts: all that match; distinct: different texts among them.
        copied: posts of families with two or more.
        first: the earliest post of all; None when there is none.
        families: the largest that have two or more posts.
    """

    posts: int
    distinct: int
    copied: int
    first: Post | None
    families: tuple[SpreadFamily, ...]


def spread(store: Store, query: Query, most: int = MOST) -> Spread:
    """How the posts of `query` spread.

    Raises:
        StoreFailure: the index can't be read.
    """
    cells = store.counts(query, ("copies", "template"))
    largest = sorted(cells, key=lambda cell: (-cell.posts, cell.key))
    shown = [cell for cell in largest if cell.posts > 1][:most]
    templates: defaultdict[str, int] = defaultdict(int)
    for cell in cells:
        templates[cell.key[1]] += cell.posts
    posts = sum(cell.posts for cell in cells)
    return Spread(
        posts=posts,
        distinct=len({cell.key[0] for cell in cells}),
        copied=sum(cell.posts for cell in cells if cell.posts > 1),
        first=_first(store, query),
        families=tuple(_family(store, query, cell, templates[cell.key[1]]) for cell in shown),
    )


def _family(store: Store, query: Query, cell: Count, template: int) -> SpreadFamily:
    copies = cell.key[0]
    own = replace(query, copies=(copies,))
    before = 0 if query.since is None else store.total(Query(copies=(copies,), until=query.since))
    reach = _reach(store.counts(own, ("source", "platform"), BUCKET))
    first = _first(store, within(own, reach[0].since, BUCKET)) if reach else None
    return SpreadFamily(copies, cell.posts, template, first, before, reach)


def _first(store: Store, query: Query) -> Post | None:
    return next((item.post for item in oldest(store, query, page=1)), None)


def _reach(cells: Iterable[Count]) -> tuple[Reach, ...]:
    found: dict[tuple[str, ...], Reach] = {}
    for cell in cells:
        if cell.start is None:
            continue
        source, platform = cell.key
        held = found.get(cell.key, Reach(source, platform, 0, cell.start))
        found[cell.key] = replace(
            held, posts=held.posts + cell.posts, since=min(held.since, cell.start)
        )
    return tuple(sorted(found.values(), key=lambda one: (one.since, one.source)))

"""首发 and 传播 as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from desk.services import Services
from desk.views.feed import titles
from desk.wording import ACCOUNTS, KINDS, PLATFORMS
from domain.alerts import Share
from domain.posts import Platform, Post
from domain.protocols import Query
from domain.spread import Spread, SpreadFamily, spread


@dataclass(frozen=True, slots=True)
class First:
    """A first appearance, in words: time, source, form and kind of account."""

    at: datetime
    source: str
    kind: str
    url: str


@dataclass(frozen=True, slots=True)
class FamilyLine:
    """One family; reach: (source, platform, posts, first five minutes), in order of arrival."""

    family: SpreadFamily
    first: First | None
    share: Share
    text: str
    reach: tuple[tuple[str, str, int, datetime], ...]


@dataclass(frozen=True, slots=True)
class SpreadView:
    """What the part of the page shows; copied: posts whose text another post of them has, too."""

    spread: Spread
    first: First | None
    copied: Share
    lines: tuple[FamilyLine, ...]


#: Characters of a family's first text.
_SHOWN = 60


def view(desk: Services, query: Query) -> SpreadView:
    """How the posts of `query` spread."""
    found, names = spread(desk.store, query), titles(desk)
    return SpreadView(
        found,
        _first(found.first, names),
        Share(found.copied, found.posts),
        tuple(
            FamilyLine(
                one,
                _first(one.first, names),
                Share(one.posts, found.posts),
                one.first.full_text[:_SHOWN] if one.first else "",
                tuple(
                    (
                        names.get(r.source, r.source),
                        PLATFORMS[Platform(r.platform)],
                        r.posts,
                        # Buckets begin before what they hold.
                        max(r.since, one.first.published_at) if one.first else r.since,
                    )
                    for r in one.reach
                ),
            )
            for one in found.families
        ),
    )


def _first(post: Post | None, names: dict[str, str]) -> First | None:
    if post is None:
        return None
    kind = "·".join(part for part in (KINDS[post.kind], ACCOUNTS[post.verified_type]) if part)
    return First(post.published_at, names.get(post.source, post.source), kind, post.url)

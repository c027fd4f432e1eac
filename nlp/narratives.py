"""Implements `domain.protocols.NarrativeFinder`: near-same statements of a burst against the past.

A narrative is a statement that several different posts make in nearly the same words (character
3-grams, practice.md §4: a template variant from .4), whether it asks or not. A comment or repost
tells what its author wrote, not what it quotes. Which posts were added in which order changes
nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from domain.alerts import Share
from domain.posts import Post
from domain.questions import Narrative
from nlp.questions.statements import statements
from text.near_duplicates import clusters
from text.normalise import strip_for_similarity
from text.quoting import compared

#: Nearly the same: template variants (practice.md §4).
SAME = 0.4
#: A narrative is made by at least so many posts, and so many of the burst's [D].
LEAST_POSTS, LEAST_SHARE = 3, 0.05
#: Shorter statements (“支持！”, “严惩”) are said about anything.
LEAST_CHARACTERS = 6
_CLAUSE = re.compile(r"[^，,、：:；;。！？!?\s]+")
_HEARSAY = re.compile(r"^(?:听说|据说|网传|传言|据传|有人说|都说|说是|爆料)")


class Narratives:
    """Finds narratives; keeps nothing."""

    def narratives(
        self, posts: Sequence[Post], past: Sequence[Post], limit: int = 5
    ) -> list[Narrative]:
        """Statements of `posts` that most make, new ones first at equal share.

        Args:
            past: the case's own posts before the burst; says which narratives are old.
        """
        here = {post.id: post for post in posts}
        before = {post.id: post for post in past if post.id not in here}
        made = _by_statement(sorted(here.values(), key=_moment))
        older = _by_statement(sorted(before.values(), key=_moment))
        texts = [*made, *(text for text in older if text not in made)]
        groups: dict[int, list[str]] = {}
        for text, leader in zip(texts, clusters(texts, SAME), strict=True):
            groups.setdefault(leader, []).append(text)
        hours = Counter(_hour(post.published_at) for post in here.values())
        found = [
            _narrative(members, made, older, here, hours) for members in groups.values()
            if len(_posts(members, made)) >= max(LEAST_POSTS, LEAST_SHARE * len(here))
        ]  # fmt: skip
        found.sort(key=lambda one: (-one.share.k, one.past, one.first_at, one.text))
        return _apart(found)[:limit]


def _by_statement(posts: Sequence[Post]) -> dict[str, set[str]]:
    """Posts by the clauses they hold, in the order in which these first appear."""
    made: dict[str, set[str]] = {}
    for post in posts:
        for statement in statements(compared(post)):
            for clause in _CLAUSE.findall(statement.text):
                told = _HEARSAY.sub("", clause.strip())
                if len(strip_for_similarity(told)) >= LEAST_CHARACTERS:
                    made.setdefault(told, set()).add(post.id)
    return made


def _narrative(
    members: Sequence[str],
    made: dict[str, set[str]],
    older: dict[str, set[str]],
    here: dict[str, Post],
    hours: Counter[datetime],
) -> Narrative:
    ids = sorted(_posts(members, made), key=lambda post_id: _moment(here[post_id]))
    posts = [here[post_id] for post_id in ids]
    told = Counter(_hour(post.published_at) for post in posts)
    sources = Counter(post.source for post in posts)
    wording = min((text for text in members if text in made), key=lambda t: (-len(made[t]), t))
    return Narrative(
        text=wording,
        share=Share(len(ids), len(here)),
        distinct=len(set(clusters([compared(post) for post in posts]))),
        past=len(_posts(members, older)),
        first_at=posts[0].published_at,
        peak_at=min(told, key=lambda hour: (-told[hour], hour)),
        hours=tuple((hour, told[hour], hours[hour]) for hour in sorted(hours)),
        sources=tuple(sorted(sources.items(), key=lambda item: (-item[1], item[0]))),
        post_ids=tuple(ids),
    )


def _apart(found: Sequence[Narrative]) -> list[Narrative]:
    """Of narratives that stand in exactly the same posts (one copied text) the first alone."""
    seen: set[tuple[str, ...]] = set()
    kept: list[Narrative] = []
    for one in found:
        if one.post_ids not in seen:
            kept.append(one)
        seen.add(one.post_ids)
    return kept


def _posts(members: Sequence[str], made: dict[str, set[str]]) -> set[str]:
    return {post_id for text in members for post_id in made.get(text, ())}


def _moment(post: Post) -> tuple[datetime, str]:
    return post.published_at, post.id


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)

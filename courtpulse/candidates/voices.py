"""Who speaks, without who it is: equal or not, for as long as one run lasts.

Author tokens stand in the held segments only; a key changes daily with a day's overlap, so two
tokens on one post are one author. Nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from crawlers.inbox import Inbox
from domain.errors import BadInput
from domain.posts import Post

log = structlog.get_logger()


def voices(inbox: Inbox, posts: Sequence[Post]) -> dict[str, str]:
    """Post id → a name for its author that means nothing; the source where nobody is named."""
    wanted = {post.id for post in posts}
    tokens: dict[str, set[str]] = {}
    for name in (*inbox.pending(), *inbox.committed()):
        try:
            for item in inbox.read(name):
                if item.post.id in wanted:
                    tokens.setdefault(item.post.id, set()).update(item.author_tokens)
        except BadInput as error:
            log.error("segment set aside", segment=name, problem=error.problem)
    parent: dict[str, str] = {}

    def root(token: str) -> str:
        while parent.setdefault(token, token) != token:
            token = parent[token]
        return token

    for several in tokens.values():
        first, *others = sorted(several) or [""]
        for other in others:
            parent[root(other)] = root(first)
    numbers: dict[str, int] = {}
    named: dict[str, str] = {}
    for post in posts:
        own = tokens.get(post.id)
        key = root(min(own)) if own else ""
        named[post.id] = (
            f"a{numbers.setdefault(key, len(numbers))}" if key else f"source:{post.source}"
        )
    return named

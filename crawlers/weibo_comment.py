"""One comment of Weibo's official interface (sources.md A), read strictly and forgotten mostly.

A comment such as "还在等" says nothing about any case. As a repost carries the post it forwards,
a comment carries what it answers: the comment it replies to, if any, and the post it stands under,
in the platform's own form ``comment//reply//post``. So it is linked, searched and shown by the
same rules as a repost, without a second kind of reference between posts.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawlers.documents import mapping, number_text, tally, words
from crawlers.items import RawItem
from crawlers.weibo_status import is_public as is_public_status
from crawlers.weibo_status import quoted, verified
from crawlers.weibo_status import without_account as status_without_account
from domain.posts import Engagement, Platform, PostKind
from text.dates import parse_moment


@dataclass(frozen=True, slots=True)
class Stream:
    """What is the same for all items of a run.

    Attributes:
        source: name of the source; sample_rate: its share of the whole, (0, 1].
        now: when the items were fetched, aware.
    """

    source: str
    sample_rate: float
    now: datetime


def native_id(comment_id: str) -> str:
    """What a comment is identified by: posts and comments number themselves apart."""
    return f"comment:{comment_id}"


def is_public(fragment: Any) -> bool:
    """False for deleted comments and for comments under posts that aren't public."""
    if not isinstance(fragment, dict):
        return True  # malformed rather than private: reading it will say so
    status = fragment.get("status")
    return fragment.get("deleted") not in (1, "1", True) and (
        not isinstance(status, dict) or is_public_status(status)
    )


def read_comment(fragment: Any, stream: Stream) -> RawItem:
    """Read one comment.

    Raises:
        BadInput: a field is missing or of the wrong type.
    """
    comment = mapping(fragment, "comment")
    number = number_text(comment.get("idstr") or comment.get("id"), "id")
    status = mapping(comment.get("status"), "status")
    user = comment.get("user")
    account = mapping(user, "user") if user is not None else {}
    parts = [html.unescape(words(comment.get("text"), "text"))]
    parts += [quoted(comment.get("reply_comment")), quoted(status)]
    return RawItem(
        source=stream.source,
        native_id=native_id(number),
        platform=Platform.WEIBO,
        kind=PostKind.COMMENT,
        text="//".join(part for part in parts if part),
        published_at=parse_moment(words(comment.get("created_at"), "created_at"), stream.now),
        url=f"https://weibo.com/detail/{status_id(status)}?cid={number}",
        author_id=number_text(account.get("id"), "user.id") if account else "",
        verified_type=verified(account),
        engagement=Engagement(likes=tally(comment.get("like_count"))),
        fetched_at=stream.now,
        sample_rate=stream.sample_rate,
    )


def status_id(status: dict[str, Any]) -> str:
    """The id of a post; raises `BadInput` when it has none."""
    return number_text(status.get("idstr") or status.get("mid") or status.get("id"), "status.id")


def without_account(fragment: Any) -> Any:
    """A fragment for the quarantine: every account reduced to its id and verification."""
    kept = status_without_account(fragment)
    if isinstance(kept, dict):
        for name in ("status", "reply_comment"):
            if name in kept:
                kept[name] = status_without_account(kept[name])
    return kept

"""One status of Weibo's official interface (sources.md A), read strictly and forgotten mostly.

Of the account we take the id, which becomes a token at ingest, and the kind of verification.
Name, place, gender and followers are not even parsed.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crawlers.documents import mapping, number_text, tally, words
from domain.errors import BadInput
from domain.posts import Engagement, VerifiedType
from text.dates import parse_moment
from text.weibo_ids import mid_time

_VERIFIED = {
    0: VerifiedType.CELEBRITY,
    1: VerifiedType.GOVERNMENT,
    2: VerifiedType.COMPANY,
    3: VerifiedType.MEDIA,
    4: VerifiedType.ORGANISATION,
    5: VerifiedType.ORGANISATION,
    6: VerifiedType.ORGANISATION,
    7: VerifiedType.ORGANISATION,
}
#: Ids are minted when a post is made; a published time further away is not the post's.
_ID_TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Status:
    """What we read of a status; `original` is the post it forwards, if that is still there."""

    mid: str
    text: str
    published_at: datetime
    author_id: str
    verified_type: VerifiedType
    engagement: Engagement
    is_repost: bool
    original: str


def is_public(fragment: Any) -> bool:
    """False for deleted posts and posts for friends or groups: they are not ours to keep."""
    if not isinstance(fragment, dict):
        return True  # malformed rather than private: reading it will say so
    if fragment.get("deleted") in (1, "1", True):
        return False
    visible = fragment.get("visible")
    return not isinstance(visible, dict) or visible.get("type", 0) == 0


def read_status(fragment: Any, now: datetime) -> Status:
    """Read one status.

    Raises:
        BadInput: a field is missing or of the wrong type, or time and id disagree.
    """
    status = mapping(fragment, "status")
    mid = number_text(status.get("idstr") or status.get("mid") or status.get("id"), "id")
    published_at = parse_moment(words(status.get("created_at"), "created_at"), now)
    if abs(published_at - mid_time(mid)) > _ID_TOLERANCE:
        raise BadInput(
            "created_at is more than 10 minutes from the time in the id",
            remedy="check the interface's time zone",
        )
    user = status.get("user")
    account = mapping(user, "user") if user is not None else {}
    return Status(
        mid=mid,
        text=_text(status),
        published_at=published_at,
        author_id=number_text(account.get("id"), "user.id") if account else "",
        verified_type=verified(account),
        engagement=Engagement(
            reposts=tally(status.get("reposts_count")),
            comments=tally(status.get("comments_count")),
            likes=tally(status.get("attitudes_count")),
        ),
        is_repost=isinstance(status.get("retweeted_status"), dict),
        original=quoted(status.get("retweeted_status")),
    )


def without_account(fragment: Any) -> Any:
    """A fragment for the quarantine: the account reduced to its id and verification."""
    if not isinstance(fragment, dict):
        return fragment
    kept = {
        name: value for name, value in fragment.items() if name not in ("user", "geo", "source")
    }
    user = fragment.get("user")
    if isinstance(user, dict):
        kept["user"] = {name: user[name] for name in ("id", "verified_type") if name in user}
    if "retweeted_status" in kept:
        kept["retweeted_status"] = without_account(kept["retweeted_status"])
    return kept


def _text(status: dict[str, Any]) -> str:
    """The whole text where the interface gives it, else the text as cut by the platform."""
    long = status.get("longText")
    if status.get("isLongText") and isinstance(long, dict):
        whole = long.get("longTextContent") or long.get("content")
        if isinstance(whole, str) and whole:
            return html.unescape(whole)
    return html.unescape(words(status.get("text"), "text"))


def quoted(original: Any) -> str:
    """Text of a post or comment that another one carries; "" when its author deleted or hid it."""
    if not isinstance(original, dict) or not isinstance(original.get("user"), dict):
        return ""
    return _text(original) if is_public(original) else ""


def verified(account: dict[str, Any]) -> VerifiedType:
    """Kind of an account; ordinary when nothing is said."""
    kind = account.get("verified_type", -1)
    return (
        _VERIFIED.get(kind, VerifiedType.ORDINARY)
        if isinstance(kind, int)
        else VerifiedType.ORDINARY
    )

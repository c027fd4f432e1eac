"""Ids of Weibo posts: decimal mid, base-62 bid, and the second hidden in the mid.

Source: sources.md, verified there on published posts: seconds = (mid >> 22) + 515483463.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from domain.errors import BadInput
from domain.time import as_utc

_EPOCH = 515_483_463
_SEQUENCE_BITS = 22
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_BID = re.compile(r"[0-9a-zA-Z]{1,12}")
_GROUP_LIMIT = 10**7
# Weibo opened on 2009-08-14; smaller numbers are other ids (users, objects).
_FIRST_SECOND = int(datetime(2009, 8, 1, tzinfo=UTC).timestamp())
_LAST_SECOND = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())


def _number(mid: int | str) -> int:
    text = str(mid)
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise BadInput("a Weibo mid is not a number", remedy="give the decimal id of a post")
    return int(text)


def mid_time(mid: int | str) -> datetime:
    """Return the second (aware, UTC) in which the post `mid` was made.

    Raises:
        BadInput: not a number, or a time outside 2009–2099: not the id of a post.
    """
    seconds = (_number(mid) >> _SEQUENCE_BITS) + _EPOCH
    if not _FIRST_SECOND <= seconds < _LAST_SECOND:
        raise BadInput(
            "a Weibo mid lies outside 2009–2099",
            remedy="check that it is the id of a post, not of a user",
        )
    return datetime.fromtimestamp(seconds, UTC)


def mint_mid(moment: datetime, sequence: int) -> int:
    """Return the mid of the post number `sequence` (0 ≤ n < 2²²) of the second of `moment`.

    Raises:
        BadInput: `sequence` out of range, or a moment outside 2009–2099.
    """
    if not 0 <= sequence < 1 << _SEQUENCE_BITS:
        raise BadInput("a sequence is out of range", remedy=f"0 ≤ sequence < {1 << _SEQUENCE_BITS}")
    seconds = int(as_utc(moment).timestamp())
    if not _FIRST_SECOND <= seconds < _LAST_SECOND:
        raise BadInput("a moment has no Weibo mid", remedy="give a moment between 2009-08 and 2099")
    return (seconds - _EPOCH << _SEQUENCE_BITS) | sequence


def mid_to_bid(mid: int | str) -> str:
    """Return the base-62 form of `mid` used in links. Raises BadInput when it isn't a number."""
    rest = _number(mid)
    groups: list[str] = []
    while rest >= _GROUP_LIMIT:
        rest, group = divmod(rest, _GROUP_LIMIT)
        groups.append(_to_base62(group).rjust(4, "0"))
    groups.append(_to_base62(rest))
    return "".join(reversed(groups))


def bid_to_mid(bid: str) -> int:
    """Return the decimal mid of `bid`.

    Raises:
        BadInput: not base 62, or four characters that stand for more than seven digits.
    """
    if not _BID.fullmatch(bid):
        raise BadInput("a Weibo bid is malformed", remedy="give up to 12 letters and digits")
    mid = 0
    for start in range(-(-len(bid) % 4), len(bid), 4):
        group = 0
        for character in bid[max(start, 0) : start + 4]:
            group = group * 62 + _VALUES[character]
        if group >= _GROUP_LIMIT:
            raise BadInput("a Weibo bid is malformed", remedy="check it for a typing error")
        mid = mid * _GROUP_LIMIT + group
    return mid


def _to_base62(number: int) -> str:
    digits = ""
    while True:
        number, remainder = divmod(number, 62)
        digits = _ALPHABET[remainder] + digits
        if not number:
            return digits

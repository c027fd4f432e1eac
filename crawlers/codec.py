"""One post as one JSON line of a segment, and a raw item as the quarantine keeps it.

A line decodes to exactly what was encoded. Moments are ISO 8601 in UTC. Unknown and missing keys
are errors: a segment that an other version wrote must not be half understood.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from crawlers.items import RawItem
from domain.errors import BadInput
from domain.posts import CollectedPost, Engagement, Platform, Post, PostKind, VerifiedType
from domain.time import as_utc

_POST_KEYS = frozenset(field.name for field in fields(Post))
_RAW_KEYS = frozenset(field.name for field in fields(RawItem)) - {"author_id"}
_COUNTS = tuple(field.name for field in fields(Engagement))
# One for all lines: json.dumps makes a new one each time it is not given its defaults.
_ENCODER = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


def encode(collected: CollectedPost) -> bytes:
    """Return `collected` as one line of UTF-8 JSON without the line break."""
    record = _plain(collected.post, _POST_KEYS)
    record["author_tokens"] = list(collected.author_tokens)
    return _dump(record)


def decode(line: bytes) -> CollectedPost:
    """Return the post of a line that `encode` made.

    Raises:
        BadInput: the line is no JSON, or its keys or values are not those of a post.
    """
    record = _load(line)
    tokens = record.pop("author_tokens", None)
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise BadInput("a segment line has no list of author tokens")
    _check_keys(record, _POST_KEYS)
    return CollectedPost(Post(**_typed(record, utc=True)), tuple(tokens))


def encode_raw(item: RawItem) -> bytes:
    """Return `item` as JSON for the quarantine, without the author: no identity lies at rest."""
    return _dump(_plain(item, _RAW_KEYS))


def decode_raw(content: bytes) -> RawItem:
    """Return the item that `encode_raw` wrote; its author is unknown from then on.

    Raises:
        BadInput: the content was not written by `encode_raw`.
    """
    record = _load(content)
    _check_keys(record, _RAW_KEYS)
    return RawItem(**_typed(record, utc=False))


def _plain(item: Post | RawItem, keys: frozenset[str]) -> dict[str, Any]:
    record: dict[str, Any] = {key: getattr(item, key) for key in keys}
    for key, value in record.items():
        if isinstance(value, datetime):
            record[key] = value.isoformat()
        elif isinstance(value, Engagement):
            record[key] = {name: getattr(value, name) for name in _COUNTS}
    return record


def _dump(record: dict[str, Any]) -> bytes:
    # ASCII only: a lone surrogate in a rejected item survives as an escape.
    return _ENCODER.encode(record).encode("ascii")


def _load(content: bytes) -> dict[str, Any]:
    try:
        record = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput("a stored post is not valid JSON") from error
    if not isinstance(record, dict):
        raise BadInput("a stored post is not a JSON object")
    return record


def _check_keys(record: dict[str, Any], keys: frozenset[str]) -> None:
    if record.keys() != keys:
        wrong = ", ".join(sorted(record.keys() ^ keys))
        raise BadInput(
            f"a stored post has unknown or missing keys: {wrong[:200]}",
            remedy="it was written by an other version; collect the source again",
        )


def _typed(record: dict[str, Any], *, utc: bool) -> dict[str, Any]:
    typed = dict(record)
    try:
        typed["platform"] = Platform(record["platform"])
        typed["kind"] = PostKind(record["kind"])
        typed["verified_type"] = VerifiedType(record["verified_type"])
        typed["engagement"] = Engagement(**record["engagement"])
        for key in ("published_at", "fetched_at", "edited_at"):
            if record[key] is not None:
                moment = datetime.fromisoformat(record[key])
                typed[key] = as_utc(moment) if utc else moment
    except (ValueError, TypeError) as error:
        raise BadInput("a stored post holds a value of the wrong kind") from error
    return typed

"""One post as one JSON line of a segment, and a raw item as the quarantine keeps it.

A line decodes to exactly what was encoded. Moments are ISO 8601 in UTC. Unknown and missing keys
are errors: a segment that an other version wrote must not be half understood.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, get_type_hints

import msgspec

from crawlers.items import RawItem
from domain.errors import BadInput
from domain.posts import CollectedPost, Engagement, Platform, Post, PostKind, VerifiedType
from domain.time import as_utc

_RAW_KEYS = frozenset(field.name for field in fields(RawItem)) - {"author_id"}
_COUNTS = tuple(field.name for field in fields(Engagement))
# One for all items: json.dumps makes a new one each time it is not given its defaults.
_ENCODER = json.JSONEncoder(separators=(",", ":"), sort_keys=True)
_Aware = Annotated[datetime, msgspec.Meta(tz=True)]
_AWARE = {datetime: _Aware, datetime | None: _Aware | None}
_POST_FIELDS = tuple(field.name for field in fields(Post))
_FIELDS = attrgetter(*_POST_FIELDS)
_TYPES = get_type_hints(Post)
#: A line: the fields of a post in their order, then the tokens; all of them and no others.
_Line = msgspec.defstruct(
    "_Line",
    [(name, _AWARE.get(_TYPES[name], _TYPES[name])) for name in _POST_FIELDS]
    + [("author_tokens", tuple[str, ...])],
    forbid_unknown_fields=True,
    frozen=True,
    gc=False,
)
_LINES, _LINE = msgspec.json.Encoder(), msgspec.json.Decoder(_Line)


def encode(collected: CollectedPost) -> bytes:
    """Return `collected` as one line of UTF-8 JSON without the line break.

    Raises:
        BadInput: it holds a lone surrogate, which ingest never lets through.
    """
    try:
        return _LINES.encode(_Line(*_FIELDS(collected.post), collected.author_tokens))
    except UnicodeEncodeError as error:
        raise BadInput(
            "the post holds a lone surrogate",
            remedy="clean the text at ingest (text.normalise.clean)",
            where=ascii(collected.post.id)[1:-1],
        ) from error


def decode(line: bytes) -> CollectedPost:
    """Return the post of a line that `encode` made.

    Raises:
        BadInput: the line is no JSON, or its keys or values are not those of a post.
    """
    try:
        *values, tokens = msgspec.structs.astuple(_LINE.decode(line))
        post = dict(zip(_POST_FIELDS, values, strict=True))
        for name in ("published_at", "fetched_at", "edited_at"):
            if post[name] is not None:
                post[name] = as_utc(post[name])
    except msgspec.ValidationError as error:
        raise BadInput(
            f"a stored post has unknown or missing keys, or a value of the wrong kind: {error}",
            remedy="it was written by an other version; collect the source again",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise BadInput("a stored post is not valid JSON") from error
    return CollectedPost(Post(**post), tokens)


def encode_raw(item: RawItem) -> bytes:
    """Return `item` as JSON for the quarantine, without the author: no identity lies at rest."""
    record: dict[str, Any] = {key: getattr(item, key) for key in _RAW_KEYS}
    for key, value in record.items():
        if isinstance(value, datetime):
            record[key] = value.isoformat()
        elif isinstance(value, Engagement):
            record[key] = {name: getattr(value, name) for name in _COUNTS}
    # ASCII only: a lone surrogate in a rejected item survives as an escape.
    return _ENCODER.encode(record).encode("ascii")


def decode_raw(content: bytes) -> RawItem:
    """Return the item that `encode_raw` wrote; its author is unknown from then on.

    Raises:
        BadInput: the content was not written by `encode_raw`.
    """
    record = _load(content)
    _check_keys(record)
    return RawItem(**_typed(record))


def _load(content: bytes) -> dict[str, Any]:
    try:
        record = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput("a stored post is not valid JSON") from error
    if not isinstance(record, dict):
        raise BadInput("a stored post is not a JSON object")
    return record


def _check_keys(record: dict[str, Any]) -> None:
    if record.keys() != _RAW_KEYS:
        wrong = ", ".join(sorted(record.keys() ^ _RAW_KEYS))
        raise BadInput(
            f"a stored post has unknown or missing keys: {wrong[:200]}",
            remedy="it was written by an other version; collect the source again",
        )


def _typed(record: dict[str, Any]) -> dict[str, Any]:
    typed = dict(record)
    try:
        typed["platform"] = Platform(record["platform"])
        typed["kind"] = PostKind(record["kind"])
        typed["verified_type"] = VerifiedType(record["verified_type"])
        typed["engagement"] = Engagement(**record["engagement"])
        for key in ("published_at", "fetched_at", "edited_at"):
            if record[key] is not None:
                typed[key] = datetime.fromisoformat(record[key])
    except (ValueError, TypeError) as error:
        raise BadInput("a stored post holds a value of the wrong kind") from error
    return typed

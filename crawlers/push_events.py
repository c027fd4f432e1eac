"""Lines of Weibo's subscription stream (sources.md A, push): a number, an event, a post.

``{"id": number of the line, "text": {"type": "status" | "comment", "event": …, type: {…}}}``, one
a line, lines end in CRLF; an empty line is a sign of life. Documented is the event "add". That
"update" carries the whole post again and "delete" at least its id is assumed; any other event
goes to the quarantine, where it is seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from crawlers import weibo_comment, weibo_status
from crawlers.decoding import decode
from crawlers.documents import mapping, number_text, wrong
from crawlers.ingest import post_id
from crawlers.items import RawItem
from crawlers.weibo_comment import Stream, read_comment
from domain.errors import BadInput
from domain.posts import Platform, PostKind

_STATUS, _COMMENT = "status", "comment"
_DELETED = frozenset({"delete", "del"})
_EDITED = "update"
_KNOWN = frozenset({"add", _EDITED})


class Event(Enum):
    """What a line asks of us."""

    POST = "a post to take in, or one that can't be read"
    GONE = "a post to forget"
    HIDDEN = "a post that isn't public and never was ours"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text, its document (None when it is no JSON), its number ("" unknown)."""

    text: str
    document: Any
    number: str = ""


def lines_of(body: bytes, header: str) -> Iterator[Line]:
    """The whole lines of a connection, signs of life left out.

    A last line without its end was cut off, unless it is whole JSON: it isn't read, and comes again.

    Args:
        header: the answer's Content-Type.
    """
    *whole, rest = body.split(b"\n")
    for raw in whole:
        if raw.strip():
            yield _line(raw, header)
    if rest.strip():
        last = _line(rest, header)
        if last.document is not None:
            yield last


def read_event(document: Any) -> Event:
    """What the line asks of us; a malformed one is a post that can't be read."""
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, dict):
        return Event.POST
    kind, event = text.get("type"), text.get("event")
    if isinstance(event, str) and event in _DELETED:
        return Event.GONE
    post = text.get(kind) if isinstance(kind, str) else None
    public = weibo_comment.is_public if kind == _COMMENT else weibo_status.is_public
    if public(post):
        return Event.POST
    # A post that was public may be here; one that never was isn't.
    return Event.GONE if event == _EDITED else Event.HIDDEN


def post_of(document: Any, stream: Stream) -> RawItem:
    """Read the post or comment of a line.

    Raises:
        BadInput: no such event or type, or a field is missing or of the wrong type.
    """
    kind, event, post = _parts(document)
    if not isinstance(event, str) or event not in _KNOWN:
        raise wrong("event", "one of add, update, delete")
    item = read_comment(post, stream) if kind == _COMMENT else _status(post, stream)
    return replace(item, edited_at=stream.now) if event == _EDITED else item


def gone_id(document: Any, source: str) -> str:
    """Id of the post that a line says is gone.

    Raises:
        BadInput: the line doesn't say which.
    """
    kind, _, post = _parts(document)
    number = number_text(post.get("idstr") or post.get("mid") or post.get("id"), f"{kind}.id")
    return post_id(source, weibo_comment.native_id(number) if kind == _COMMENT else number)


def without_account(document: Any) -> Any:
    """A line for the quarantine: every account reduced to its id and verification."""
    text = document.get("text") if isinstance(document, dict) else None
    if not isinstance(text, dict):
        return None  # what an unknown form holds of a person nobody knows
    kept = dict(text)
    if _STATUS in kept:
        kept[_STATUS] = weibo_status.without_account(kept[_STATUS])
    if _COMMENT in kept:
        kept[_COMMENT] = weibo_comment.without_account(kept[_COMMENT])
    return {"id": document.get("id"), "text": kept}


def _line(raw: bytes, header: str) -> Line:
    try:
        text = decode(raw, header).strip()
        document = json.loads(text)
    except (BadInput, ValueError, RecursionError):
        return Line(raw.decode("utf-8", "replace").strip(), None)
    number = document.get("id") if isinstance(document, dict) else None
    known = isinstance(number, int) and not isinstance(number, bool) and number > 0
    return Line(text, document, str(number) if known else "")


def _parts(document: Any) -> tuple[str, Any, dict[str, Any]]:
    text = mapping(mapping(document, "line").get("text"), "text")
    kind = text.get("type")
    if kind not in (_STATUS, _COMMENT):
        raise wrong("type", "status or comment")
    return kind, text.get("event"), mapping(text.get(kind), kind)


def _status(post: dict[str, Any], stream: Stream) -> RawItem:
    status = weibo_status.read_status(post, stream.now)
    return RawItem(
        source=stream.source,
        native_id=status.mid,
        platform=Platform.WEIBO,
        kind=PostKind.REPOST if status.is_repost else PostKind.POST,
        text=f"{status.text}//{status.original}" if status.original else status.text,
        published_at=status.published_at,
        url=f"https://weibo.com/detail/{status.mid}",
        author_id=status.author_id,
        verified_type=status.verified_type,
        engagement=status.engagement,
        fetched_at=stream.now,
        sample_rate=stream.sample_rate,
    )

"""A post as one JSON document: the form in which every store keeps it.

All stores write and read posts through this module, so a post that one store returns is the post
another would return. A document holds no author, and there is nowhere to put one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import msgspec

from domain.annotation import (
    AnnotatedPost,
    Annotation,
    Aspect,
    CaseLink,
    Demand,
    Emotion,
    Family,
    Sentiment,
    Stance,
    Target,
)
from domain.errors import BadInput, StoreFailure
from domain.posts import Engagement, Platform, Post, PostKind, VerifiedType
from domain.time import as_utc
from index.terms import searchable

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
#: Lucene refuses longer ids; one limit for all keys keeps the stores alike.
MAX_KEY_BYTES = 512
#: What stands for the emotion of a post whose annotator tells none.
UNKNOWN = "unknown"
_OFFSET_BITS = 30
_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Entry:
    """A checked post, ready to be written.

    Attributes:
        version: grows with edit time, then fetch time; a smaller one never replaces a larger.
        document: what `read` turns back into the post; `encoded` is the same as JSON.
        terms: search terms of title and body, joined by blanks.
    """

    id: str
    version: int
    published_us: int
    annotated: AnnotatedPost
    document: dict[str, Any]
    encoded: str
    terms: str

    @property
    def cases(self) -> list[str]:
        """Ids of the cases the post belongs to."""
        return sorted({link.case_id for link in self.annotated.links})

    @property
    def stances(self) -> dict[str, Stance]:
        """Case → what counts for it."""
        return {case: self.annotated.stance(case) for case in self.cases}

    @property
    def counted_cases(self) -> list[str]:
        """Those of `cases` in which the post counts as a new author."""
        return sorted({link.case_id for link in self.annotated.links if link.counts_as_author})


def microseconds(moment: datetime) -> int:
    """`moment` in microseconds since 1970-01-01T00:00Z."""
    return (moment - EPOCH) // MICROSECOND


def utc(moment: datetime, where: str) -> datetime:
    """`moment` in UTC.

    Raises:
        BadInput: it carries no zone, or leaves the calendar when converted.
    """
    try:
        return as_utc(moment)
    except (ValueError, OverflowError) as error:
        raise BadInput(
            f"time {moment.isoformat()} can't be placed on the UTC line",
            remedy="attach the zone where the time is parsed",
            where=where,
        ) from error


def entries(posts: Sequence[AnnotatedPost]) -> dict[str, Entry]:
    """Check `posts` and return the latest version of each, by id, in the order given.

    Raises:
        BadInput: a post has a naive time, a lone surrogate, a NaN or an unusable key. Nothing
            has been written then.
    """
    latest: dict[str, Entry] = {}
    for post in posts:
        entry = _entry(post)
        known = latest.get(entry.id)
        if known is None or entry.version >= known.version:
            latest[entry.id] = entry
    return latest


def read(document: dict[str, Any]) -> AnnotatedPost:
    """The post a document holds.

    Raises:
        StoreFailure: the document was not written by this program.
    """
    try:
        return AnnotatedPost(
            _post(document), _annotation(document), _links(document), _family(document)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreFailure(
            f"the index holds a document that is no post: {error!r}",
            remedy="delete it, or rebuild the index from the inbox",
            where=str(document.get("id", "")),
        ) from error


def _entry(annotated: AnnotatedPost) -> Entry:
    post, annotation = annotated.post, annotated.annotation
    where = ascii(post.id)[1:-1]
    published = utc(post.published_at, where)
    fetched = utc(post.fetched_at, where)
    edited = utc(post.edited_at, where) if post.edited_at else None
    _check_keys(annotated, where)
    engagement = post.engagement
    document: dict[str, Any] = {
        "id": post.id,
        "source": post.source,
        "platform": str(post.platform),
        "kind": str(post.kind),
        "title": post.title,
        "text": post.text,
        "url": post.url,
        "published_at": published.isoformat(),
        "fetched_at": fetched.isoformat(),
        "edited_at": edited.isoformat() if edited else None,
        "verified_type": str(post.verified_type),
        "engagement": {
            "reposts": engagement.reposts,
            "comments": engagement.comments,
            "likes": engagement.likes,
        },
        "sample_rate": post.sample_rate,
        "redactions": post.redactions,
        "target": str(annotation.target),
        "sentiment": str(annotation.sentiment),
        "topics": list(annotation.topics),
        "demand": str(annotation.demand),
        "irony": annotation.irony,
        "scores": annotation.scores,
        "model": annotation.model,
        "emotion": str(annotation.emotion or UNKNOWN),
        "unsure": list(annotation.unsure),
        "mixed": annotation.mixed,
        "links": [_link_document(link) for link in annotated.links],
        "copies": annotated.family.copies if annotated.family else post.id,
        "template": annotated.family.template if annotated.family else post.id,
    }
    return Entry(
        id=post.id,
        version=_version(edited or published, fetched),
        published_us=microseconds(published),
        annotated=annotated,
        document=document,
        encoded=_encode(document, where),
        terms=searchable(post.full_text),
    )


def _link_document(link: CaseLink) -> dict[str, Any]:
    document = {
        "case_id": link.case_id,
        "reason": link.reason,
        "matched": list(link.matched),
        "counts_as_author": link.counts_as_author,
    }
    if link.aspect is not None:
        document["aspect"] = {
            "target": str(link.aspect.target),
            "sentiment": str(link.aspect.sentiment),
            "score": link.aspect.score,
            "unsure": link.aspect.unsure,
        }
    return document


def _check_keys(annotated: AnnotatedPost, where: str) -> None:
    post = annotated.post
    keys = [post.id, post.source, *annotated.annotation.topics]
    keys += [link.case_id for link in annotated.links]
    keys += [annotated.family.copies, annotated.family.template] if annotated.family else []
    for key in keys:
        if not key or len(key.encode("utf-8", "surrogatepass")) > MAX_KEY_BYTES:
            raise BadInput(
                f"an id, source, topic or case is empty or longer than {MAX_KEY_BYTES} bytes",
                remedy="shorten it where it is made",
                where=where[:80],
            )


def _encode(document: dict[str, Any], where: str) -> str:
    numbers = [document["irony"], document["sample_rate"], *document["scores"].values()]
    numbers += [link["aspect"]["score"] for link in document["links"] if "aspect" in link]
    try:
        if any(isinstance(number, float) and not isfinite(number) for number in numbers):
            raise ValueError
        return _ENCODER.encode(document).decode()
    except ValueError as error:  # UnicodeEncodeError is one
        raise BadInput(
            "the post holds a lone surrogate or a number that is none",
            remedy="clean the text at ingest (text.normalise.clean)",
            where=where,
        ) from error


def _version(edited: datetime, fetched: datetime) -> int:
    """Edit time, then fetch time, in one 63-bit number (whole seconds), as Lucene wants it."""
    edit = max(0, int(edited.timestamp()))
    offset = int(fetched.timestamp()) - edit
    return (edit << _OFFSET_BITS) + min(max(0, offset), (1 << _OFFSET_BITS) - 1)


def _post(document: dict[str, Any]) -> Post:
    edited = document["edited_at"]
    return Post(
        id=document["id"],
        source=document["source"],
        platform=Platform(document["platform"]),
        kind=PostKind(document["kind"]),
        text=document["text"],
        published_at=datetime.fromisoformat(document["published_at"]),
        fetched_at=datetime.fromisoformat(document["fetched_at"]),
        title=document["title"],
        url=document["url"],
        verified_type=VerifiedType(document["verified_type"]),
        engagement=Engagement(**document["engagement"]),
        sample_rate=document["sample_rate"],
        edited_at=datetime.fromisoformat(edited) if edited else None,
        redactions=document["redactions"],
    )


def _annotation(document: dict[str, Any]) -> Annotation:
    # Documents written before decision 0006 have no emotion, nothing unsure, no aspect.
    emotion = document.get("emotion", UNKNOWN)
    return Annotation(
        target=Target(document["target"]),
        sentiment=Sentiment(document["sentiment"]),
        topics=tuple(document["topics"]),
        demand=Demand(document["demand"]),
        irony=document["irony"],
        scores=document["scores"],
        model=document["model"],
        emotion=None if emotion == UNKNOWN else Emotion(emotion),
        unsure=tuple(document.get("unsure", ())),
        mixed=document.get("mixed", False),
    )


def _links(document: dict[str, Any]) -> tuple[CaseLink, ...]:
    return tuple(
        CaseLink(
            link["case_id"],
            link["reason"],
            tuple(link["matched"]),
            link["counts_as_author"],
            _aspect(link.get("aspect")),
        )
        for link in document["links"]
    )


def _family(document: dict[str, Any]) -> Family | None:
    # Documents written before decision 0013 name none; a post without one is its own.
    copies = document.get("copies", document["id"])
    return None if copies == document["id"] else Family(copies, document["template"])


def _aspect(document: dict[str, Any] | None) -> Aspect | None:
    if document is None:
        return None
    return Aspect(
        Target(document["target"]),
        Sentiment(document["sentiment"]),
        document["score"],
        document["unsure"],
    )

"""Names, settings and mappings of the indices on a cluster.

The mapping is strict: a field that isn't here can't be written, and no author, gender or region
is here. Details that nobody filters by (redactions, scores, reasons) are kept, not indexed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from domain.annotation import Target
from index.documents import Entry
from index.transport import Body

#: Raise it with every change of `POSTS`; `prepare` then copies the posts into the new index.
SCHEMA = 1

_KEYWORD = {"type": "keyword"}
_DATE = {"type": "date"}
_LONG = {"type": "long"}
_FLAG = {"type": "boolean"}
_KEPT = {"type": "object", "enabled": False}
#: For people who search in Dashboards; the program itself searches `terms`.
_CHINESE = {"type": "text", "analyzer": "cjk"}

#: Fields of a post; `_source` leaves `terms` out, because it is made from title and text.
POSTS: dict[str, dict[str, Any]] = {
    "id": _KEYWORD,
    "source": _KEYWORD,
    "platform": _KEYWORD,
    "kind": _KEYWORD,
    "verified_type": _KEYWORD,
    "title": _CHINESE,
    "text": _CHINESE,
    "terms": {"type": "text", "analyzer": "whitespace", "norms": False},
    "url": {"type": "keyword", "index": False, "doc_values": False},
    "published_at": _DATE,
    "published_us": _LONG,
    "version": _LONG,
    "fetched_at": _DATE,
    "edited_at": _DATE,
    "engagement": {
        "properties": {"reposts": _LONG, "comments": _LONG, "likes": _LONG},
    },
    "sample_rate": {"type": "double"},
    "redactions": _KEPT,
    "target": _KEYWORD,
    "sentiment": _KEYWORD,
    "court_stance": _KEYWORD,
    "court_negative": _FLAG,
    "relevant": _FLAG,
    "topics": _KEYWORD,
    "demand": _KEYWORD,
    "irony": _FLAG,
    "scores": _KEPT,
    "model": _KEYWORD,
    "cases": _KEYWORD,
    "counted_cases": _KEYWORD,
    "linked": _FLAG,
    "links": _KEPT,
}


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the indices under one prefix."""

    prefix: str

    @property
    def posts(self) -> str:
        """Alias all reads and writes go through."""
        return f"{self.prefix}-posts"

    @property
    def tombstones(self) -> str:
        """Index of ids that may not come back."""
        return f"{self.prefix}-tombstones"

    def versioned(self, schema: int) -> str:
        """The index behind the alias."""
        return f"{self.posts}-v{schema}"


def posts_index() -> Body:
    """Body that creates the index of posts."""
    return {
        "settings": _settings(),
        "mappings": {
            "_meta": {"schema": SCHEMA},
            "_source": {"excludes": ["terms"]},
            "dynamic": "strict",
            "properties": POSTS,
        },
    }


def tombstones_index() -> Body:
    """Body that creates the index of tombstones."""
    return {
        "settings": _settings(),
        "mappings": {"dynamic": "strict", "properties": {"at": _DATE}},
    }


def document(entry: Entry) -> str:
    """A post as one line of JSON, with the fields that are derived for filters and charts."""
    annotation, cases = entry.annotated.annotation, entry.cases
    about_court = annotation.target is Target.COURT and annotation.relevant
    derived: Body = {
        "terms": entry.terms,
        "published_us": entry.published_us,
        "version": entry.version,
        "relevant": annotation.relevant,
        "court_negative": annotation.court_negative,
        "court_stance": str(annotation.sentiment) if about_court else "na",
        "cases": cases,
        "counted_cases": entry.counted_cases,
        "linked": bool(cases),
    }
    # `encoded` is an object already: join the two without encoding the post twice.
    return entry.encoded[:-1] + "," + json.dumps(derived, ensure_ascii=False)[1:]


def _settings() -> Body:
    return {"number_of_shards": 1, "auto_expand_replicas": "0-1"}

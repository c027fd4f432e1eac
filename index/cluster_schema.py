"""Names, settings and mappings of the indices on a cluster.

The mapping is strict: a field that isn't here can't be written, and no author, gender or region
is here. Details that nobody filters by (redactions, scores, reasons) are kept, not indexed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from domain.annotation import Certainty, Stance, Target
from index.documents import Entry
from index.transport import Body

#: Raise it with every change of `POSTS`; `prepare` then copies the posts into the new index.
SCHEMA = 3

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
    "certainty": _KEYWORD,
    "unsure": _KEYWORD,
    "mixed": _FLAG,
    "emotion": _KEYWORD,
    "topics": _KEYWORD,
    "demand": _KEYWORD,
    "irony": _FLAG,
    "scores": _KEPT,
    "model": _KEYWORD,
    "cases": _KEYWORD,
    "counted_cases": _KEYWORD,
    "attitudes": _KEYWORD,
    "stances": _KEYWORD,
    "counted_stances": _KEYWORD,
    "linked": _FLAG,
    "links": _KEPT,
    "copies": _KEYWORD,
    "template": _KEYWORD,
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
    annotation, stances = entry.annotated.annotation, entry.stances
    certainty = annotation.stance.certainty
    about_court = annotation.target is Target.COURT and annotation.relevant
    sure = certainty is Certainty.SURE
    counted = entry.counted_cases
    derived: Body = {
        "terms": entry.terms,
        "published_us": entry.published_us,
        "version": entry.version,
        "relevant": annotation.relevant,
        "court_negative": annotation.court_negative,
        "court_stance": str(annotation.sentiment if sure else certainty) if about_court else "na",
        "certainty": str(certainty),
        "cases": list(stances),
        "counted_cases": counted,
        "attitudes": sorted({attitude(stance) for stance in stances.values()}),
        "stances": [token(stance, case) for case, stance in stances.items()],
        "counted_stances": [token(stances[case], case) for case in counted],
        "linked": bool(stances),
    }
    # `encoded` is an object already: join the two without encoding the post twice.
    return entry.encoded[:-1] + "," + json.dumps(derived, ensure_ascii=False)[1:]


def attitude(stance: Stance) -> str:
    """A stance as one keyword; `Query` filters on it when counts are by case."""
    return f"{stance.target}|{stance.sentiment}|{stance.certainty}"


def token(stance: Stance, case_id: str) -> str:
    """What a post says about a case, as one keyword: a post has one for each of its cases."""
    return f"{attitude(stance)}|{case_id}"


def _settings() -> Body:
    return {"number_of_shards": 1, "auto_expand_replicas": "0-1"}

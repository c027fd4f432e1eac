"""Queries that are kept with their answers, so that every number of a report can be asked again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from domain.annotation import AnnotatedPost
from domain.errors import BadInput
from domain.posts import PostKind
from domain.protocols import Dimension, Query, Store
from reports import spread

#: counts: posts per cell of `by`; total: posts; distinct: posts without near-duplicates;
#: models: posts per annotator; said: posts per cell of one `by`, media queries left out;
#: media_queries: posts that are one; first, reach, copies: see `reports.spread`.
Measure = Literal[
    "counts", "total", "distinct", "models", "said", "media_queries", "first", "reach", "copies"
]
Cells = list[list[Any]]
#: Posts a search brings at once; half the result window of a cluster (10,000).
_PAGE = 5000
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A query by name, with what it measures.

    Attributes:
        name: unique within a report, e.g. "week:0", "day:3:topics".
    """

    name: str
    measure: Measure
    query: Query
    by: tuple[Dimension, ...] = ()
    bucket: timedelta | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; times as ISO 8601 in UTC."""
        return {
            "name": self.name,
            "measure": self.measure,
            "query": _query_to_json(self.query),
            "by": list(self.by),
            "bucket_seconds": self.bucket.total_seconds() if self.bucket else None,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> StoredQuery:
        """The inverse of `to_json`.

        Raises:
            BadInput: the document isn't such a query.
        """
        try:
            seconds = document["bucket_seconds"]
            return cls(
                name=document["name"],
                measure=document["measure"],
                query=_query_from_json(document["query"]),
                by=tuple(document["by"]),
                bucket=None if seconds is None else timedelta(seconds=seconds),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(
                "a stored query can't be read",
                remedy="make the report again while its posts are held",
                where=str(document.get("name", "")),
            ) from error


class Asker:
    """Runs stored queries."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ask(self, stored: StoredQuery) -> Cells:
        """Cells as [key, …, start or None, posts] for counts, else [name, posts].

        Raises:
            BadInput: unknown measure.
            StoreFailure: the index can't be read.
        """
        if stored.measure == "total":
            return [["total", self._store.total(stored.query)]]
        if stored.measure == "counts":
            return [
                [*cell.key, cell.start.isoformat() if cell.start else None, cell.posts]
                for cell in self._store.counts(stored.query, stored.by, stored.bucket)
            ]
        if stored.measure == "distinct":
            cells = self._store.counts(stored.query, (), distinct=True)
            return [["distinct", sum(cell.distinct or 0 for cell in cells)]]
        if stored.measure == "models":
            return [[name, posts] for name, posts in sorted(self._models(stored.query).items())]
        if stored.measure == "media_queries":
            asked = sum(_is_media_query(one) for one in read_posts(self._store, stored.query))
            return [["media_queries", asked]]
        if (measured := _SPREAD.get(stored.measure)) is not None:
            return measured(self._store, stored.query)
        if stored.measure == "said":
            return [[name, posts] for name, posts in sorted(self._said(stored).items())]
        raise BadInput(f"unknown measure {stored.measure!r}", where=stored.name)

    def _said(self, stored: StoredQuery) -> Counter[str]:
        (by,) = stored.by
        values = _VALUES[by]
        return Counter(
            value
            for one in read_posts(self._store, stored.query)
            if not _is_media_query(one)
            for value in values(one)
        )

    def _models(self, query: Query) -> Counter[str]:
        return Counter(
            annotated.annotation.model or "未注明" for annotated in read_posts(self._store, query)
        )


def read_posts(store: Store, query: Query) -> Iterator[AnnotatedPost]:
    """All posts of `query`, in slices of time that stay within a cluster's result window."""
    since: datetime | None = query.since
    held = 0
    for cell in store.counts(query, (), _HOUR):
        if held and cell.start is not None and held + cell.posts > _PAGE:
            yield from _slice(store, replace(query, since=since, until=cell.start))
            since, held = cell.start, 0
        held += cell.posts
    yield from _slice(store, replace(query, since=since))


def _slice(store: Store, query: Query) -> Iterator[AnnotatedPost]:
    offset = 0
    while True:
        page = store.search(query, limit=_PAGE, offset=offset)
        yield from page.posts
        offset += len(page.posts)
        if offset >= page.total or not page.posts:
            return


def _is_media_query(one: AnnotatedPost) -> bool:
    """The index counts by platform, and a media query comes by mail like any letter."""
    return one.post.kind is PostKind.MEDIA_QUERY


_SPREAD: dict[Measure, Callable[[Store, Query], Cells]] = {
    "first": spread.first,
    "reach": spread.reach,
    "copies": spread.copies,
}
_VALUES: dict[Dimension, Callable[[AnnotatedPost], Sequence[str]]] = {
    "platform": lambda one: (one.post.platform.value,),
    "topic": lambda one: one.annotation.topics,
    "demand": lambda one: (one.annotation.demand.value,),
}


def _query_to_json(query: Query) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for entry in fields(query):
        value = getattr(query, entry.name)
        if isinstance(value, datetime):
            document[entry.name] = value.isoformat()
        elif isinstance(value, tuple):
            if value:
                document[entry.name] = [str(part) for part in value]
        elif value not in ("", None):
            document[entry.name] = value
    return document


def _query_from_json(document: dict[str, Any]) -> Query:
    known = {entry.name for entry in fields(Query)}
    if unknown := set(document) - known:
        raise ValueError(f"unknown fields {sorted(unknown)}")
    values: dict[str, Any] = {}
    for name, value in document.items():
        if name in ("since", "until"):
            values[name] = datetime.fromisoformat(cast(str, value))
        else:
            values[name] = tuple(value) if isinstance(value, list) else value
    return Query(**values)

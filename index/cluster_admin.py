"""Creates the indices of a cluster and moves posts to a new mapping."""

from __future__ import annotations

from collections.abc import Iterator

from domain.annotation import AnnotatedPost
from domain.errors import StoreFailure
from index.bulk import Bulk, batches
from index.cluster_query import NEWEST
from index.cluster_schema import SCHEMA, Names, posts_index, tombstones_index
from index.documents import entries, read
from index.requests import Requests
from index.transport import Body

_EXISTS = ("resource_already_exists_exception",)
_PAGE = 1_000


class Admin:
    """What `prepare` does."""

    def __init__(self, requests: Requests, names: Names, bulk: Bulk) -> None:
        self._requests = requests
        self._names = names
        self._bulk = bulk

    def prepare(self) -> None:
        """Create what is missing, copy what is old. Safe to repeat and to run at once.

        Raises:
            StoreFailure: the alias is no alias, or a newer program made the index.
        """
        self._create(self._names.tombstones, tombstones_index())
        current = self._current()
        if current is None:
            body = posts_index() | {"aliases": {self._names.posts: {"is_write_index": True}}}
            self._create(self._names.versioned(SCHEMA), body)
            current = self._current()
        schema = self._schema(current)
        if current is None or schema > SCHEMA:
            raise StoreFailure(
                f"the index has schema {schema}, this program knows {SCHEMA}",
                remedy="install the newer courtpulse again",
                where=self._names.posts,
            )
        if schema < SCHEMA:
            self._move(current)

    def _create(self, name: str, body: Body) -> None:
        self._requests.send("PUT", f"/{name}", body, absent=_EXISTS)

    def _current(self) -> str | None:
        """The index behind the alias, None when there is none."""
        alias = self._names.posts
        answer = self._requests.send("GET", f"/_alias/{alias}", absent=("404",))
        found = [name for name, about in answer.items() if isinstance(about, dict)]
        if len(found) > 1:
            raise StoreFailure(
                f"the alias {alias} stands for {len(found)} indices",
                remedy="remove all but the newest from the alias",
                where=self._requests.where,
            )
        return found[0] if found else None

    def _schema(self, index: str | None) -> int:
        answer = self._requests.send("GET", f"/{index}/_mapping")
        mapping = answer[str(index)]["mappings"]
        return int(mapping.get("_meta", {}).get("schema", 0))

    def _move(self, old: str) -> None:
        """Copy the posts to an index with the new mapping, then point the alias at it.

        Other processes go on writing meanwhile: what they wrote into the old index is copied
        again after the switch, and versions keep the newest of each post.
        """
        new = self._names.versioned(SCHEMA)
        self._create(new, posts_index())
        self._copy(old, new)
        actions = [
            {"remove": {"index": old, "alias": self._names.posts}},
            {"add": {"index": new, "alias": self._names.posts, "is_write_index": True}},
        ]
        self._requests.send("POST", "/_aliases", {"actions": actions})
        self._copy(old, new)
        self._requests.send("POST", f"/{new}/_refresh")
        self._requests.send("DELETE", f"/{old}")

    def _copy(self, old: str, new: str) -> None:
        self._requests.send("POST", f"/{old}/_refresh")
        for page in self._pages(old):
            for batch in batches(entries(page).values()):
                self._bulk.write(batch, new)

    def _pages(self, index: str) -> Iterator[list[AnnotatedPost]]:
        after: list[object] | None = None
        while True:
            body: Body = {"size": _PAGE, "sort": NEWEST}
            if after is not None:
                body["search_after"] = after
            hits = self._requests.send("POST", f"/{index}/_search", body)["hits"]["hits"]
            if not hits:
                return
            yield [read(hit["_source"]) for hit in hits]
            after = hits[-1]["sort"]

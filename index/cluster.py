"""The store on OpenSearch or Elasticsearch; what differs between them is in the transport."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from domain.alerts import Count
from domain.annotation import AnnotatedPost
from domain.errors import StoreFailure
from domain.protocols import Dimension, Page, Query, Upserted
from index.bulk import Bulk, batches, refused
from index.cluster_admin import Admin
from index.cluster_counts import count
from index.cluster_query import NEWEST, matching, newest_of
from index.cluster_schema import Names
from index.documents import EPOCH, entries, microseconds, read, utc
from index.queries import check_cells, check_ids, check_query, check_slice, usable
from index.requests import Requests
from index.transport import Body, Transport

#: Elasticsearch and OpenSearch refuse `from + size` beyond this; further on we page by sort key.
WINDOW = 10_000
#: Documents fetched at once, so that an answer stays within a few megabytes.
FETCH = 1_000
#: Rounds of a delete by age in which other writers may get in the way.
ROUNDS = 20
#: How long a shard keeps deletions for a copy of it that is away; one away for longer is copied
#: anew as a whole.
LEASE = "1m"
#: Posts a round deletes, so that one request stays within the timeout.
ROUND = 50_000


class ClusterStore:
    """`Store` on a cluster, behind an alias."""

    def __init__(self, transport: Transport, names: Names) -> None:
        self.names = names
        self._transport = transport
        self._requests = Requests(transport)
        self._bulk = Bulk(self._requests, names)

    def prepare(self) -> None:
        """Create the indices, or copy the posts into one with the newest mapping."""
        Admin(self._requests, self.names, self._bulk).prepare()

    def upsert(self, posts: Sequence[AnnotatedPost]) -> Upserted:
        """Write posts; an older version than the one held changes nothing and isn't counted."""
        created = updated = refused = 0
        for batch in batches(entries(posts).values()):
            done = self._bulk.write(batch)
            created += done.created
            updated += done.updated
            refused += done.refused
        if created or updated or refused:
            self._refresh()
        return Upserted(created, updated, refused)

    def get(self, ids: Sequence[str]) -> list[AnnotatedPost]:
        """The known ones of `ids`, in that order."""
        found: dict[str, Body] = {}
        for chunk in _chunks([i for i in dict.fromkeys(ids) if usable(i)], FETCH):
            answer = self._requests.send("POST", f"/{self.names.posts}/_mget", {"ids": chunk})
            for item in answer["docs"]:
                if "error" in item:
                    raise refused(item, self._requests.where)
                if item["found"]:
                    found[item["_id"]] = item["_source"]
        return [read(found[post_id]) for post_id in ids if post_id in found]

    def search(self, query: Query, *, limit: int = 50, offset: int = 0) -> Page:
        """Posts that match, newest first, ties by id; `total` counts all of them.

        An offset beyond 10,000 walks there page by page: exact, and slower the deeper.
        """
        check_slice(limit, offset)
        chosen = matching(check_query(query))
        if offset + limit <= WINDOW and limit <= FETCH:
            body = {"query": chosen, "sort": NEWEST, "from": offset, "size": limit}
            answer = self._search({**body, "track_total_hits": True})
            posts = tuple(read(hit["_source"]) for hit in answer["hits"]["hits"])
            return Page(posts, int(answer["hits"]["total"]["value"]))
        posts = tuple(read(hit["_source"]) for hit in self._walk(chosen, offset, limit))
        return Page(posts, self._count(chosen))

    def counts(
        self,
        query: Query,
        by: Sequence[Dimension],
        bucket: timedelta | None = None,
        *,
        distinct: bool = False,
    ) -> list[Count]:
        """Non-empty cells, sorted by key and start; a post is in every cell it has."""
        bucket_ms = check_cells(by, bucket)
        return count(self._search, check_query(query), by, bucket_ms, distinct=distinct)

    def total(self, query: Query) -> int:
        """How many posts match, exactly."""
        return self._count(matching(check_query(query)))

    def newest(self, sources: Sequence[str]) -> dict[str, datetime]:
        """When the newest post of each of `sources` was published; without those that have none."""
        found: dict[str, datetime] = {}
        for chunk in _chunks(list(dict.fromkeys(sources)), FETCH):
            answer = self._search(newest_of(chunk))
            for cell in answer["aggregations"]["sources"]["buckets"]:
                at = timedelta(microseconds=int(cell["newest"]["value"]))
                found[cell["key"]] = EPOCH + at
        return found

    def tombstone(self, ids: Sequence[str], at: datetime) -> int:
        """Delete posts for good and refuse them from now on; returns how many were held."""
        moment = utc(at, "tombstone").isoformat()
        deleted = 0
        for chunk in _chunks(check_ids(ids), FETCH):
            self._bulk.bury(chunk, moment)
            deleted += self._bulk.delete(chunk)
        self._refresh()
        if ids:  # also when nothing was there: who deleted it may have died before this
            self._expunge()
        return deleted

    def delete_before(self, moment: datetime, source: str = "") -> int:
        """Delete posts published before `moment`, of one source or of all; returns how many."""
        limit = microseconds(utc(moment, "delete_before"))
        chosen: list[Body] = [{"range": {"published_us": {"lt": limit}}}]
        if source:
            chosen.append({"term": {"source": source}})
        body = {"query": {"bool": {"filter": chosen}}, "max_docs": ROUND}
        deleted, hindered = 0, 0
        while hindered < ROUNDS:
            answer = self._requests.send(
                "POST",
                f"/{self.names.posts}/_delete_by_query",
                body,
                {"conflicts": "proceed", "refresh": "true"},
            )
            if answer["failures"] or answer["timed_out"]:
                break
            deleted += int(answer["deleted"])
            hindered += bool(answer["version_conflicts"])
            if not answer["deleted"] and not answer["version_conflicts"]:
                self._expunge()
                return deleted
        raise StoreFailure(
            "old posts can't be deleted",
            remedy="look at the cluster's log; the next run goes on from here",
            where=self.names.posts,
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _search(self, body: Body) -> Body:
        return self._requests.send("POST", f"/{self.names.posts}/_search", body)

    def _count(self, chosen: Body) -> int:
        answer = self._requests.send("POST", f"/{self.names.posts}/_count", {"query": chosen})
        return int(answer["count"])

    def _expunge(self) -> None:
        """Rewrite the segments that hold deleted posts, so that their words leave the disk.

        By itself a cluster leaves a deleted document in its segment until a merge, which may be
        months; asked to expunge, it passes over segments with less than a tenth of deletions, and
        over deletions that a copy of the shard might still have to hear of (twelve hours). With
        the lease shortened these go at the next call: `delete_before` makes one a day.
        """
        settings = {
            "merge": {"policy": {"expunge_deletes_allowed": 0}},
            "soft_deletes": {"retention_lease": {"period": LEASE}},
        }
        self._requests.send("PUT", f"/{self.names.posts}/_settings", {"index": settings})
        for action, parameters in (
            ("_flush", {"force": "true"}),
            ("_forcemerge", {"only_expunge_deletes": "true"}),
            ("_flush", {"force": "true"}),
        ):
            self._requests.send("POST", f"/{self.names.posts}/{action}", None, parameters)

    def _refresh(self) -> None:
        self._requests.send("POST", f"/{self.names.posts}/_refresh")

    def _walk(self, chosen: Body, offset: int, limit: int) -> Iterator[Body]:
        """Hits `offset` to `offset + limit`; those before are walked over without their text."""
        after: list[object] | None = None
        skip, take = offset, limit
        while take:
            size = min(skip, WINDOW) if skip else min(take, FETCH)
            body: Body = {"query": chosen, "sort": NEWEST, "size": size, "_source": not skip}
            if after is not None:
                body["search_after"] = after
            hits = self._search(body)["hits"]["hits"]
            if skip:
                skip -= len(hits)
            else:
                take -= len(hits)
                yield from hits
            if len(hits) < size:
                return
            after = hits[-1]["sort"]


def _chunks(items: Sequence[str], size: int) -> Iterable[list[str]]:
    return (list(items[start : start + size]) for start in range(0, len(items), size))

"""Bulk writes to a cluster: posts, tombstones, deletions; every item's answer is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from domain.errors import StoreFailure
from domain.protocols import Upserted
from index.cluster_schema import Names, document
from index.documents import Entry
from index.requests import Requests
from index.transport import Body

#: Posts and bytes a request; clusters refuse bodies over 100 MB and like 5–15 MB best.
BATCH, BATCH_BYTES = 2_000, 8_000_000


def batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Cut `entries` into requests of bearable size."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        weight = 3 * (len(entry.encoded) + len(entry.terms))
        if batch and (len(batch) == BATCH or size + weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += weight
    if batch:
        yield batch


class Bulk:
    """Writes that read back what became of each item."""

    def __init__(self, requests: Requests, names: Names) -> None:
        self._requests = requests
        self._names = names

    def write(self, batch: Sequence[Entry], index: str | None = None) -> Upserted:
        """Write posts unless they are buried or a newer version is held.

        Args:
            index: the index behind the alias, while it isn't behind it yet.
        """
        ids = [entry.id for entry in batch]
        buried = self._buried(ids)
        lines: list[str] = []
        for entry in batch:
            if entry.id not in buried:
                # External versions: an older edit that is replayed can't replace a newer one.
                about = {"_id": entry.id, "version": entry.version, "version_type": "external_gte"}
                lines += (_line({"index": about}), document(entry))
        results = self._send(index or self._names.posts, lines, {200, 201, 409}, not index)
        written = {post_id: item["result"] for post_id, item in results if item["status"] != 409}
        # A tombstone may have come between the look and the write, and a post that was held when
        # its writer died between write and second look may still be there: delete both kinds.
        late = self._buried(list(written))
        self.delete(sorted(buried | late), index)
        kept = [result for post_id, result in written.items() if post_id not in late]
        created = kept.count("created")
        return Upserted(created, len(kept) - created, len(buried | late))

    def bury(self, ids: Sequence[str], at: str) -> None:
        """Keep tombstones; an earlier one stays as it is."""
        lines: list[str] = []
        for post_id in ids:
            lines += (_line({"create": {"_id": post_id}}), _line({"at": at}))
        self._send(self._names.tombstones, lines, {201, 409})

    def delete(self, ids: Sequence[str], index: str | None = None) -> int:
        """Delete posts; returns how many were there."""
        lines = [_line({"delete": {"_id": post_id}}) for post_id in ids]
        results = self._send(index or self._names.posts, lines, {200, 404}, not index)
        return sum(item["result"] == "deleted" for _, item in results)

    def _buried(self, ids: Sequence[str]) -> set[str]:
        if not ids:
            return set()
        answer = self._requests.send(
            "POST", f"/{self._names.tombstones}/_mget", {"ids": list(ids)}, {"_source": "false"}
        )
        for item in answer["docs"]:
            _check(item, item.get("error"), self._requests.where)
        return {item["_id"] for item in answer["docs"] if item["found"]}

    def _send(
        self, index: str, lines: Sequence[str], accepted: set[int], alias: bool = False
    ) -> list[tuple[str, Body]]:
        """Send action lines; returns id and answer of each.

        Raises:
            StoreFailure: an item was refused; the message names its id.
        """
        if not lines:
            return []
        # Without an alias a write would create an index with a guessed mapping.
        parameters = {"require_alias": "true"} if alias else {}
        answer = self._requests.send(
            "POST", f"/{index}/_bulk", None, parameters, lines="\n".join(lines) + "\n"
        )
        results: list[tuple[str, Body]] = []
        for item in answer["items"]:
            result: Body = next(iter(item.values()))
            if result["status"] not in accepted:
                _check(result, result.get("error", {}), self._requests.where)
            results.append((result["_id"], result))
        return results


def _check(item: Body, error: Body | None, where: str) -> None:
    if error is None:
        return
    kind = error.get("type", item.get("status"))
    missing = kind in ("index_not_found_exception", "alias_not_found_exception")
    raise StoreFailure(
        f"{item.get('_id')} was refused: {kind}",  # the reason may quote the post: leave it out
        remedy="call prepare() first" if missing else "look at the cluster's log",
        where=where,
    )


def _line(action: Body) -> str:
    return json.dumps(action, ensure_ascii=False)

"""Bulk writes to a cluster: posts, tombstones, deletions; every item's answer is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.errors import StoreBusy, StoreFailure
from domain.protocols import Upserted
from index.cluster_schema import Names, document
from index.documents import Entry
from index.requests import Requests
from index.transport import Body

#: Posts and bytes a request; clusters refuse bodies over 100 MB and like 5–15 MB best.
BATCH, BATCH_BYTES = 2_000, 8_000_000
#: How one item of a request is refused by a node that can't keep up.
_TOO_MANY = 429
_SHEDDING = (
    "es_rejected_execution_exception",
    "rejected_execution_exception",
    "circuit_breaking_exception",
)
#: Looks and writes before giving up on posts that others write at the same time.
ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class _Held:
    """What the index holds of a post: our version, and the cluster's place of the last write."""

    version: int
    number: int
    term: int


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
        waiting = {entry.id: entry for entry in batch}
        buried = self._buried(list(waiting))
        written: dict[str, str] = {}
        for _ in range(ATTEMPTS):
            held = self._held(list(waiting), index)
            lines: list[str] = []
            for entry in waiting.values():
                found = held.get(entry.id)
                if entry.id not in buried and (found is None or entry.version >= found.version):
                    lines += (_line(_place(entry.id, found)), document(entry))
            results = self._send(index or self._names.posts, lines, {200, 201, 409}, not index)
            written |= {post_id: item["result"] for post_id, item in results if _done(item)}
            # Somebody else wrote between our look and our write: look again.
            waiting = {post_id: waiting[post_id] for post_id, item in results if not _done(item)}
            if not waiting:
                break
        else:
            raise StoreFailure(
                f"{next(iter(waiting))} is being written by others all the time",
                remedy="run one annotate task at a time over the same segment",
                where=self._requests.where,
            )
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

    def _held(self, ids: Sequence[str], index: str | None) -> dict[str, _Held]:
        return {
            item["_id"]: _Held(item["_source"]["version"], item["_seq_no"], item["_primary_term"])
            for item in self._read(index or self._names.posts, ids, "version")
        }

    def _buried(self, ids: Sequence[str]) -> set[str]:
        return {item["_id"] for item in self._read(self._names.tombstones, ids, "false")}

    def _read(self, index: str, ids: Sequence[str], source: str) -> list[Body]:
        if not ids:
            return []
        answer = self._requests.send(
            "POST", f"/{index}/_mget", {"ids": list(ids)}, {"_source": source}
        )
        for item in answer["docs"]:
            if "error" in item:
                raise refused(item, self._requests.where)
        return [item for item in answer["docs"] if item["found"]]

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
                raise refused(result, self._requests.where)
            results.append((result["_id"], result))
        return results


def refused(item: Body, where: str) -> StoreFailure:
    """The failure of one item; it names the id, never the reason, which may quote the post."""
    error = item.get("error")
    kind = str(error.get("type", "")) if isinstance(error, dict) else str(item.get("status"))
    busy = item.get("status") == _TOO_MANY or kind in _SHEDDING
    missing = kind in ("index_not_found_exception", "alias_not_found_exception")
    return (StoreBusy if busy else StoreFailure)(
        f"{item.get('_id')} was refused: {kind}",
        remedy="call prepare() first" if missing else "look at the cluster's log",
        where=where,
    )


def _place(post_id: str, held: _Held | None) -> Body:
    """Write only if nobody wrote since we looked."""
    if held is None:
        return {"create": {"_id": post_id}}
    return {"index": {"_id": post_id, "if_seq_no": held.number, "if_primary_term": held.term}}


def _done(item: Body) -> bool:
    return bool(item["status"] != 409)


def _line(action: Body) -> str:
    return json.dumps(action, ensure_ascii=False)

"""Exact counts on a cluster, by composite aggregations.

What a post says about a case is one keyword (`cluster_schema.token`): counts by case that ask for
the attitude group by it and take it apart here, so that no nested documents are needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

from domain.alerts import Count
from domain.protocols import Dimension
from index.cluster_query import CELLS, VALUES, cells, matching
from index.documents import EPOCH
from index.queries import STANCE, Filter
from index.transport import Body

Search = Callable[[Body], Body]
#: Values of the key and start of the bucket in ms.
_Cell = tuple[tuple[str, ...], int | None]
_Counted = Counter[_Cell]


def count(
    search: Search,
    chosen: Filter,
    by: Sequence[Dimension],
    bucket_ms: int | None,
    *,
    distinct: bool = False,
) -> list[Count]:
    """Non-empty cells of the posts that match, sorted by key and start."""
    if distinct and "copies" not in by:
        return _distinct(search, chosen, by, bucket_ms)
    posts, authors = _count(search, chosen, by, bucket_ms)
    counted = [
        Count(
            key=key,
            start=None if start is None else EPOCH + timedelta(milliseconds=start),
            posts=number,
            authors=authors[key, start] if "case" in by else None,
            distinct=1 if distinct else None,
        )
        for (key, start), number in posts.items()
    ]
    return sorted(counted, key=lambda cell: (cell.key, cell.start or EPOCH))


def _distinct(
    search: Search, chosen: Filter, by: Sequence[Dimension], bucket_ms: int | None
) -> list[Count]:
    """Cells with their different texts: finer cells, one for each text, added up.

    The clusters' own cardinality is an estimate, and two sketches can't be told from two counts
    that differ; this is exact, at the price of one cell a text (docs/measurements.md).
    """
    found: dict[tuple[tuple[str, ...], datetime | None], Count] = {}
    for fine in count(search, chosen, (*by, "copies"), bucket_ms):
        place = (fine.key[:-1], fine.start)
        held = found.get(place)
        found[place] = Count(
            fine.key[:-1],
            fine.start,
            fine.posts + (held.posts if held else 0),
            None if fine.authors is None else fine.authors + ((held.authors or 0) if held else 0),
            1 + ((held.distinct or 0) if held else 0),
        )
    return sorted(found.values(), key=lambda cell: (cell.key, cell.start or EPOCH))


def _count(
    search: Search, chosen: Filter, by: Sequence[Dimension], bucket_ms: int | None
) -> tuple[_Counted, _Counted]:
    """Posts and authors by cell."""
    if "case" in by and (chosen.stance or set(by) & set(STANCE)):
        return _by_stance(search, chosen, by, bucket_ms)
    if chosen.cases and "case" not in by and set(by) & set(STANCE):
        return _each_stance(search, chosen, by, bucket_ms), Counter()
    query = matching(chosen, by)
    if not by and bucket_ms is None:
        answer = search({"size": 0, "query": query, "track_total_hits": True})
        total = int(answer["hits"]["total"]["value"])
        return Counter({((), None): total} if total else {}), Counter()
    return _cells(search, query, by, bucket_ms, with_authors="case" in by)


def _by_stance(
    search: Search, chosen: Filter, by: Sequence[Dimension], bucket_ms: int | None
) -> tuple[_Counted, _Counted]:
    """Group by what is said of each case, then add up what `by` doesn't ask for."""
    rest = [name for name in by if name != "case" and name not in STANCE]
    found = _cells(search, matching(chosen, by), ("stance", *rest), bucket_ms, with_authors=True)
    return _taken_apart(found[0], chosen, rest, by), _taken_apart(found[1], chosen, rest, by)


def _taken_apart(
    found: _Counted, chosen: Filter, rest: Sequence[str], by: Sequence[Dimension]
) -> _Counted:
    counted = _Counted()
    for ((token, *others), start), number in found.items():
        parts: dict[str, str] = dict(zip((*STANCE, "case"), token.split("|", 3), strict=True))
        if all(parts[name] in values for name, values in chosen.stance.items()):
            values = parts | dict(zip(rest, others, strict=True))
            counted[tuple(values[name] for name in by), start] += number
    return counted


def _each_stance(
    search: Search, chosen: Filter, by: Sequence[Dimension], bucket_ms: int | None
) -> _Counted:
    """Ask for each stance by itself: a post counts once in it, whichever of the cases has it."""
    asked = [name for name in by if name in STANCE]
    rest = [name for name in by if name not in STANCE]
    counted = _Counted()
    for chosen_values in product(*(chosen.values.get(name, VALUES[name]) for name in asked)):
        stance = dict(zip(asked, chosen_values, strict=True))
        narrowed = {name: (str(value),) for name, value in stance.items()}
        part = replace(chosen, values=chosen.values | narrowed)
        for (key, start), number in _count(search, part, rest, bucket_ms)[0].items():
            values = stance | dict(zip(rest, key, strict=True))
            counted[tuple(str(values[name]) for name in by), start] += number
    return counted


def _cells(
    search: Search, query: Body, by: Sequence[str], bucket_ms: int | None, *, with_authors: bool
) -> tuple[_Counted, _Counted]:
    """Posts and authors by cell; both come in one request, so they see the same posts."""
    counted: dict[bool, _Counted] = {False: Counter(), True: Counter()}
    waiting: dict[bool, Body | None] = {False: None}
    if with_authors:
        waiting[True] = None
    while waiting:
        wanted = {
            str(flag): cells(by, bucket_ms, after, authors=flag) for flag, after in waiting.items()
        }
        found = search({"size": 0, "query": query, "aggs": wanted})["aggregations"]
        for flag in list(waiting):
            part = found[str(flag)]
            for place, number in _read(part["buckets"], by):
                counted[flag][place] += number
            if len(part["buckets"]) == CELLS:
                waiting[flag] = part["after_key"]
            else:
                del waiting[flag]
    return counted[False], counted[True]


def _read(buckets: Sequence[Body], by: Sequence[str]) -> Iterator[tuple[_Cell, int]]:
    for cell in buckets:
        key = tuple(str(cell["key"][name]) for name in by)
        yield (key, cell["key"].get("start")), int(cell["doc_count"])

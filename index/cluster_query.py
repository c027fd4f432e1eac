"""Filters and counts as requests that OpenSearch and Elasticsearch both understand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from domain.annotation import Certainty, Sentiment, Target
from domain.protocols import Dimension
from index.queries import STANCE, Filter
from index.terms import Phrase
from index.transport import Body

#: Dimension → field of the mapping; "stance" is what is said of a case, in one word.
FIELDS: dict[str, str] = {
    "case": "cases",
    "target": "target",
    "sentiment": "sentiment",
    "certainty": "certainty",
    "emotion": "emotion",
    "topic": "topics",
    "demand": "demand",
    "source": "source",
    "platform": "platform",
    "verified_type": "verified_type",
    "copies": "copies",
    "template": "template",
    "stance": "stances",
}
#: The same for authors: only cases in which the post counts as a new author.
COUNTED = {"case": "counted_cases", "stance": "counted_stances"}
#: All values a part of a stance can have.
VALUES: dict[str, tuple[str, ...]] = {
    "target": tuple(Target),
    "sentiment": tuple(Sentiment),
    "certainty": tuple(Certainty),
}
#: Newest first, ties by id: a total order, so that `search_after` skips and repeats nothing.
NEWEST: list[Body] = [{"published_us": "desc"}, {"id": "asc"}]
#: Cells a request; the clusters refuse more than 65,536 buckets.
CELLS = 10_000
#: More than there are pairs with one first character; the clusters' own 50 would lose posts.
EXPANSIONS = 100_000


def matching(chosen: Filter, by: Sequence[Dimension] = ()) -> Body:
    """The posts that match when they are counted by `by`, without scores."""
    values = dict(chosen.values)
    filters: list[Body] = []
    if chosen.stance and (chosen.cases or "case" in by):
        # What is asked of the stance is asked of one case: the token ties the two together.
        fitting = [
            "|".join(parts) for parts in product(*(values.pop(n, VALUES[n]) for n in STANCE))
        ]
        if cases := values.pop("case", ()):
            tokens = [f"{attitude}|{case}" for attitude, case in product(fitting, cases)]
            filters.append({"terms": {"stances": tokens}})
        else:
            filters.append({"terms": {"attitudes": fitting}})
    filters += [{"terms": {FIELDS[name]: list(given)}} for name, given in values.items()]
    window = {"gte": chosen.since, "lt": chosen.until}
    if window := {bound: value for bound, value in window.items() if value is not None}:
        filters.append({"range": {"published_us": window}})
    for field, flag in (("linked", chosen.linked), ("relevant", chosen.relevant)):
        if flag is not None:
            filters.append({"term": {field: flag}})
    filters += [_phrase(phrase) for phrase in chosen.phrases]
    return {"bool": {"filter": filters}} if filters else {"match_all": {}}


def cells(by: Sequence[str], bucket_ms: int | None, after: Body | None, *, authors: bool) -> Body:
    """A composite aggregation over `by` and bucket; pages on from `after`.

    Args:
        by: dimensions, or "stance" for what is said of each case (`cluster_schema.token`).
        authors: count posts in the cells of `counted_cases` instead of `cases`.
    """
    # OpenSearch 3 fails on the page after the last when the histogram is the only source:
    # `linked`, which every post has, stands beside it, and the caller adds its cells up.
    sources: list[Body] = [] if by else [{"linked": {"terms": {"field": "linked"}}}]
    for name in by:
        field = COUNTED[name] if authors and name in COUNTED else FIELDS[name]
        sources.append({name: {"terms": {"field": field}}})
    if bucket_ms is not None:
        histogram = {"field": "published_at", "fixed_interval": f"{bucket_ms}ms"}
        sources.append({"start": {"date_histogram": histogram}})
    composite: dict[str, Any] = {"size": CELLS, "sources": sources}
    if after is not None:
        composite["after"] = after
    return {"composite": composite}


def newest_of(sources: Sequence[str]) -> Body:
    """A search for the largest `published_us` of each source; below 2⁵³, so exact as a double."""
    newest = {"newest": {"max": {"field": "published_us"}}}
    return {
        "size": 0,
        "query": {"terms": {"source": list(sources)}},
        "aggs": {
            "sources": {"terms": {"field": "source", "size": len(sources)}, "aggs": newest},
        },
    }


def _phrase(phrase: Phrase) -> Body:
    words = " ".join(phrase.terms)
    if not phrase.prefix:
        return {"match_phrase": {"terms": words}}
    if len(phrase.terms) == 1:
        return {"prefix": {"terms": {"value": words}}}
    return {"match_phrase_prefix": {"terms": {"query": words, "max_expansions": EXPANSIONS}}}

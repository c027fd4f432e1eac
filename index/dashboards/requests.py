"""The search a panel sends, made from its saved object as Dashboards makes it."""

from __future__ import annotations

import json
import re
from typing import Any

from index.dashboards.saved import Saved
from index.transport import Body

_FIELD = re.compile(r"(?<![\w.\"])([A-Za-z_][\w.]*):")
_BUCKETS = ("terms", "date_histogram", "filters")


def query_fields(query: str) -> set[str]:
    """Fields a Lucene query names."""
    return set(_FIELD.findall(query))


def panel_query(saved: Saved) -> str:
    """The panel's own filter."""
    query = saved.source().get("query", {})
    return str(query.get("query", "")) if isinstance(query, dict) else ""


def request(saved: Saved) -> tuple[str | None, Body]:
    """Index (None: that of the reference) and body of the search of a panel."""
    if saved.kind == "search":
        sort = [dict([pair]) for pair in saved.attributes.get("sort", [])]
        return None, {"size": 10, "query": _lucene(panel_query(saved)), "sort": sort}
    state = saved.inner("visState")
    if not isinstance(state, dict):
        return None, {}
    if state.get("type") == "vega":
        url = vega_url(state)
        return str(url.get("index", "")), dict(url.get("body", {}))
    body: Body = {"size": 0, "query": _lucene(panel_query(saved))}
    return None, body | aggregations(state.get("aggs", []))


def vega_url(state: Body) -> Body:
    """Where a Vega panel takes its data; {} when the specification can't be read."""
    try:
        found = json.loads(state["params"]["spec"])["data"]["url"]
    except (KeyError, TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def aggregations(aggs: list[Body]) -> Body:
    """Buckets of a `visState`, each within the one before; the metric is the count."""
    inner: Body = {}
    for about in reversed([agg for agg in aggs if agg.get("type") in _BUCKETS]):
        inner = {"aggs": {str(about["id"]): {**_bucket(about), **inner}}}
    return inner


def empty(answer: Body) -> bool:
    """Whether a panel would have nothing to show: no hit, or a level without buckets."""
    hits: Any = answer.get("hits", {}).get("total", {})
    if not hits or not hits.get("value"):
        return True
    return any(_barren(part) for part in answer.get("aggregations", {}).values())


def _barren(part: Body) -> bool:
    if "buckets" not in part:
        inner = [value for value in part.values() if isinstance(value, dict)]
        return part.get("doc_count") == 0 or any(_barren(value) for value in inner)
    buckets = part["buckets"]
    found = list(buckets.values()) if isinstance(buckets, dict) else buckets
    return not any(bucket["doc_count"] for bucket in found)


def _bucket(about: Body) -> Body:
    parameters = about.get("params", {})
    if about["type"] == "filters":
        chosen = parameters.get("filters", [])
        named = {entry["label"]: _lucene(entry["input"]["query"]) for entry in chosen}
        return {"filters": {"filters": named}}
    if about["type"] == "date_histogram":
        interval = parameters.get("interval", "auto")
        width = "1h" if interval == "auto" else f"1{interval}"
        return {"date_histogram": {"field": parameters.get("field"), "calendar_interval": width}}
    return {"terms": {"field": parameters.get("field"), "size": parameters.get("size", 5)}}


def _lucene(query: str) -> Body:
    return {"query_string": {"query": query}} if query else {"match_all": {}}

"""What fails only in the browser: panels whose parts don't fit each other or the fields."""

from __future__ import annotations

import json
from collections.abc import Mapping

from index.dashboards.requests import panel_query, query_fields, vega_url
from index.dashboards.saved import Saved
from index.transport import Body

#: Field name → what the index pattern, or a real index, says of it.
Fields = Mapping[str, Body]
_STACKED = ("area", "histogram", "horizontal_bar", "line")
_TYPES = (*_STACKED, "metric", "table", "vega")


def visualization(saved: Saved, fields: Fields, pattern: str) -> list[str]:
    """Defects of a visualization over `fields` of the index pattern titled `pattern`."""
    state = saved.inner("visState")
    if not isinstance(state, dict):
        return ["no visState: the panel can't read its aggregations"]
    if state.get("type") not in _TYPES:
        return [f"type {state.get('type')} isn't one both programs draw"]
    if state["type"] == "vega":
        return _vega(state, fields, pattern)
    defects = query(panel_query(saved), fields)
    aggs = [agg for agg in state.get("aggs", []) if isinstance(agg, dict)]
    metrics = {agg.get("id") for agg in aggs if agg.get("schema") == "metric"}
    if not metrics:
        defects.append("no metric")
    if len({agg.get("id") for agg in aggs}) != len(aggs):
        defects.append("two aggregations have one id")
    for agg in aggs:
        defects += _aggregation(agg, fields, metrics)
    if state["type"] in _STACKED:
        defects += _series(state, metrics)
    return defects


def search(saved: Saved, fields: Fields) -> list[str]:
    """Defects of a saved search."""
    defects = query(panel_query(saved), fields)
    columns = saved.attributes.get("columns")
    if not isinstance(columns, list) or not columns:
        return [*defects, "no columns"]
    defects += [f"column {name}: no such field" for name in columns if name not in fields]
    for pair in saved.attributes.get("sort", []):
        if not fields.get(pair[0], {}).get("aggregatable"):
            defects.append(f"can't sort by {pair[0]}")
    return defects


def source(saved: Saved, present: Mapping[tuple[str, str], Saved]) -> list[str]:
    """Defects of the search source and its way to the index pattern."""
    found = saved.source()
    if not found:
        return ["no kibanaSavedObjectMeta.searchSourceJSON: the panel has no index pattern"]
    name = found.get("indexRefName")
    if name is None:
        return ["the search source names no index reference"]
    target = saved.target(str(name))
    if target is None or target[0] != "index-pattern":
        return [f"no reference to an index pattern is named {name}"]
    return [] if target in present else [f"the index pattern {target[1]} is missing"]


def query(text: str, fields: Fields) -> list[str]:
    """Defects of a Lucene query."""
    return [
        f"the query names {name}: no such field"
        for name in sorted(query_fields(text))
        if name not in fields
    ]


def _aggregation(agg: Body, fields: Fields, metrics: set[object]) -> list[str]:
    kind, parameters = agg.get("type"), agg.get("params", {})
    if kind == "count":
        return []
    if kind == "filters":
        chosen = parameters.get("filters", [])
        return [line for entry in chosen for line in query(entry["input"]["query"], fields)]
    if kind not in ("terms", "date_histogram", "cardinality"):
        return [f"aggregation {kind} can't be checked"]
    name = str(parameters.get("field"))
    about = fields.get(name)
    if about is None:
        parent = name.removesuffix(".keyword")
        hint = f" ({parent} is a keyword already)" if parent != name and parent in fields else ""
        return [f"{kind} on {name}: no such field{hint}"]
    if not about["aggregatable"]:
        return [f"{kind} on {name}: a {'/'.join(about.get('esTypes', []))} has no buckets"]
    if kind == "date_histogram" and about["type"] != "date":
        return [f"date_histogram on {name}: no date"]
    order = parameters.get("orderBy")
    if kind == "terms" and order != "_key" and order not in metrics:
        return [f"terms on {name}: ordered by {order}, which is no metric"]
    return []


def _series(state: Body, metrics: set[object]) -> list[str]:
    series = state.get("params", {}).get("seriesParams")
    if not series:
        return ["no seriesParams: the chart comes out unstacked"]
    drawn = {one.get("data", {}).get("id") for one in series}
    defects = [] if drawn == metrics else [f"seriesParams draw {drawn}, the metrics are {metrics}"]
    axes = {axis.get("id") for axis in state["params"].get("valueAxes", [])}
    if not {one.get("valueAxis") for one in series} <= axes:
        defects.append("seriesParams use a value axis that isn't there")
    if len(metrics) == 1 and any(one.get("mode") != "stacked" for one in series):
        defects.append("seriesParams don't stack")
    return defects


def _vega(state: Body, fields: Fields, pattern: str) -> list[str]:
    url = vega_url(state)
    if not url:
        return ["the Vega specification can't be read or takes no data from an index"]
    defects = []
    if url.get("index") != pattern:
        defects.append(f"Vega reads {url.get('index')}, the dashboard {pattern}")
    body = url.get("body", {})
    if url.get("%context%") and "query" in body:
        defects.append("Vega: url.body.query can't stand beside %context%")
    if fields.get(str(url.get("%timefield%")), {}).get("type") != "date":
        defects.append("Vega: %timefield% is no date of the index pattern")
    for name in sorted(_named(body)):
        if name not in fields:
            defects.append(f"Vega names {name}: no such field")
    return defects


def _named(body: object) -> set[str]:
    """Fields a request body names: `"field": …`, term queries, query strings."""
    if isinstance(body, list):
        return set().union(*map(_named, body)) if body else set()
    if not isinstance(body, dict):
        return set()
    found: set[str] = set()
    for key, value in body.items():
        if key == "field" and isinstance(value, str):
            found.add(value)
        elif key in ("term", "terms", "range") and isinstance(value, dict) and "field" not in value:
            found |= set(value)
        elif key == "query_string":
            found |= query_fields(json.dumps(value["query"]))
        else:
            found |= _named(value)
    return found

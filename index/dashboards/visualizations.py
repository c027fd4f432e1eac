"""The `visState` of each kind of panel, as both Dashboards 2–3 and Kibana 7.10–9 read it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from index.dashboards.source import Buckets, Panel
from index.transport import Body

_HERE = Path(__file__).parent
_COUNT = "1"
_DISTINCT = {"field": "copies", "customLabel": "去重后（约）"}


def state(panel: Panel, pattern: str) -> Body:
    """The `visState` of `panel` over the indices of `pattern`."""
    if panel.chart == "vega":
        return {
            "title": panel.title,
            "type": "vega",
            "aggs": [],
            "params": {"spec": _vega(panel.spec, pattern)},
        }
    makers = {"metric": _metric, "table": _table}
    aggs = aggregations(panel)
    metrics = [agg for agg in aggs if agg["schema"] == "metric"]
    parameters = makers[panel.chart]() if panel.chart in makers else _axes(panel.chart, metrics)
    return {"title": panel.title, "type": panel.chart, "params": parameters, "aggs": aggs}


def aggregations(panel: Panel) -> list[Body]:
    """Count first, then buckets from the outermost in."""
    made: list[Body] = [_aggregation("count", "metric", {"customLabel": panel.metric_label})]
    if panel.filters:
        chosen = [
            {"input": {"query": query, "language": "lucene"}, "label": label}
            for label, query in panel.filters.items()
        ]
        made.append(_aggregation("filters", "group", {"filters": chosen}))
    if panel.time:
        made.append(
            _aggregation(
                "date_histogram",
                "segment",
                {
                    "field": "published_at",
                    "interval": panel.time,
                    "min_doc_count": 1,
                    "drop_partials": False,
                    "extended_bounds": {},
                },
            )
        )
    levels = [("segment", panel.by), ("group", panel.split)]
    levels += [("bucket", row) for row in panel.rows]
    made += [_aggregation("terms", schema, _terms(row)) for schema, row in levels if row]
    if panel.distinct:  # last, so that the other numbers stay
        made.append(_aggregation("cardinality", "metric", _DISTINCT))
    return [{"id": str(number + 1), **about} for number, about in enumerate(made)]


def _aggregation(kind: str, schema: str, parameters: Body) -> Body:
    return {"enabled": True, "type": kind, "schema": schema, "params": parameters}


def _terms(buckets: Buckets) -> Body:
    parameters: Body = {
        "field": buckets.field,
        "orderBy": _COUNT,
        "order": "desc",
        "size": buckets.size,
        "otherBucket": False,
        "missingBucket": False,
    }
    return parameters | ({"customLabel": buckets.label} if buckets.label else {})


def _axes(chart: str, metrics: Sequence[Body]) -> Body:
    lying = chart == "horizontal_bar"
    return {
        "type": "histogram" if lying else chart,
        "grid": {"categoryLines": False},
        "categoryAxes": [
            {
                "id": "CategoryAxis-1",
                "type": "category",
                "position": "left" if lying else "bottom",
                "show": True,
                "style": {},
                "scale": {"type": "linear"},
                "labels": {"show": True, "filter": not lying, "truncate": 200},
                "title": {},
            }
        ],
        "valueAxes": [
            {
                "id": "ValueAxis-1",
                "name": "BottomAxis-1" if lying else "LeftAxis-1",
                "type": "value",
                "position": "bottom" if lying else "left",
                "show": True,
                "style": {},
                "scale": {"type": "linear", "mode": "normal"},
                "labels": {"show": True, "rotate": 0, "filter": lying, "truncate": 100},
                "title": {"text": "实收帖数" if len(metrics) == 1 else "帖数"},
            }
        ],
        # Without these an area chart comes out unstacked.
        "seriesParams": [_series(chart, metric, len(metrics)) for metric in metrics],
        "addTooltip": True,
        "addLegend": True,
        "legendPosition": "top",
        "times": [],
        "addTimeMarker": False,
        "labels": {"show": False},
        "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full"},
    }


def _series(chart: str, metric: Body, metrics: int) -> Body:
    """How a number is drawn; different texts are among the posts, so the two aren't stacked."""
    return {
        "show": True,
        "type": chart if chart in ("area", "line") else "histogram",
        "mode": "stacked" if metrics == 1 else "normal",
        "data": {"id": metric["id"], "label": metric["params"]["customLabel"]},
        "valueAxis": "ValueAxis-1",
        "drawLinesBetweenPoints": True,
        "lineWidth": 2 if metric["id"] == _COUNT and metrics > 1 else 1,
        "showCircles": False,
        "interpolate": "linear",
    }


def _metric() -> Body:
    return {
        "addTooltip": True,
        "addLegend": False,
        "type": "metric",
        "metric": {
            "percentageMode": False,
            "useRanges": False,
            "colorSchema": "Greys",
            "metricColorMode": "None",
            "colorsRange": [{"from": 0, "to": 10000}],
            "labels": {"show": True},
            "invertColors": False,
            "style": {
                "bgFill": "#000",
                "bgColor": False,
                "labelColor": False,
                "subText": "",
                "fontSize": 36,
            },
        },
    }


def _table() -> Body:
    return {
        "perPage": 15,
        "showPartialRows": False,
        "showMetricsAtAllLevels": False,
        "showTotal": False,
        "totalFunc": "sum",
        "percentageCol": "",
    }


def _vega(name: str, pattern: str) -> str:
    spec = json.loads((_HERE / name).read_text(encoding="utf-8"))
    spec["data"]["url"]["index"] = pattern
    return json.dumps(spec, ensure_ascii=False)

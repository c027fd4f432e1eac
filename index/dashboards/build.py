"""Turns ``overview.yml`` into saved objects, one JSON object a line.

Versions stay at what OpenSearch Dashboards takes: it refuses the whole file for one object above
its limit, while Kibana migrates upward.
"""

from __future__ import annotations

import json
from pathlib import Path

from index.address import DEFAULT_PREFIX
from index.cluster_schema import Names
from index.dashboards.pattern import fields, formats
from index.dashboards.source import Overview, Panel, load
from index.dashboards.visualizations import state
from index.transport import Body

#: Highest `migrationVersion` by type.
VERSIONS = {
    "index-pattern": "7.6.0",
    "search": "7.9.3",
    "visualization": "7.10.0",
    "dashboard": "7.9.3",
}
COMMITTED = Path(__file__).with_name("overview.ndjson")
_INDEX = "kibanaSavedObjectMeta.searchSourceJSON.index"


def build(prefix: str = DEFAULT_PREFIX) -> str:
    """The saved objects for the indices under `prefix`, ready to import."""
    overview, pattern = load(), Names(prefix).posts
    objects = [_pattern(overview, pattern)]
    objects += [_panel(overview, panel, pattern) for panel in overview.panels]
    objects.append(_dashboard(overview, pattern))
    return "".join(_line(about) + "\n" for about in objects)


def _line(about: Body) -> str:
    return json.dumps(about, ensure_ascii=False, separators=(",", ":"))


def _object(kind: str, name: str, attributes: Body, references: list[Body]) -> Body:
    return {
        "type": kind,
        "id": name,
        "attributes": attributes,
        "references": references,
        "migrationVersion": {kind: VERSIONS[kind]},
    }


def _pattern(overview: Overview, pattern: str) -> Body:
    attributes = {
        "title": pattern,
        "timeFieldName": overview.time_field,
        "fields": _line_of(fields()),
        "fieldFormatMap": _line_of(formats(overview.labels)),
    }
    return _object("index-pattern", pattern, attributes, [])


def _panel(overview: Overview, panel: Panel, pattern: str) -> Body:
    source: Body = {"query": {"query": panel.filter, "language": "lucene"}, "filter": []}
    references = []
    if panel.chart != "vega":  # a Vega panel names its index in the specification
        source["indexRefName"] = _INDEX
        references.append({"name": _INDEX, "type": "index-pattern", "id": pattern})
    attributes: Body = {"title": panel.title, "description": ""}
    if panel.chart == "list":
        attributes |= {"columns": list(panel.columns), "sort": [[overview.time_field, "desc"]]}
    else:
        attributes |= {
            "visState": _line_of(state(panel, pattern)),
            "uiStateJSON": _line_of({"vis": {"colors": overview.colours}}),
            "version": 1,
        }
    attributes["kibanaSavedObjectMeta"] = {"searchSourceJSON": _line_of(source)}
    return _object(_kind(panel), f"{pattern}-{panel.id}", attributes, references)


def _dashboard(overview: Overview, pattern: str) -> Body:
    panels, references = [], []
    for number, panel in enumerate(overview.panels):
        place, name = str(number + 1), f"panel_{number}"
        panels.append(
            {
                "version": VERSIONS["dashboard"],  # without it the whole dashboard crashes
                "panelIndex": place,
                "gridData": {**panel.at, "i": place},
                "embeddableConfig": {},
                "panelRefName": name,
            }
        )
        references.append({"name": name, "type": _kind(panel), "id": f"{pattern}-{panel.id}"})
    attributes = {
        "title": overview.title,
        "description": overview.description,
        "panelsJSON": _line_of(panels),
        "optionsJSON": _line_of({"useMargins": True, "hidePanelTitles": False}),
        "timeRestore": True,
        "timeFrom": overview.time_from,
        "timeTo": overview.time_to,
        "refreshInterval": {"pause": False, "value": 60000},
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": _line_of(
                {"query": {"query": "", "language": "lucene"}, "filter": []}
            )
        },
    }
    return _object("dashboard", f"{pattern}-overview", attributes, references)


def _kind(panel: Panel) -> str:
    return "search" if panel.chart == "list" else "visualization"


def _line_of(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

"""Finds every defect of saved objects that is known to show only after, or in, the import."""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import StoreFailure
from index.dashboards import panels
from index.dashboards.layout import dashboard
from index.dashboards.panels import Fields
from index.dashboards.requests import empty, request
from index.dashboards.saved import Saved, read
from index.requests import Requests
from index.transport import Transport

Objects = Mapping[tuple[str, str], Saved]


def check(text: str, transport: Transport | None = None) -> list[str]:
    """Defects of an NDJSON file, one line each; [] when it will import and draw.

    Args:
        transport: a cluster that holds posts; then the fields are compared with the real index
            and every panel's search is run, and must find something.

    Raises:
        StoreFailure: the cluster doesn't answer.
    """
    objects, defects = read(text)
    present = {(saved.kind, saved.id): saved for saved in objects}
    requests = Requests(transport) if transport else None
    for saved in objects:
        if saved.kind == "index-pattern":
            found = _pattern(saved, requests)
        elif saved.kind == "dashboard":
            found = dashboard(saved, present)
        else:
            found = _panel(saved, present, requests)
        defects += [f"{saved.name}: {defect}" for defect in found]
    return defects


def _pattern(saved: Saved, requests: Requests | None) -> list[str]:
    fields = _fields(saved)
    if not fields:
        return ["no fields embedded: the first view writes them, with conflicts"]
    defects = []
    time = str(saved.attributes.get("timeFieldName"))
    if fields.get(time, {}).get("type") != "date":
        defects.append(f"timeFieldName {time} is no date among the fields")
    if requests:
        defects += _compare(fields, _real_fields(str(saved.attributes["title"]), requests))
    return defects


def _panel(saved: Saved, present: Objects, requests: Requests | None) -> list[str]:
    patterns = [about for about in present.values() if about.kind == "index-pattern"]
    named = saved.target(str(saved.source().get("indexRefName")))
    pattern = present.get(named) if named else None
    state = saved.inner("visState")
    vega = isinstance(state, dict) and state.get("type") == "vega"
    defects = [] if vega else panels.source(saved, present)
    if vega and patterns:
        pattern = patterns[0]
    if pattern is None:
        return defects or ["no index pattern in the file"]
    fields, title = _fields(pattern), str(pattern.attributes.get("title"))
    if saved.kind == "search":
        defects += panels.search(saved, fields)
    elif saved.kind == "visualization":
        defects += panels.visualization(saved, fields, title)
    if requests and not defects:
        defects += _run(saved, title, requests)
    return defects


def _run(saved: Saved, title: str, requests: Requests) -> list[str]:
    index, body = request(saved)
    try:
        answer = requests.send("POST", f"/{index or title}/_search", body)
    except StoreFailure as error:
        return [f"its search fails: {error.problem}"]
    return ["its search finds nothing"] if empty(answer) else []


def _fields(pattern: Saved) -> Fields:
    found = pattern.inner("fields")
    return {str(about["name"]): about for about in found} if isinstance(found, list) else {}


def _real_fields(title: str, requests: Requests) -> Fields:
    answer = requests.send("GET", f"/{title}/_field_caps", None, {"fields": "*"})
    return {name: dict(kinds) for name, kinds in answer["fields"].items()}


def _compare(fields: Fields, real: Fields) -> list[str]:
    defects = []
    for name, about in fields.items():
        if name.startswith("_"):
            continue
        kinds = real.get(name)
        if kinds is None:
            defects.append(f"field {name} isn't in the index")
            continue
        for kind, capable in kinds.items():
            same = kind in about["esTypes"] and capable["aggregatable"] == about["aggregatable"]
            if not same or capable["searchable"] != about["searchable"]:
                defects.append(f"field {name} is {kind} in the index, not as embedded")
    missing = [
        name
        for name, kinds in real.items()
        if not name.startswith("_") and "object" not in kinds and name not in fields
    ]
    return defects + [f"field {name} of the index isn't embedded" for name in missing]

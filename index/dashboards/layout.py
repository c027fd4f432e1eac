"""Defects of a dashboard that keep it from opening, or make it crash."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations

from index.dashboards.saved import Saved
from index.transport import Body

COLUMNS = 48
_REFERENCE = re.compile(r"panel_\d+")


def dashboard(saved: Saved, present: Mapping[tuple[str, str], Saved]) -> list[str]:
    """Defects of a dashboard among the objects `present` in its file."""
    defects = _refresh(saved)
    panels = saved.inner("panelsJSON")
    if not isinstance(panels, list) or not panels:
        return [*defects, "no panels"]
    for panel in panels:
        defects += _panel(saved, panel, present)
    if len({panel.get("panelIndex") for panel in panels}) != len(panels):
        defects.append("two panels have one panelIndex")
    used = {panel.get("panelRefName") for panel in panels}
    defects += [
        f"reference {about.get('name')} belongs to no panel"
        for about in saved.references
        if about.get("name") not in used
    ]
    return defects + _overlaps(panels)


def _panel(saved: Saved, panel: Body, present: Mapping[tuple[str, str], Saved]) -> list[str]:
    where = f"panel {panel.get('panelIndex')}"
    defects = []
    if not panel.get("version"):
        defects.append(f"{where}: no version, the whole dashboard crashes")
    name = str(panel.get("panelRefName"))
    target = saved.target(name)
    if not _REFERENCE.fullmatch(name):
        defects.append(f"{where}: {name} isn't named panel_N, the dashboard won't open")
    if target is None:
        defects.append(f"{where}: no reference is named {name}, the dashboard won't open")
    elif target not in present:
        defects.append(f"{where}: {target[0]} {target[1]} is missing")
    grid = panel.get("gridData", {})
    if not {"x", "y", "w", "h", "i"} <= set(grid):
        defects.append(f"{where}: gridData is incomplete")
    elif grid["i"] != panel.get("panelIndex") or grid["x"] + grid["w"] > COLUMNS:
        defects.append(f"{where}: gridData has another index or leaves the {COLUMNS} columns")
    return defects


def _refresh(saved: Saved) -> list[str]:
    refresh = saved.attributes.get("refreshInterval")
    if refresh is not None and not {"pause", "value"} <= set(refresh):
        return ["refreshInterval needs pause and value"]
    return []


def _overlaps(panels: list[Body]) -> list[str]:
    grids = [panel.get("gridData", {}) for panel in panels]
    whole = [grid for grid in grids if {"x", "y", "w", "h", "i"} <= set(grid)]
    return [
        f"panels {one['i']} and {other['i']} overlap"
        for one, other in combinations(whole, 2)
        if one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    ]

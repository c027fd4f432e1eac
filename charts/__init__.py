"""Vega-Lite specifications, data only: one set for the console, the reports and the dashboards.

A chart is one file ``charts/<name>.json`` without data. Its ``usermeta.fields`` say what each
row must carry. Times in rows are Shanghai wall time without a zone (``2026-11-23T14:00``): Vega
parses and prints such times in one and the same zone, so every machine draws the same picture.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

#: The Vega-Lite all charts are written for; give it to vl-convert as `vl_version`.
VEGA_LITE = "5.20"
#: A specification as parsed JSON.
Spec = dict[str, Any]


@cache
def _text(name: str) -> str:
    return (files(__name__) / f"{name}.json").read_text(encoding="utf-8")


def names() -> list[str]:
    """File stems of all charts, sorted."""
    stems = (entry.name.removesuffix(".json") for entry in files(__name__).iterdir())
    return sorted(
        stem for stem in stems if stem != "theme" and (files(__name__) / f"{stem}.json").is_file()
    )


def load(name: str) -> Spec:
    """The specification of chart `name` with the shared theme, without data; yours to change.

    Raises:
        FileNotFoundError: no such chart.
    """
    spec: Spec = json.loads(_text(name))
    return {**spec, "config": json.loads(_text("theme"))}


def with_values(
    spec: Spec,
    values: Sequence[Mapping[str, Any]],
    *,
    title: str = "",
    subtitle: str = "",
    parameters: Mapping[str, Any] | None = None,
) -> Spec:
    """A copy of `spec` that holds its data.

    Args:
        values: one mapping per row, with the fields of `spec["usermeta"]["fields"]`.
        title: the answer the chart gives, e.g. “13:20 起涉院负面高于预期”.
        subtitle: n and window; printed smaller below the title.
        parameters: new values of the chart's `params`, by name.

    Raises:
        KeyError: a parameter the chart does not have.
    """
    whole: Spec = json.loads(json.dumps(spec))
    whole["data"] = {"name": "values", "values": [dict(row) for row in values]}
    if title:
        whole["title"] = {"text": title, **({"subtitle": subtitle} if subtitle else {})}
    known = {entry["name"]: entry for entry in whole.get("params", [])}
    for name, value in (parameters or {}).items():
        known[name]["value"] = value
    return whole

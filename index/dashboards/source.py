"""Reads ``overview.yml`` strictly: an unknown key is an error, not a silence."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from domain.errors import ConfigurationError

OVERVIEW = Path(__file__).with_name("overview.yml")


@dataclass(frozen=True, slots=True)
class Buckets:
    """One level of buckets: the `size` largest values of `field`."""

    field: str
    size: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of the dashboard.

    Attributes:
        chart: metric, area, histogram, horizontal_bar, line, table, list or vega.
        at: x, y, w, h in the dashboard's grid of 48 columns.
        filter: Lucene query; "" for all posts.
        time: interval of the x axis ("auto", "h", "d"); "" when it isn't time.
        by: buckets of the x axis when it isn't time; split: the coloured parts.
        rows: levels of a table. filters: label → query, the numbers of a metric panel.
        distinct: show different texts beside posts (estimated there: a panel can't count them).
        columns: fields of a list. spec: file of a Vega-Lite specification.
    """

    id: str
    title: str
    chart: str
    at: dict[str, int]
    filter: str = ""
    time: str = ""
    by: Buckets | None = None
    split: Buckets | None = None
    rows: tuple[Buckets, ...] = ()
    filters: dict[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    metric_label: str = "实收帖数"
    distinct: bool = False
    spec: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole dashboard; labels: field → stored word → what people see."""

    title: str
    description: str
    time_field: str
    time_from: str
    time_to: str
    panels: tuple[Panel, ...]
    labels: dict[str, dict[str, str]]
    colours: dict[str, str]


def load(path: Path = OVERVIEW) -> Overview:
    """Read the source of a dashboard.

    Raises:
        ConfigurationError: unknown or missing key.
    """
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        _known(raw, Overview)
        return Overview(**{**raw, "panels": tuple(_panel(panel) for panel in raw["panels"])})
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"can't read the dashboard: {error}",
            remedy="compare the keys with index/dashboards/source.py",
            where=path.name,
        ) from error


def _panel(raw: dict[str, Any]) -> Panel:
    _known(raw, Panel)
    made = dict(raw)
    for name in ("by", "split"):
        if name in made:
            made[name] = Buckets(**made[name])
    made["rows"] = tuple(Buckets(**level) for level in raw.get("rows", ()))
    made["columns"] = tuple(raw.get("columns", ()))
    return Panel(**made)


def _known(raw: dict[str, Any], kind: type[Overview] | type[Panel]) -> None:
    unknown = set(raw) - {known.name for known in fields(kind)}
    if unknown:
        raise KeyError(f"unknown key {sorted(unknown)}")

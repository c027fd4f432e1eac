"""Codes of the regions by which the Weibo search can be narrowed; data in ``weibo_regions.yml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_TABLE = Path(__file__).with_name("weibo_regions.yml")


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return table


def provinces() -> tuple[str, ...]:
    """Codes of all provinces, of posts without a place and of those from abroad."""
    return tuple(_table())


def cities(province: str) -> tuple[str, ...]:
    """Codes of a province's cities; () when it isn't divided."""
    return tuple(str(code) for code in _table()[province]["cities"])


def region_name(province: str, city: str = "") -> str:
    """For pages: the province's name, and the city's code; "" for all regions."""
    if not province:
        return ""
    name = str(_table()[province]["name"])
    return f"{name}（市 {city}）" if city else name

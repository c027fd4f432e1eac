"""Saved objects read from NDJSON, with what makes an import refuse the file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from index.dashboards.build import VERSIONS
from index.transport import Body

#: Attributes a type may have; Kibana's schemas forbid others.
ATTRIBUTES = {
    "index-pattern": {"title", "timeFieldName", "fields", "fieldFormatMap"},
    "search": {"title", "description", "columns", "sort", "version", "kibanaSavedObjectMeta"},
    "visualization": {
        *("title", "description", "visState", "uiStateJSON", "version", "kibanaSavedObjectMeta"),
    },
    "dashboard": {
        *("title", "description", "panelsJSON", "optionsJSON", "timeRestore", "timeFrom", "timeTo"),
        *("refreshInterval", "version", "kibanaSavedObjectMeta"),
    },
}
_KEYS = {"type", "id", "attributes", "references", "migrationVersion"}


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved object."""

    kind: str
    id: str
    attributes: Body
    references: tuple[Body, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How a message names it."""
        return f"{self.kind} {self.id}"

    def target(self, reference: str) -> tuple[str, str] | None:
        """Type and id a named reference leads to."""
        for about in self.references:
            if about.get("name") == reference:
                return str(about.get("type")), str(about.get("id"))
        return None

    def inner(self, attribute: str) -> Body | list[Body] | None:
        """JSON kept as text in an attribute; None when absent or broken."""
        try:
            value = json.loads(self.attributes[attribute])
        except (KeyError, TypeError, ValueError):
            return None
        return value if isinstance(value, dict | list) else None

    def source(self) -> Body:
        """The search source: query, filter and the name of the index reference."""
        meta = self.attributes.get("kibanaSavedObjectMeta")
        if not isinstance(meta, dict):
            return {}
        try:
            found = json.loads(meta["searchSourceJSON"])
        except (KeyError, TypeError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def read(text: str) -> tuple[list[Saved], list[str]]:
    """The objects of a file, and the defects for which an import refuses all of it."""
    defects: list[str] = []
    if text.startswith("\ufeff"):
        defects.append("file: begins with a byte order mark")
    objects: list[Saved] = []
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        try:
            raw = json.loads(line)
        except ValueError as error:
            defects.append(f"line {number}: no JSON ({error})")
            continue
        if "exportedCount" in raw:  # the summary an export ends with
            continue
        defects += _shape(raw, f"line {number}")
        if isinstance(raw.get("attributes"), dict):
            objects.append(_saved(raw))
    seen: set[tuple[str, str]] = set()
    for saved in objects:
        if (saved.kind, saved.id) in seen:
            defects.append(f"{saved.name}: stands in the file twice")
        seen.add((saved.kind, saved.id))
        defects += _accepted(saved)
    return objects, defects


def _shape(raw: Body, where: str) -> list[str]:
    defects = [f"{where}: no {key}" for key in ("type", "id", "attributes") if not raw.get(key)]
    unknown = sorted(set(raw) - _KEYS)
    return defects + ([f"{where}: unknown keys {unknown}"] if unknown else [])


def _saved(raw: Body) -> Saved:
    return Saved(
        str(raw.get("type")),
        str(raw.get("id")),
        raw["attributes"],
        tuple(raw.get("references", ())),
        raw.get("migrationVersion", {}),
    )


def _accepted(saved: Saved) -> list[str]:
    limit = VERSIONS.get(saved.kind)
    if limit is None:
        return [f"{saved.name}: OpenSearch Dashboards knows no such type"]
    defects = []
    for kind, version in saved.versions.items():
        if kind != saved.kind or _number(version) > _number(limit):
            defects.append(f"{saved.name}: {kind} version {version} is above {limit}")
    unknown = sorted(set(saved.attributes) - ATTRIBUTES[saved.kind])
    if unknown:
        defects.append(f"{saved.name}: Kibana forbids the attributes {unknown}")
    if not saved.attributes.get("title"):
        defects.append(f"{saved.name}: no title")
    return defects


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))

"""The index pattern: which fields there are, and what words people see for their values."""

from __future__ import annotations

from typing import Any

from index.cluster_schema import POSTS
from index.transport import Body

#: Field types of the mapping → types of Dashboards and Kibana.
_TYPES = {"keyword": "string", "text": "string", "long": "number", "double": "number"}
#: Fields every index has.
_META = ("_id", "_index", "_score", "_source")


def fields(mapping: dict[str, dict[str, Any]] | None = None) -> list[Body]:
    """Fields as an index pattern embeds them; without them the first view writes them itself."""
    found = [_meta(name) for name in _META]
    found += [_field(name, about) for name, about in _leaves(mapping or POSTS, "")]
    return sorted(found, key=lambda known: str(known["name"]))


def formats(labels: dict[str, dict[str, str]]) -> Body:
    """Formatters that show a stored word in Chinese, by field."""
    return {
        name: {
            "id": "static_lookup",
            "params": {
                "lookupEntries": [{"key": key, "value": value} for key, value in words.items()],
                "unknownKeyValue": None,
            },
        }
        for name, words in labels.items()
    }


def _leaves(mapping: dict[str, dict[str, Any]], prefix: str) -> list[tuple[str, dict[str, Any]]]:
    leaves: list[tuple[str, dict[str, Any]]] = []
    for name, about in mapping.items():
        if "properties" in about:
            leaves += _leaves(about["properties"], f"{prefix}{name}.")
        elif about.get("enabled", True):
            leaves.append((prefix + name, about))
    return leaves


def _field(name: str, about: dict[str, Any]) -> Body:
    kind = about["type"]
    stored = kind != "text" and about.get("doc_values", True)
    return {
        "name": name,
        "type": _TYPES.get(kind, kind),
        "esTypes": [kind],
        "count": 0,
        "scripted": False,
        "searchable": about.get("index", True),
        "aggregatable": stored,
        "readFromDocValues": stored,
    }


def _meta(name: str) -> Body:
    kinds = {"_score": ("number", []), "_source": ("_source", ["_source"])}
    kind, stored = kinds.get(name, ("string", [name]))
    return {
        "name": name,
        "type": kind,
        "esTypes": stored,
        "count": 0,
        "scripted": False,
        "searchable": name in ("_id", "_index"),
        "aggregatable": name == "_index",
        "readFromDocValues": False,
    }

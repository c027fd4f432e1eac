"""Which columns of a court's export mean what: data, one YAML per system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from domain.cases import Stage
from domain.errors import BadInput, ConfigurationError
from domain.registry import KeyDateKind
from text.strict_yaml import problem_of, read_yaml

FOLDER = Path(__file__).with_name("mappings")
FIELDS = (
    "key", "numbers", "other_numbers", "title", "court", "cause", "stage", "litigants", "minor",
    "watch", "links",
)  # fmt: skip
#: Characters of a system's name and of a mapping's title; they stand in the registry.
_LONGEST = 64
_KEYS = frozenset({"title", "system", "columns", "litigants", "dates", "stages"})


@dataclass(frozen=True, slots=True)
class CaseMapping:
    """A checked mapping.

    Attributes:
        system: name of the court's system; the same key of the same system is the same case.
        columns: field → columns that may hold it.
        litigants: column → role of those named in it; dates: column → kind of day.
        stages: what the system writes → stage; a stage's own name needs no entry.
    """

    title: str
    system: str
    columns: Mapping[str, tuple[str, ...]]
    litigants: Mapping[str, str]
    dates: Mapping[str, KeyDateKind]
    stages: Mapping[str, Stage]

    @property
    def known(self) -> frozenset[str]:
        """Every column the mapping reads."""
        named = (name for names in self.columns.values() for name in names)
        return frozenset((*named, *self.litigants, *self.dates))

    def present(self, header: Sequence[str], where: str) -> None:
        """Refuse a file that doesn't say which case a row is about.

        Raises:
            BadInput: neither a key nor a case number among the columns.
        """
        wanted = (*self.columns.get("key", ()), *self.columns.get("numbers", ()))
        if not set(wanted) & set(header):
            raise BadInput(
                f"没有一列能认出案件，需要其中之一：{'、'.join(wanted)}",
                remedy="在第一行写列名，或在列对应文件的 columns 里加上本院系统的列名",
                where=where,
            )
        if twice := sorted({name for name in header if name and list(header).count(name) > 1}):
            raise BadInput(
                f"列名重复：{'、'.join(name[:20] for name in twice)}",
                remedy="每列用不同的名称",
                where=where,
            )


def load_mapping(path: Path | str) -> CaseMapping:
    """Read a mapping from a file, or by name from those that ship.

    Raises:
        ConfigurationError: it is missing, no YAML, or holds an unknown key, field or value.
    """
    file = Path(path)
    if not file.suffix:
        file = FOLDER / f"{path}.yml"
    try:
        content = read_yaml(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        shipped = ", ".join(sorted(one.stem for one in FOLDER.glob("*.yml")))
        raise ConfigurationError(
            "no such mapping", remedy=f"those that ship: {shipped}", where=str(file)
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the mapping is not valid YAML ({problem_of(error)})",
            remedy="correct that line; save as UTF-8",
            where=str(file),
        ) from error
    if not isinstance(content, dict):
        raise ConfigurationError("the mapping is not a YAML mapping", where=str(file))
    return _checked(content, str(file))


def _checked(content: dict[str, Any], where: str) -> CaseMapping:
    _known(content, _KEYS, "key", where)
    system = str(content.get("system") or "").strip()
    if not system:
        raise ConfigurationError("no system", remedy="name the court's system", where=where)
    title = str(content.get("title") or system)
    for key, text in (("system", system), ("title", title)):
        if len(text) > _LONGEST:
            raise ConfigurationError(
                f"{key} has {len(text)} characters", remedy=f"{_LONGEST} at most", where=where
            )
    columns = _section(content, "columns", where)
    _known(columns, FIELDS, "field", where)
    return CaseMapping(
        title=title,
        system=system,
        columns={field: _names(value) for field, value in columns.items()},
        litigants={
            str(column): str(role)
            for column, role in _section(content, "litigants", where).items()
        },
        dates={
            str(column): KeyDateKind(_one_of(kind, list(KeyDateKind), where))
            for column, kind in _section(content, "dates", where).items()
        },
        stages={
            str(word): Stage(_one_of(stage, list(Stage), where))
            for word, stage in _section(content, "stages", where).items()
        },
    )  # fmt: skip


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)


def _section(content: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    section = content.get(key) or {}
    if not isinstance(section, dict):
        raise ConfigurationError(f"{key} is not a mapping", where=where)
    return section


def _one_of(value: object, allowed: Sequence[str], where: str) -> str:
    if value not in allowed:
        raise ConfigurationError(
            f"{value!r} is not known", remedy=f"one of {', '.join(allowed)}", where=where
        )
    return str(value)


def _known(
    section: Mapping[str, Any], known: Sequence[str] | frozenset[str], word: str, where: str
) -> None:
    if unknown := sorted(str(key) for key in section if key not in known):
        raise ConfigurationError(
            f"unknown {word} {', '.join(unknown)}", remedy=f"one of {sorted(known)}", where=where
        )

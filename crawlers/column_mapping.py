"""A mapping says which column of a file is which field of an item (`crawlers/mappings/*.yml`).

    title: 12368 诉讼服务热线工单
    license_ref: …           # why we may process this file; refused without one
    platform: hotline        # domain.posts.Platform
    kind: ticket             # domain.posts.PostKind
    encoding: auto           # auto | utf-8-sig | gb18030 (CSV only)
    sheet: 工单              # XLSX only; the first one without it
    columns:                 # field of RawItem: column, or or columns that are joined
      native_id: 工单号
      published_at: 受理时间
      text: [诉求标题, 诉求内容]
    constants: {verified_type: ordinary}
    redact: [来电人]         # the sender: taken out of title and text, and kept nowhere
    ignored: [办理人]        # known and deliberately not read

Every column of the file must be mapped, redacted or ignored, and every key known: a column nobody thought
of may hold a name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from domain.errors import ConfigurationError
from domain.posts import Platform, PostKind, VerifiedType
from text.strict_yaml import problem_of, read_yaml

FOLDER = Path(__file__).parent / "mappings"
ENCODINGS = ("auto", "utf-8-sig", "gb18030")
#: Fields a column may fill; the rest of an item comes from the mapping or the clock.
FIELDS = frozenset(
    {
        "native_id", "title", "text", "url", "author_id", "published_at", "edited_at",
        "reposts", "comments", "likes", "verified_type",
    }
)  # fmt: skip
_JOINABLE = frozenset({"title", "text"})
_REQUIRED = ("text", "published_at")
_KEYS = frozenset(
    {
        "title", "license_ref", "platform", "kind", "encoding", "sheet", "columns", "constants",
        "ignored", "redact", "sample_rate",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mapping:
    """A checked mapping.

    Attributes:
        name: file stem; the source's name unless the importer is told another.
        columns: field → columns whose values are joined.
        redact: columns that name the sender; their values are taken out of title and text.
        license_ref: contract, grant or rule under which the file may be processed.
    """

    name: str
    title: str
    license_ref: str
    platform: Platform
    kind: PostKind
    columns: dict[str, tuple[str, ...]]
    constants: dict[str, str] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    redact: frozenset[str] = frozenset()
    encoding: str = "auto"
    sheet: str = ""
    sample_rate: float = 1.0

    @property
    def required(self) -> frozenset[str]:
        """Columns without which a file is not the one this mapping was written for."""
        mapped = frozenset(column for columns in self.columns.values() for column in columns)
        return mapped | self.redact


def load_mapping(path: Path | str, license_ref: str = "") -> Mapping:
    """Read a mapping from a file, or by name from those that ship.

    Args:
        license_ref: stands in for the file's own.

    Raises:
        ConfigurationError: the file is missing, no YAML, holds unknown keys, fields or values,
            or nobody says under which licence the data may be processed.
    """
    file = Path(path)
    if not file.suffix:
        file = FOLDER / f"{path}.yml"
    try:
        content = read_yaml(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigurationError(
            "no such column mapping", remedy=f"those that ship: {_shipped()}", where=str(file)
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the mapping is not valid YAML ({problem_of(error)})",
            remedy="correct that line; save as UTF-8",
            where=str(file),
        ) from error
    if not isinstance(content, dict):
        raise ConfigurationError("the mapping is not a YAML mapping", where=str(file))
    if license_ref:
        content["license_ref"] = license_ref
    return _Checker(str(file)).mapping(file.stem, content)


def _shipped() -> str:
    return ", ".join(sorted(path.stem for path in FOLDER.glob("*.yml")))


class _Checker:
    """Turns the YAML into a `Mapping`, or says what is wrong with it and where."""

    def __init__(self, where: str) -> None:
        self._where = where

    def mapping(self, name: str, content: dict[str, Any]) -> Mapping:
        self._known(content, _KEYS, "key")
        if not str(content.get("license_ref") or "").strip():
            raise self._wrong(
                "no license_ref", "name the contract, grant or rule that allows this import"
            )
        columns = self._columns(content.get("columns"))
        constants = self._section(content, "constants")
        self._known(constants, FIELDS - {"text", "native_id", "published_at"}, "constant")
        if twice := columns.keys() & constants.keys():
            raise self._wrong(f"{sorted(twice)} are both a column and a constant", "keep one")
        return Mapping(
            name=name,
            title=str(content.get("title") or name),
            license_ref=str(content["license_ref"]).strip(),
            platform=Platform(self._one_of(content, "platform", list(Platform))),
            kind=PostKind(self._one_of(content, "kind", list(PostKind))),
            columns=columns,
            constants=self._constants(constants),
            ignored=self._names(content, "ignored"),
            redact=self._redacted(content, columns),
            encoding=self._one_of({"encoding": "auto", **content}, "encoding", list(ENCODINGS)),
            sheet=str(content.get("sheet") or ""),
            sample_rate=self._sample_rate(content.get("sample_rate", 1.0)),
        )

    def _columns(self, section: object) -> dict[str, tuple[str, ...]]:
        if not isinstance(section, dict) or not section:
            raise self._wrong("no columns", "map fields to the file's column names")
        self._known(section, FIELDS, "field")
        if missing := [field for field in _REQUIRED if field not in section]:
            raise self._wrong(f"no column for {missing}", "every item needs a text and a time")
        if not section.keys() & {"native_id", "url"}:
            raise self._wrong(
                "no column identifies a row",
                "map native_id or url, so that importing twice is once",
            )
        columns = {}
        for name, value in section.items():
            names = tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)
            if len(names) > 1 and name not in _JOINABLE:
                raise self._wrong(f"{name} has several columns", "only title and text are joined")
            columns[name] = names
        return columns

    def _constants(self, section: dict[str, Any]) -> dict[str, str]:
        if "verified_type" in section:
            self._one_of(section, "verified_type", list(VerifiedType))
        return {key: str(value) for key, value in section.items()}

    def _names(self, content: dict[str, Any], key: str) -> frozenset[str]:
        names = content.get(key) or ()
        if not isinstance(names, list | tuple):
            raise self._wrong(f"{key} is not a list", "write the columns as [a, b]")
        return frozenset(str(name) for name in names)

    def _redacted(
        self, content: dict[str, Any], columns: dict[str, tuple[str, ...]]
    ) -> frozenset[str]:
        """Columns of the sender; only the one the token is made of may be mapped as well."""
        redact = self._names(content, "redact")
        mapped = {
            name for field, names in columns.items() for name in names if field != "author_id"
        }
        if both := redact & mapped:
            raise self._wrong(f"{sorted(both)} are both mapped and redacted", "keep one")
        return redact

    def _sample_rate(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
            raise self._wrong("sample_rate is not within (0, 1]", "1 means all of the stream")
        return float(value)

    def _section(self, content: dict[str, Any], key: str) -> dict[str, Any]:
        section = content.get(key) or {}
        if not isinstance(section, dict):
            raise self._wrong(f"{key} is not a mapping", "write key: value lines")
        return section

    def _one_of(self, content: dict[str, Any], key: str, allowed: list[str]) -> str:
        value = content.get(key)
        if value not in allowed:
            raise self._wrong(f"{key} is {value!r}", f"one of {', '.join(allowed)}")
        return str(value)

    def _known(self, section: dict[str, Any], known: frozenset[str], word: str) -> None:
        if unknown := sorted(str(key) for key in section if key not in known):
            raise self._wrong(f"unknown {word} {', '.join(unknown)}", f"one of {sorted(known)}")

    def _wrong(self, problem: str, remedy: str) -> ConfigurationError:
        return ConfigurationError(problem, remedy=remedy, where=self._where)

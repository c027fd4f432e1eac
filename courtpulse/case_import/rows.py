"""Rows of a registry export, whatever its form; a row that can't be read is no end of the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from courtpulse.case_import.mapping import CaseMapping
from crawlers.column_mapping import Mapping
from crawlers.table_header import read_header
from crawlers.table_rows import BadRow, Row, read_rows
from domain.errors import BadInput
from domain.posts import Platform, PostKind
from text.strict_yaml import problem_of, read_yaml

#: A YAML is read as a whole; ten thousand cases have about 5 MB.
MAX_YAML = 32 * 1024 * 1024


def read(path: Path, mapping: CaseMapping) -> tuple[Iterator[Row | BadRow], list[str]]:
    """The rows of `path` by its suffix (.csv, .tsv, .xlsx, .yml), and the columns nobody reads.

    Raises:
        BadInput: the file as a whole can't be read, or no column says which case a row is about.
    """
    if path.suffix.lower() in (".yml", ".yaml"):
        rows = _yaml_rows(path)
        header = list(
            dict.fromkeys(name for row in rows if isinstance(row, Row) for name in row.cells)
        )
        mapping.present(header, path.name)
        return iter(rows), [name for name in header if name not in mapping.known]
    header, encoding = read_header(path)
    mapping.present(header, path.name)
    spare = [name for name in header if name and name not in mapping.known]
    table = Mapping(
        name=mapping.system,
        title=mapping.title,
        license_ref="the court's own",
        platform=Platform.NEWS,
        kind=PostKind.POST,
        columns={name: (name,) for name in header if name in mapping.known},
        ignored=frozenset(spare),
        encoding=encoding,
    )
    return read_rows(path, table, None), spare


def _yaml_rows(path: Path) -> list[Row | BadRow]:
    """Rows of a list of mappings; their number is their place in the list, from 1."""
    if path.stat().st_size > MAX_YAML:
        raise BadInput("the file is too long for YAML", remedy="save it as CSV", where=path.name)
    try:
        document = read_yaml(path.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(
            f"the file is not YAML in UTF-8 ({problem_of(error)})",
            remedy="correct that line; nothing was imported",
            where=path.name,
        ) from error
    if not isinstance(document, list):
        raise BadInput(
            "the file is not a list of cases",
            remedy="write one `- 案号: …` a case",
            where=path.name,
        )
    return [_yaml_row(number, entry) for number, entry in enumerate(document, 1)]


def _yaml_row(number: int, entry: object) -> Row | BadRow:
    if not isinstance(entry, dict):
        return BadRow(number, b"", BadInput("这一项不是“列名: 值”"))
    cells = {
        str(key).strip(): "、".join(map(str, value)) if isinstance(value, list) else value
        for key, value in entry.items()
    }
    return Row(number, cells, b"")

"""Files a court or a licensed vendor exports: CSV, XLSX, JSONL and mails through a column mapping."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawlers.column_mapping import Mapping, load_mapping
from crawlers.ingest import Ingest
from crawlers.items import RawItem
from crawlers.mail_rows import SUFFIXES, mail_rows
from crawlers.senders import without_sender
from crawlers.table_rows import BadRow, Progress, Row, read_rows
from domain.errors import BadInput
from domain.posts import Engagement, VerifiedType
from domain.time import SHANGHAI, Clock
from text.dates import parse_moment
from text.numbers import parse_count

__all__ = ["ImportReport", "import_file", "load_mapping"]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file's rows; `rows` = new + edited + duplicates + rejected.

    Attributes:
        first, last: publication times of the accepted rows, UTC; None when there are none.
    """

    source: str
    rows: int
    new: int
    edited: int
    duplicates: int
    rejected: int
    first: datetime | None
    last: datetime | None


def import_file(
    path: Path | str,
    mapping: Mapping,
    ingest: Ingest,
    clock: Clock,
    progress: Progress | None = None,
    *,
    source: str = "",
) -> ImportReport:
    """Read `path` row by row into `ingest`; the caller commits.

    A row that can't be used goes to the quarantine with its number, the rest goes on. Importing a
    file twice changes nothing: ids come from the source and the row's own id.

    Args:
        progress: called with (done, total) while reading.
        source: name of the source; the mapping's name without it.

    Raises:
        BadInput: the file as a whole can't be read, or its columns are not the mapping's.
    """
    file, name = Path(path), source or mapping.name
    if not file.is_file():
        raise BadInput("there is no such file", remedy="check the path", where=file.name)
    before, now = ingest.tally, clock()
    rows = 0
    times: list[datetime] = []
    for row in _rows(file, mapping, progress):
        rows += 1
        where = f"{file.name} row {row.number}"
        if isinstance(row, BadRow):
            ingest.reject(name, row.raw, row.error, where)
            continue
        try:
            item = _item(row, mapping, name, now)
        except BadInput as error:
            ingest.reject(name, _kept(row, mapping), error, where)
            continue
        if ingest.accept(item, where):
            times = [min([item.published_at, *times]), max([item.published_at, *times])]
    after = ingest.tally
    return ImportReport(
        source=name,
        rows=rows,
        new=after.new - before.new,
        edited=after.edited - before.edited,
        duplicates=after.duplicates - before.duplicates,
        rejected=after.rejected - before.rejected,
        first=times[0] if times else None,
        last=times[-1] if times else None,
    )


def _rows(path: Path, mapping: Mapping, progress: Progress | None) -> Iterator[Row | BadRow]:
    if path.suffix.lower() in SUFFIXES:
        return mail_rows(path, mapping, progress)
    return read_rows(path, mapping, progress)


def _kept(row: Row, mapping: Mapping) -> bytes:
    """A row for the quarantine: what is mapped, without its sender."""
    known = _sender(row, mapping)
    cells = {
        column: without_sender(str(row.cells.get(column) or ""), known)
        for field, columns in mapping.columns.items()
        for column in columns
        if field != "author_id"
    }
    return json.dumps(cells).encode("ascii")


def _sender(row: Row, mapping: Mapping) -> list[str]:
    columns = mapping.redact | set(mapping.columns.get("author_id", ()))
    return [str(row.cells.get(column) or "") for column in columns]


def _item(row: Row, mapping: Mapping, source: str, now: datetime) -> RawItem:
    values = {field: _words(row, field, columns) for field, columns in mapping.columns.items()}
    if mapping.redact:
        known = _sender(row, mapping)
        for field in ("title", "text"):
            values[field] = without_sender(values.get(field, ""), known)
    values |= mapping.constants
    return RawItem(
        source=source,
        native_id=values.get("native_id", ""),
        platform=mapping.platform,
        kind=mapping.kind,
        text=values["text"],
        title=values.get("title", ""),
        url=values.get("url", ""),
        author_id=values.get("author_id", ""),
        published_at=_moment(row, mapping, "published_at", now),
        edited_at=_moment(row, mapping, "edited_at", now) if values.get("edited_at") else None,
        fetched_at=now,
        verified_type=_verified_type(values.get("verified_type", "")),
        engagement=Engagement(
            reposts=_count(values.get("reposts", "")),
            comments=_count(values.get("comments", "")),
            likes=_count(values.get("likes", "")),
        ),
        sample_rate=mapping.sample_rate,
    )


def _words(row: Row, field: str, columns: tuple[str, ...]) -> str:
    parts = (_word(row.cells.get(column)) for column in columns)
    return (" · " if field == "title" else "\n").join(part for part in parts if part)


def _word(cell: object) -> str:
    """Return a cell as text; 20261123001.0 is how a spreadsheet keeps the id 20261123001."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (str, int, float, datetime)):
        return str(cell).strip()
    raise BadInput(f"a cell holds a {type(cell).__name__}, not text or a number")


def _moment(row: Row, mapping: Mapping, field: str, now: datetime) -> datetime:
    cell = row.cells.get(mapping.columns[field][0])
    if isinstance(cell, datetime):  # a spreadsheet's date has no zone: it was typed in China
        return cell if cell.tzinfo else cell.replace(tzinfo=SHANGHAI)
    words = _word(cell)
    if not words:
        raise BadInput(f"the row has no {field}", remedy="fill in the time, or drop the row")
    return parse_moment(words, now)


def _verified_type(value: str) -> VerifiedType:
    try:
        return VerifiedType(value or VerifiedType.ORDINARY)
    except ValueError as error:
        raise BadInput(
            "verified_type is not a known kind of account",
            remedy=f"one of {', '.join(VerifiedType)}",
        ) from error


def _count(value: str) -> int | None:
    return parse_count(value) if value else None

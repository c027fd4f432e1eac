"""Rows of CSV, XLSX and JSONL files, one at a time; a row that can't be read is no end of the file.

Nothing here evaluates anything: a formula cell of an XLSX gives its stored value, one of a CSV its
text. Row numbers are those a person sees in the file: the line for CSV and JSONL, the row for XLSX.
"""

from __future__ import annotations

import csv
import errno
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from crawlers.column_mapping import Mapping
from domain.errors import BadInput

#: Longest line of a text file, bytes. A text may have 100,000 characters of four bytes.
MAX_LINE = 1024 * 1024
#: Lines one quoted cell may span. A quote that is never closed would else swallow the file.
MAX_ROW_LINES = 200
#: An XLSX may unpack to this many bytes and hold this many parts; a bomb has gigabytes.
MAX_UNPACKED = 512 * 1024 * 1024
MAX_PARTS = 10_000

#: What openpyxl lets through when a part isn't what its standard says: errors of its own, of the
#: two XML parsers it may use (both are SyntaxErrors), of zip, and of Python where it trusted a value.
UNREADABLE = (
    InvalidFileException, SyntaxError, zipfile.BadZipFile, zlib.error, EOFError, LookupError,
    ValueError, TypeError, AttributeError, OverflowError, NotImplementedError,
)  # fmt: skip

Progress = Callable[[int, int], None]
Cell = object


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was read: column → value; `raw` is what the quarantine keeps."""

    number: int
    cells: dict[str, Cell]
    raw: bytes


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read."""

    number: int
    raw: bytes
    error: BadInput


def read_rows(path: Path, mapping: Mapping, progress: Progress | None) -> Iterator[Row | BadRow]:
    """Yield the rows of `path` by its suffix: .csv, .tsv, .xlsx, .jsonl.

    Args:
        progress: called with (done, total), bytes or sheet rows.

    Raises:
        BadInput: the file as a whole can't be read, or its columns are not the mapping's.
    """
    readers = {".csv": _csv_rows, ".tsv": _csv_rows, ".xlsx": _xlsx_rows, ".jsonl": _json_rows}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BadInput(
            f"can't import a {path.suffix or 'nameless'} file",
            remedy="save it as .csv, .xlsx or .jsonl",
            where=path.name,
        )
    return reader(path, mapping, progress or _ignore)


def _ignore(done: int, total: int) -> None:
    """Nobody watches."""


def check_columns(header: Sequence[str], mapping: Mapping, where: str) -> None:
    """Refuse a file whose columns are not exactly the mapped and the ignored ones.

    What is missing is told first, in the mapping's words: in a file without a header the others
    would be a person's data.
    """
    if missing := sorted(mapping.required - set(header)):
        raise BadInput(
            f"columns are missing: {', '.join(missing)}",
            remedy=f"check the export's first row, or the columns of mapping {mapping.name}",
            where=where,
        )
    if twice := [name for name in header if name and header.count(name) > 1]:
        raise BadInput(f"columns occur twice: {_shown(twice)}", where=where)
    if unknown := [
        name for name in header if name not in mapping.required | mapping.ignored | {""}
    ]:
        raise BadInput(
            f"columns the mapping does not know: {_shown(unknown)}",
            remedy=f"map them, or list them under `ignored` in mapping {mapping.name}",
            where=where,
        )


def _shown(names: Sequence[str]) -> str:
    """A few names, each cut short: a hostile file must not write its text into our logs."""
    return ", ".join(name[:20] for name in sorted(set(names))[:5])


def _csv_rows(path: Path, mapping: Mapping, progress: Progress) -> Iterator[Row | BadRow]:
    total = path.stat().st_size
    with path.open("rb") as file:
        encoding, delimiter, header = _header(file, path, mapping)
        lines = _Lines(file, encoding)
        reader = _splitter(lines, delimiter)
        next(reader)
        while True:
            lines.start_row()
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield BadRow(lines.row, lines.raw, BadInput(f"the row can't be split: {error}"))
                lines.back_to_first()
                continue
            except BadInput as error:
                yield BadRow(lines.row, lines.raw, error)
                continue
            progress(file.tell(), total)
            if any(value.strip() for value in values):
                yield _row(lines.row, lines.raw, header, values)


def _row(number: int, raw: bytes, header: Sequence[str], values: Sequence[str]) -> Row | BadRow:
    if len(values) != len(header):
        problem = f"the row has {len(values)} cells, the header {len(header)}"
        return BadRow(number, raw, BadInput(problem, remedy="check quotes and delimiters"))
    return Row(number, dict(zip(header, values, strict=True)), raw)


def _splitter(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Header and rows are split by the same rules, else one is taken and the other is not."""
    return csv.reader(lines, delimiter=delimiter, strict=True)


class _Lines:
    """Decoded lines for the csv reader; remembers the bytes of the row being read."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._number = 0
        self._second_line = 0
        self.row = 0
        self.raw = b""

    def start_row(self) -> None:
        self.row, self.raw = self._number + 1, b""

    def back_to_first(self) -> None:
        """Go back behind the row's first line: only that one is bad, not all it swallowed."""
        if self._number > self.row:
            self._file.seek(self._second_line)
            self._number = self.row

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._file.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self._number += 1
        if self._number == self.row:
            self._second_line = self._file.tell()
        if self._number - self.row >= MAX_ROW_LINES:
            raise csv.Error("a quote is not closed")
        self.raw = (self.raw + line)[:MAX_LINE]
        if len(line) == MAX_LINE:
            _skip_line(self._file)
            raise BadInput(f"the line is longer than {MAX_LINE} bytes")
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError as error:
            raise BadInput(f"the line is not {self._encoding}") from error


def _skip_line(file: IO[bytes]) -> None:
    while rest := file.readline(MAX_LINE):
        if rest.endswith(b"\n"):
            return


def _header(file: IO[bytes], path: Path, mapping: Mapping) -> tuple[str, str, list[str]]:
    """Find the encoding under which the first line holds the mapping's columns; rewind."""
    line = file.readline(MAX_LINE)
    file.seek(0)
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput("the file is UTF-16", remedy="save it as UTF-8 CSV", where=path.name)
    auto = mapping.encoding == "auto"
    failure = BadInput("the first line is neither UTF-8 nor GB18030", where=path.name)
    for encoding in ("utf-8-sig", "gb18030") if auto else (mapping.encoding,):
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            continue
        delimiter = max(",\t;", key=text.count)
        try:
            header = [name.strip() for name in next(_splitter([text], delimiter), [])]
            check_columns(header, mapping, path.name)
        except csv.Error as error:
            # A bare carriage return ends lines on no system of this century.
            failure = BadInput(f"the first line can't be split: {error}", where=path.name)
            continue
        except BadInput as error:
            failure = error
            continue
        return encoding, delimiter, header
    raise failure


def _json_rows(path: Path, mapping: Mapping, progress: Progress) -> Iterator[Row | BadRow]:
    total, number = path.stat().st_size, 0
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE:
                _skip_line(file)
                error = BadInput(f"the line is longer than {MAX_LINE} bytes")
                yield BadRow(number, line, error)
                continue
            progress(file.tell(), total)
            if line.strip():
                yield _json_row(number, line, mapping)


def _json_row(number: int, line: bytes, mapping: Mapping) -> Row | BadRow:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return BadRow(number, line, BadInput("the line is not valid JSON"))
    if not isinstance(record, dict):
        return BadRow(number, line, BadInput("the line is not a JSON object"))
    try:
        # JSON writers leave empty fields out; only what every row needs must be there.
        check_columns([*record, *(mapping.required - record.keys())], mapping, "")
    except BadInput as error:
        return BadRow(number, line, error)
    return Row(number, record, line)


def _xlsx_rows(path: Path, mapping: Mapping, progress: Progress) -> Iterator[Row | BadRow]:
    check_archive(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except UNREADABLE as error:
        raise BadInput("the file is no readable XLSX", where=path.name) from error
    try:
        if mapping.sheet and mapping.sheet not in book.sheetnames:
            raise BadInput(f"there is no sheet {mapping.sheet}", where=path.name)
        sheet = book[mapping.sheet] if mapping.sheet else book.worksheets[0]
        rows = sheet.iter_rows(values_only=True)
        header = ["" if name is None else str(name).strip() for name in next(rows, ())]
        while header and not header[-1]:
            header.pop()  # a reader pads every row to the widest
        check_columns(header, mapping, path.name)
        for number, values in enumerate(rows, 2):
            progress(number, sheet.max_row or number)
            if any(value not in (None, "") for value in values):
                yield _xlsx_row(number, header, values)
    except UNREADABLE as error:
        raise BadInput("the sheet breaks off", where=path.name) from error
    finally:
        book.close()


def _xlsx_row(number: int, header: Sequence[str], values: Sequence[Cell]) -> Row | BadRow:
    raw = json.dumps(values, ensure_ascii=True, default=str).encode("ascii")
    if any(value not in (None, "") for value in values[len(header) :]):
        return BadRow(number, raw, BadInput("the row has more cells than the header"))
    padded = [*values[: len(header)], *[None] * (len(header) - len(values))]
    return Row(number, dict(zip(header, padded, strict=True)), raw)


def check_archive(path: Path) -> None:
    """Refuse zip bombs and documents with entities before any parser sees them."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise BadInput("the file unpacks to far too much", where=path.name)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as content:
                        _refuse_entities(content, path.name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise BadInput("the file is no readable XLSX", where=path.name) from error
    except OSError as error:
        # A directory that points before the file's beginning; other errors are the disk's.
        if error.errno != errno.EINVAL:
            raise
        raise BadInput("the file is no readable XLSX", where=path.name) from error


def _refuse_entities(content: IO[bytes], where: str) -> None:
    tail = b""
    while chunk := content.read(256 * 1024):
        if b"<!DOCTYPE" in tail + chunk or b"<!ENTITY" in tail + chunk:
            raise BadInput("the file declares XML entities", where=where)
        tail = chunk[-16:]

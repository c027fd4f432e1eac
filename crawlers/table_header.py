"""The column names of a file, before anybody has said which there should be."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl

from crawlers.table_rows import MAX_LINE, UNREADABLE, check_archive
from domain.errors import BadInput


def read_header(path: Path) -> tuple[list[str], str]:
    """Column names of a CSV (UTF-8 with or without BOM, GB18030), TSV or XLSX; its encoding.

    Raises:
        BadInput: the file can't be read, or its first line is in neither encoding.
    """
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return _of_xlsx(path), "auto"
    if suffix not in (".csv", ".tsv"):
        raise BadInput(f"can't read the columns of a {suffix or 'nameless'} file", where=path.name)
    with path.open("rb") as file:
        line = file.readline(MAX_LINE)
        rest = file.read(MAX_LINE)
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput("the file is UTF-16", remedy="save it as UTF-8 CSV", where=path.name)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = line.decode(encoding)
            # A header of ASCII letters says nothing; the rows after it do.
            rest[: rest.rfind(b"\n") + 1].decode(encoding)
        except UnicodeDecodeError:
            continue
        delimiter = max(",\t;", key=text.count)
        try:
            names = next(csv.reader([text], delimiter=delimiter), [])
        except csv.Error as error:
            raise BadInput(f"the first line can't be split: {error}", where=path.name) from error
        return [name.strip() for name in names], encoding
    raise BadInput("the file is neither UTF-8 nor GB18030", where=path.name)


def _of_xlsx(path: Path) -> list[str]:
    check_archive(path)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            row = next(book.worksheets[0].iter_rows(max_row=1, values_only=True), ())
        finally:
            book.close()
    except UNREADABLE as error:
        raise BadInput("the file is no readable XLSX", where=path.name) from error
    return ["" if name is None else str(name).strip() for name in row]

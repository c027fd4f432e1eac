"""CSV that spreadsheet programs open as text: nothing in a cell is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

#: A cell that begins so may be taken for a formula (OWASP, CSV injection), also after blanks.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def plain_cell(value: str) -> str:
    """`value` as a cell that no program evaluates, without line ends that split a row."""
    text = " ".join(value.replace("\0", "").splitlines())
    risky = text.lstrip().startswith(_BEGINS_FORMULA) or text.startswith(("\t", " "))
    return f"'{text}" if risky and text.strip() else text


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A CSV document with a byte order mark, so that Excel reads it as UTF-8; lines end in CRLF."""
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    writer.writerow(headings)
    writer.writerows([plain_cell(cell) for cell in row] for row in rows)
    return "\ufeff" + held.getvalue()

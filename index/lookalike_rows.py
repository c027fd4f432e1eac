# ruff: noqa: S608 - SQL is made of constants of ours; every value goes through a placeholder.
"""Rows of the look-alike table: one for each text that stands for its family.

A SQLite file of its own beside the index. Rows name posts and hold hashes of 3-grams, no text and
no author; `secure_delete` blanks what is deleted, and the log is cut after a deletion.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.sqlite_schema import write_ahead
from text.sketches import COPY_BANDS, KEPT, TEMPLATE_BANDS, Sketch

_SCHEMA = """
CREATE TABLE IF NOT EXISTS texts (
  place INTEGER PRIMARY KEY AUTOINCREMENT, -- order of arrival; never given twice
  post_id TEXT NOT NULL UNIQUE,
  copies TEXT NOT NULL, template TEXT NOT NULL,
  published REAL NOT NULL,
  leads INTEGER NOT NULL, -- whether it stands for its template too
  cut INTEGER NOT NULL, whole INTEGER NOT NULL,
  keys BLOB NOT NULL, grams BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS texts_copies ON texts (copies);
CREATE TABLE IF NOT EXISTS deaths (number INTEGER PRIMARY KEY, place INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS purges (count INTEGER NOT NULL);
INSERT INTO purges SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM purges);
"""
_COLUMNS = "place, post_id, copies, template, published, leads, cut, whole, keys, grams"
_WIDTH = COPY_BANDS + 1 + TEMPLATE_BANDS
#: Rows read at once.
_PAGE = 4096


@dataclass(frozen=True, slots=True)
class Row:
    """One text that later ones are compared with; `place` 0 until it is written."""

    post_id: str
    copies: str
    template: str
    published: float
    leads: bool
    sketch: Sketch
    place: int = 0


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What memory holds of rows; `keys` are those of copies, then those of templates."""

    places: npt.NDArray[np.int64]
    published: npt.NDArray[np.float64]
    leads: npt.NDArray[np.bool_]
    keys: npt.NDArray[np.uint32]


def open_file(path: Path) -> sqlite3.Connection:
    """The file, made if it is missing; WAL, deletions blanked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA synchronous = FULL")
    write_ahead(connection, str(path))
    connection.executescript(_SCHEMA)
    return connection


def purges(connection: sqlite3.Connection) -> int:
    """Counts purges: who sees it move must read everything anew."""
    return int(connection.execute("SELECT count FROM purges").fetchone()[0])


def deaths(connection: sqlite3.Connection, number: int) -> list[tuple[int, int]]:
    """(number, place) of single rows that went since the death of that number."""
    return connection.execute(
        "SELECT number, place FROM deaths WHERE number > ? ORDER BY number", (number,)
    ).fetchall()


def since(connection: sqlite3.Connection, place: int) -> Iterator[Arrivals]:
    """Rows that came after `place`, some thousands at once: a process begins by reading all."""
    cursor = connection.execute(
        "SELECT place, published, leads, keys FROM texts WHERE place > ? ORDER BY place", (place,)
    )
    while rows := cursor.fetchmany(_PAGE):
        places, published, leads, keys = zip(*rows, strict=True)
        yield Arrivals(
            np.array(places, dtype=np.int64),
            np.array(published, dtype=np.float64),
            np.array(leads, dtype=bool),
            np.frombuffer(b"".join(keys), dtype=np.uint32).reshape(-1, _WIDTH),
        )


def at(connection: sqlite3.Connection, places: Sequence[int]) -> dict[int, Row]:
    """Rows by place, whole."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM texts WHERE place IN (SELECT value FROM json_each(?))",
        (json.dumps(list(places)),),
    )
    return {values[0]: _row(values) for values in found}


def of_posts(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Row]:
    """Rows by post."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM texts WHERE post_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {values[1]: _row(values) for values in found}


def insert(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Append rows."""
    connection.executemany(
        "INSERT INTO texts (post_id, copies, template, published, leads, cut, whole, keys, grams)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                row.post_id, row.copies, row.template, row.published, row.leads, row.sketch.cut,
                row.sketch.whole,
                row.sketch.copy_keys.tobytes() + row.sketch.template_keys.tobytes(),
                row.sketch.grams.tobytes(),
            )
            for row in rows
        ],
    )  # fmt: skip


def delete(connection: sqlite3.Connection, ids: Sequence[str]) -> int:
    """Delete the rows of these posts and say so to the others; returns how many."""
    chosen = "post_id IN (SELECT value FROM json_each(?))"
    listed = (json.dumps(list(ids)),)
    connection.execute(f"INSERT INTO deaths (place) SELECT place FROM texts WHERE {chosen}", listed)
    return connection.execute(f"DELETE FROM texts WHERE {chosen}", listed).rowcount


def purge(connection: sqlite3.Connection, where: str, value: float) -> int:
    """Delete many rows; returns how many."""
    gone = connection.execute(f"DELETE FROM texts WHERE {where}", (value,)).rowcount
    if gone:
        connection.execute("UPDATE purges SET count = count + 1")
        connection.execute("DELETE FROM deaths")
    return gone


def others(connection: sqlite3.Connection, copies: str, ids: Sequence[str]) -> bool:
    """Whether posts other than these stand for a family."""
    found = connection.execute(
        "SELECT 1 FROM texts WHERE copies = ?"
        " AND post_id NOT IN (SELECT value FROM json_each(?)) LIMIT 1",
        (copies, json.dumps(list(ids))),
    )
    return found.fetchone() is not None


def _row(values: tuple[int, str, str, str, float, int, int, int, bytes, bytes]) -> Row:
    place, post_id, copies, template, published, leads, cut, whole, keys, grams = values
    every = np.frombuffer(keys, dtype=np.uint32, count=_WIDTH)
    sketch = Sketch(
        np.frombuffer(grams, dtype=np.uint32, count=min(len(grams) // 4, KEPT)),
        bool(whole),
        every[: COPY_BANDS + 1],
        every[COPY_BANDS + 1 :],
        bool(cut),
    )
    return Row(post_id, copies, template, published, bool(leads), sketch, place)

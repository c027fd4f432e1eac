"""SQLite's write-ahead log, also when several processes switch to it at once."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from domain.errors import StoreFailure

_TRIES, _PAUSE = 200, 0.05


def switch(connection: Any) -> None:
    """Switch to WAL. SQLite doesn't wait for another that is switching: ask again.

    Args:
        connection: a DBAPI connection or cursor of `sqlite3`.

    Raises:
        StoreFailure: the file stayed locked for ten seconds.
    """
    for _ in range(_TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(_PAUSE)
        else:
            return
    raise StoreFailure(
        "a database file stays locked", remedy="look for a program that holds it, then run again"
    )

"""The private table that decides `counts_as_author`; its rows die after 48 hours.

It lives in a SQLite file of its own, so that no backup, export or query of the records can hold a
token (architecture.md, redaction and authors). One writer at a time: the decision for a segment
is one transaction.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from domain.errors import StoreFailure
from records.wal import switch

#: An author counts once per case in this rolling window (detection.md).
WINDOW = timedelta(hours=24)
#: Rows older than this, by the time they were written, are deleted.
LIFETIME = timedelta(hours=48)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS first_posts (
  case_id TEXT NOT NULL, token TEXT NOT NULL, post_id TEXT NOT NULL,
  published REAL NOT NULL, written REAL NOT NULL,
  PRIMARY KEY (case_id, token, post_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS first_posts_written ON first_posts (written);
"""


@dataclass(frozen=True, slots=True)
class Appearance:
    """One post of one author on one case; `tokens` are the current key's first, then yesterday's."""

    case_id: str
    tokens: tuple[str, ...]
    post_id: str
    published_at: datetime


class AuthorWindow:
    """Decides, once and repeatably, whether a post is its author's first on a case in 24 hours.

    Any thread may ask: pages answer in threads of their own.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Before SQLite opens it: it gives -wal and -shm the mode the file has at that moment.
        path.touch(mode=0o600)
        path.chmod(0o600)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=60, isolation_level=None, check_same_thread=False
        )
        switch(self._connection)
        self._connection.execute("PRAGMA secure_delete=ON")
        self._connection.executescript(_SCHEMA)

    def decide(self, appearances: Sequence[Appearance], now: datetime) -> list[bool]:
        """Flags in the order given. A post without tokens counts: its source names no author.

        Deciding the same post again gives the same flag while its row lives, which is longer
        than a segment waits; so a segment killed half-way can be run again.

        Raises:
            StoreFailure: the table can't be read or written; nothing was decided.
        """
        with self._lock:
            try:
                return self._transaction(appearances, now)
            except sqlite3.Error as error:
                raise StoreFailure(
                    f"the private author table: {error}",
                    remedy="check the disk and the data folder's permissions; then run again",
                ) from error

    def _transaction(self, appearances: Sequence[Appearance], now: datetime) -> list[bool]:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            flags = [self._decide(appearance, now.timestamp()) for appearance in appearances]
            connection.execute(
                "DELETE FROM first_posts WHERE written < ?", ((now - LIFETIME).timestamp(),)
            )
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return flags

    def _decide(self, appearance: Appearance, written: float) -> bool:
        if not appearance.tokens:
            return True
        published = appearance.published_at.timestamp()
        marks = ",".join("?" * len(appearance.tokens))
        rows = self._connection.execute(
            f"SELECT post_id FROM first_posts WHERE case_id = ? AND token IN ({marks})"  # noqa: S608
            " AND ABS(published - ?) < ?",
            (appearance.case_id, *appearance.tokens, published, WINDOW.total_seconds()),
        ).fetchall()
        if rows:
            return any(post_id == appearance.post_id for (post_id,) in rows)
        self._connection.execute(
            "INSERT INTO first_posts VALUES (?, ?, ?, ?, ?)",
            (appearance.case_id, appearance.tokens[0], appearance.post_id, published, written),
        )
        return True

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

"""Families of near-duplicates, decided post by post as they come in.

A text joins the earliest text that it copies (Jaccard of character 3-grams ≥ .8, or cut short from
it); if there is none it begins a family of its own, and joins the earliest template (≥ .4) or
begins one. Only texts that begin a family, or carry it on, are kept to compare with: so deciding
the same posts in the same order again changes nothing, however they are cut into batches.

What to compare with lies in a file and, as band keys, in memory; each decision first reads what
other processes added (decision 0013).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from domain.annotation import Family
from domain.errors import StoreFailure
from domain.posts import Post
from domain.protocols import Store
from index import lookalike_rows as rows_of
from index.heirs import Heirs
from index.lookalike_decision import HORIZON, Decision
from index.lookalike_matches import Memory
from index.lookalike_rows import Row
from text.quoting import compared
from text.sketches import Sketch, sketches

#: Different texts compared with: those of the horizon at a court that collects 7,000 different ones
#: a day. Beyond it the oldest are forgotten before the horizon. Their arrays take 25 to 40 MB.
MOST = 100_000
#: So late a post may come in and still find what it copies.
LATE = timedelta(days=7)
#: Posts decided in one transaction.
BATCH = 500


class Lookalikes:
    """Tells the family of each post. Safe for threads and several processes."""

    def __init__(self, path: Path, store: Store, most: int = MOST) -> None:
        self._path, self._most, self._heirs = path, most, Heirs(store)
        self._lock = threading.Lock()
        with self._failures():
            self._connection = rows_of.open_file(path)
        self._memory = Memory()

    def decide(self, posts: Sequence[Post]) -> list[Family]:
        """Families in the order given, which is the order in which they are compared.

        Texts are those of the index: redacted. A post that comes again with the same text gets
        the same family. With another text it leaves its family, which a surviving copy stands
        for from then on.

        Raises:
            StoreFailure: the file or the index can't be read or written.
        """
        decided: list[Family] = []
        for start in range(0, len(posts), BATCH):
            batch = posts[start : start + BATCH]
            seen = sketches([compared(post) for post in batch])
            with self._writing() as connection:
                self._release(connection, batch, seen)
                self._catch_up(connection)
                decision = Decision(connection, self._memory, batch, seen, self._most)
                decided += decision.families()
                rows_of.insert(connection, decision.added)
                self._shorten(connection)
        return decided

    def forget(self, ids: Sequence[str]) -> int:
        """Forget these posts' texts; returns how many were compared with.

        Call it while they still stand in the index: a copy that survives is looked for there.
        """
        with self._writing() as connection:
            rows = list(rows_of.of_posts(connection, ids).values())
            self._hand_over(connection, rows, ids)
        if rows:
            self._scrub()
        return len(rows)

    def expire(self, now: datetime) -> int:
        """Forget what no post can be compared with any more; returns how many."""
        with self._writing() as connection:
            edge = (now - HORIZON - LATE).timestamp()
            gone = rows_of.purge(connection, "published < ?", edge)
        if gone:
            self._scrub()
        return gone

    def texts(self) -> int:
        """How many texts are compared with."""
        with self._writing() as connection:
            return int(connection.execute("SELECT COUNT(*) FROM texts").fetchone()[0])

    def clear(self) -> None:
        """Forget everything, to build it anew from the index."""
        with self._writing() as connection:
            rows_of.purge(connection, "place > ?", 0)
        self._scrub()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _release(
        self, connection: sqlite3.Connection, posts: Sequence[Post], seen: Sequence[Sketch]
    ) -> None:
        """Let edited posts leave the families they stand for."""
        held = rows_of.of_posts(connection, [post.id for post in posts])
        edited = [
            held[post.id]
            for post, sketch in zip(posts, seen, strict=True)
            if post.id in held and held[post.id].sketch.grams.tobytes() != sketch.grams.tobytes()
        ]
        self._hand_over(connection, edited, [row.post_id for row in edited])

    def _hand_over(
        self, connection: sqlite3.Connection, rows: Sequence[Row], gone: Sequence[str]
    ) -> None:
        """Delete `rows`; where nobody else stands for their family, put an heir in their place."""
        heirs: dict[str, Row] = {}
        for row in rows:
            if not rows_of.others(connection, row.copies, gone):
                heir = self._heirs.find(row, gone)
                if heir is not None:
                    heirs[heir.post_id] = heir
        if rows:
            rows_of.delete(connection, [row.post_id for row in (*rows, *heirs.values())])
            rows_of.insert(connection, heirs.values())

    def _catch_up(self, connection: sqlite3.Connection) -> None:
        """Read what was added since, or everything after a purge."""
        purges = rows_of.purges(connection)
        if purges != self._memory.purges:
            self._memory = Memory()
            self._memory.purges = purges
        died = rows_of.deaths(connection, self._memory.deaths)
        if died:
            self._memory.deaths = died[-1][0]
            self._memory.bury([place for _, place in died])
        for rows in rows_of.since(connection, self._memory.last):
            self._memory.add(rows)

    def _shorten(self, connection: sqlite3.Connection) -> None:
        """Delete what is compared no more, a tenth at once: whoever reads on must read anew."""
        if self._memory.size > 1.1 * self._most:
            rows_of.purge(connection, "place <= ?", self._memory.last - self._most)

    def _scrub(self) -> None:
        """Wipe what deletions left in the log."""
        with self._lock, self._failures():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._failures():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._memory = Memory()  # it may hold what is rolled back
                    self._connection.execute("ROLLBACK")

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreFailure(
                f"the table of look-alikes: {error}",
                remedy="check the disk and the data folder's permissions; then run again",
                where=str(self._path),
            ) from error

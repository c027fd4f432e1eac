# ruff: noqa: S608 - SQL is made of constants of ours; every value goes through a placeholder.
"""The embedded store: one SQLite file in WAL mode, for one machine and several processes."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from domain.alerts import Count
from domain.annotation import AnnotatedPost
from domain.errors import StoreBusy, StoreFailure
from domain.protocols import Dimension, Page, Query, Upserted
from index.documents import EPOCH, entries, microseconds, read, utc
from index.queries import check_cells, check_ids, check_query, check_slice, usable
from index.sqlite_query import cells, matching, newest
from index.sqlite_rows import column, first_number, insert, next_post, remove
from index.sqlite_schema import migrate

#: A writer waits this long for another one; a transaction of `BATCH` posts takes about 0.3 s.
BUSY_SECONDS = 60.0
#: An extended result code holds the primary one in its low byte.
_PRIMARY = 0xFF
#: Posts a transaction: large enough for speed, small enough that other writers get their turn.
BATCH = 2000
#: Pages of the full-text index merged in one transaction, some 10 ms.
MERGE_PAGES = 1000


class SqliteStore:
    """`Store` in one file. Safe for threads, forks and several processes at once.

    A kill at any instant leaves whole posts: each batch is one transaction, synced to disk
    before `upsert` returns.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._open: list[tuple[int, threading.Thread, sqlite3.Connection]] = []
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Create the file or bring it to the newest schema."""
        with self._failures():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch()
            migrate(self._connection(), str(self.path))

    def upsert(self, posts: Sequence[AnnotatedPost]) -> Upserted:
        """Write posts; an older version than the one held changes nothing and isn't counted."""
        remaining = iter(entries(posts).values())
        created = updated = refused = 0
        while batch := list(islice(remaining, BATCH)):
            with self._writing() as connection:
                ids = json.dumps([entry.id for entry in batch])
                buried = column(
                    connection,
                    "SELECT id FROM tombstones WHERE id IN (SELECT value FROM json_each(?))",
                    ids,
                )
                known = {
                    row[0]: (int(row[1]), int(row[2]))
                    for row in connection.execute(
                        "SELECT id, post, version FROM posts"
                        " WHERE id IN (SELECT value FROM json_each(?))",
                        (ids,),
                    )
                }
                fresh = [e for e in batch if e.id not in known and e.id not in buried]
                newer = [e for e in batch if e.id in known and e.version >= known[e.id][1]]
                remove(connection, [known[entry.id][0] for entry in newer])
                insert(connection, newer, [known[entry.id][0] for entry in newer])
                first = next_post(connection)
                insert(connection, fresh, list(range(first, first + len(fresh))))
            created, updated = created + len(fresh), updated + len(newer)
            refused += len(buried)
        return Upserted(created, updated, refused)

    def get(self, ids: Sequence[str]) -> list[AnnotatedPost]:
        """The known ones of `ids`, in that order."""
        with self._failures():
            rows = self._connection().execute(
                "SELECT p.id, d.document FROM posts p JOIN documents d ON d.post = p.post"
                " WHERE p.id IN (SELECT value FROM json_each(?))",
                (json.dumps([post_id for post_id in ids if usable(post_id)]),),
            )
            found = {row[0]: row[1] for row in rows}
        return [read(json.loads(found[post_id])) for post_id in ids if post_id in found]

    def search(self, query: Query, *, limit: int = 50, offset: int = 0) -> Page:
        """Posts that match, newest first, ties by id; `total` counts all of them."""
        check_slice(limit, offset)
        chosen = check_query(query)
        body, page = matching(chosen), newest(chosen, limit, offset)
        with self._reading() as connection:
            total = first_number(connection, f"SELECT COUNT(*) {body.sql}", body.values)
            rows = connection.execute(page.sql, page.values).fetchall()
        return Page(tuple(read(json.loads(row[0])) for row in rows), total)

    def counts(
        self,
        query: Query,
        by: Sequence[Dimension],
        bucket: timedelta | None = None,
        *,
        distinct: bool = False,
    ) -> list[Count]:
        """Non-empty cells, sorted by key and start; a post is in every cell it has."""
        bucket_ms = check_cells(by, bucket)
        statement = cells(check_query(query), by, bucket_ms, distinct=distinct)
        with self._failures():
            rows = self._connection().execute(statement.sql, statement.values).fetchall()
        counted = [
            Count(
                key=tuple(row[: len(by)]),
                start=None if row[-4] is None else EPOCH + timedelta(microseconds=row[-4]),
                posts=row[-3],
                authors=row[-2],
                distinct=row[-1],
            )
            for row in rows
            if row[-3]
        ]
        return sorted(counted, key=lambda count: (count.key, count.start or EPOCH))

    def total(self, query: Query) -> int:
        """How many posts match, exactly."""
        body = matching(check_query(query))
        with self._failures():
            return first_number(self._connection(), f"SELECT COUNT(*) {body.sql}", body.values)

    def newest(self, sources: Sequence[str]) -> dict[str, datetime]:
        """When the newest post of each of `sources` was published; without those that have none."""
        with self._failures():
            rows = self._connection().execute(
                "SELECT source, MAX(published_us) FROM posts"
                " WHERE source IN (SELECT value FROM json_each(?)) GROUP BY source",
                (json.dumps(list(sources)),),
            )
            return {row[0]: EPOCH + timedelta(microseconds=row[1]) for row in rows}

    def tombstone(self, ids: Sequence[str], at: datetime) -> int:
        """Delete posts for good and refuse them from now on; returns how many were held."""
        moment, gone = microseconds(utc(at, "tombstone")), check_ids(ids)
        with self._writing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO tombstones (id, at_us) VALUES (?, ?)",
                [(post_id, moment) for post_id in gone],
            )
            posts = column(
                connection,
                "SELECT post FROM posts WHERE id IN (SELECT value FROM json_each(?))",
                json.dumps(gone),
            )
            remove(connection, [int(post) for post in posts])
        if gone:  # also when the posts are gone: who deleted them may have died before this
            self._scrub()
        return len(posts)

    def delete_before(self, moment: datetime, source: str = "") -> int:
        """Delete posts published before `moment`, of one source or of all; returns how many."""
        limit = microseconds(utc(moment, "delete_before"))
        deleted = 0
        oldest = (
            "SELECT post FROM posts WHERE published_us < ?"
            f" AND (? = '' OR source = ?) LIMIT {BATCH}"
        )
        while True:
            with self._writing() as connection:
                posts = [int(post) for post in column(connection, oldest, limit, source, source)]
                remove(connection, posts)
            deleted += len(posts)
            if len(posts) < BATCH:
                break
        if deleted:
            self._scrub()
        return deleted

    def close(self) -> None:
        """Close every connection this process opened."""
        with self._lock:
            for process, _, connection in self._open:
                if process == os.getpid():  # a parent's connection isn't ours to close
                    connection.close()
            self._open.clear()
            self._local = threading.local()

    def _scrub(self) -> None:
        """Wipe what deletions left: words in the full-text index, pages in the log.

        Merging in steps lets other writers in between; `secure_delete` blanks what is freed.
        """
        step = -MERGE_PAGES  # negative: begin by bringing all segments to one level
        merged = True
        while merged:
            with self._writing() as connection:
                before = connection.total_changes
                connection.execute(
                    "INSERT INTO post_terms (post_terms, rank) VALUES ('merge', ?)", (step,)
                )
                merged = connection.total_changes - before > 1
            step = MERGE_PAGES
        with self._failures():
            busy = self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise StoreFailure(
                "the log of the index can't be emptied while it is read",
                remedy="run it again: the posts are deleted, copies of them remain in the log",
                where=str(self.path),
            )

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection; a forked child and a new thread open their own."""
        held = getattr(self._local, "held", None)
        if held is not None and held[0] == os.getpid():
            return held[1]  # type: ignore[no-any-return]
        if not self.path.is_file():
            raise StoreFailure(
                "the index does not exist", remedy="call prepare() first", where=str(self.path)
            )
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA cache_size = -64000")
        self._local.held = (os.getpid(), connection)
        with self._lock:
            for process, thread, other in self._open[:]:
                if process == os.getpid() and not thread.is_alive():
                    other.close()
                    self._open.remove((process, thread, other))
            self._open.append((os.getpid(), threading.current_thread(), connection))
        return connection

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
            busy = code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            raise (StoreBusy if busy else StoreFailure)(
                f"SQLite: {error}",
                remedy="check the path, the disk, and that `prepare` ran",
                where=str(self.path),
            ) from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One snapshot for several statements."""
        with self._failures():
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._failures():
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

"""Tables of the embedded store, and the steps that lead to them.

`posts` and `post_cases` carry the same label columns, so that one filter serves both: counts of a
case walk one stretch of `post_cases` and touch nothing else. There is no column for an author.
"""

from __future__ import annotations

import sqlite3
import time

from domain.errors import StoreFailure

#: Of the whole text in `posts`, of what it says about the case in `post_cases`.
STANCES = ("target", "sentiment", "certainty")
#: Of the whole text in both.
FACTS = ("emotion", "demand", "source", "platform", "verified_type", "copies", "template")
LABELS = (*STANCES, *FACTS)

#: Step n leads from user_version n to n + 1. Steps are never edited, only added.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE posts (
            post INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            version INTEGER NOT NULL,
            published_us INTEGER NOT NULL,
            relevant INTEGER NOT NULL,
            linked INTEGER NOT NULL,
            target TEXT NOT NULL, sentiment TEXT NOT NULL, demand TEXT NOT NULL,
            source TEXT NOT NULL, platform TEXT NOT NULL, verified_type TEXT NOT NULL)""",
        "CREATE INDEX posts_newest ON posts (published_us DESC, id)",
        "CREATE TABLE documents (post INTEGER PRIMARY KEY, document TEXT NOT NULL)",
        """CREATE TABLE post_cases (
            case_id TEXT NOT NULL,
            published_us INTEGER NOT NULL,
            post INTEGER NOT NULL,
            counts_as_author INTEGER NOT NULL,
            shared INTEGER NOT NULL, -- the post has other cases too
            relevant INTEGER NOT NULL,
            linked INTEGER NOT NULL,
            target TEXT NOT NULL, sentiment TEXT NOT NULL, demand TEXT NOT NULL,
            source TEXT NOT NULL, platform TEXT NOT NULL, verified_type TEXT NOT NULL,
            PRIMARY KEY (case_id, published_us, post)) WITHOUT ROWID""",
        "CREATE INDEX post_cases_post ON post_cases (post)",
        """CREATE TABLE post_topics (
            post INTEGER NOT NULL, topic TEXT NOT NULL,
            PRIMARY KEY (post, topic)) WITHOUT ROWID""",
        "CREATE INDEX post_topics_topic ON post_topics (topic, post)",
        "CREATE TABLE tombstones (id TEXT PRIMARY KEY, at_us INTEGER NOT NULL) WITHOUT ROWID",
        # Terms are folded already: split at blanks, keep the rest.
        "CREATE VIRTUAL TABLE post_terms USING fts5 (terms, tokenize = 'ascii')",
    ),
    tuple(
        f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT '{before}'"
        for table in ("posts", "post_cases")
        for column, before in (("certainty", "sure"), ("emotion", "unknown"))
    ),
    (
        *(
            f"ALTER TABLE {table} ADD COLUMN {column} TEXT NOT NULL DEFAULT ''"
            for table in ("posts", "post_cases")
            for column in ("copies", "template")
        ),
        # Nobody looked for near-duplicates of these yet: each is alone in its family.
        "UPDATE posts SET copies = id, template = id",
        "UPDATE post_cases SET copies = p.id, template = p.id"
        " FROM posts p WHERE p.post = post_cases.post",
        "CREATE INDEX posts_copies ON posts (copies)",
        "CREATE INDEX posts_template ON posts (template)",
    ),
)


def migrate(connection: sqlite3.Connection, where: str) -> None:
    """Bring the file to the newest schema; several processes may try at once.

    Raises:
        StoreFailure: the file was written by a newer program.
    """
    if _version(connection) == len(MIGRATIONS):
        return
    write_ahead(connection, where)
    connection.execute("BEGIN IMMEDIATE")
    try:
        current = _version(connection)  # another process may have been quicker
        if current > len(MIGRATIONS):
            raise StoreFailure(
                f"the index has schema {current}, this program knows {len(MIGRATIONS)}",
                remedy="install the newer courtpulse again",
                where=where,
            )
        for step in MIGRATIONS[current:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def write_ahead(connection: sqlite3.Connection, where: str) -> None:
    """Switch to WAL. SQLite doesn't wait when several processes switch at once: ask again."""
    for _ in range(100):
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
        else:
            if mode == "wal":
                return
        time.sleep(0.05)
    raise StoreFailure(
        "the file can't be switched to WAL",
        remedy="put it on a local disk; network file systems can't share it",
        where=where,
    )


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])

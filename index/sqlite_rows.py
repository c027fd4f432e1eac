# ruff: noqa: S608 - SQL is made of constants of ours; every value goes through a placeholder.
"""Rows of a post in the embedded store: written and removed in all tables at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from domain.annotation import Stance
from index.documents import Entry
from index.sqlite_schema import FACTS, LABELS

_LABEL_COLUMNS = ", ".join(LABELS)
_INSERT_POST = (
    f"INSERT INTO posts (post, id, version, published_us, relevant, linked, {_LABEL_COLUMNS})"
    f" VALUES (?, ?, ?, ?, ?, ?{', ?' * len(LABELS)})"
)
_INSERT_CASE = (
    "INSERT INTO post_cases (post, published_us, relevant, linked,"
    f" {_LABEL_COLUMNS}, case_id, counts_as_author, shared)"
    f" VALUES (?, ?, ?, ?{', ?' * len(LABELS)}, ?, ?, ?)"
)


def insert(connection: sqlite3.Connection, batch: Sequence[Entry], numbers: Sequence[int]) -> None:
    """Write `batch` under `numbers`, which are free in every table."""
    posts, cases, topics = [], [], []
    for entry, number in zip(batch, numbers, strict=True):
        facts = tuple(entry.document[name] for name in FACTS)
        annotation, stances, counted = (
            entry.annotated.annotation, entry.stances, entry.counted_cases,
        )  # fmt: skip
        common = (entry.published_us, annotation.relevant, bool(stances))
        whole = (*common, *_columns(annotation.stance), *facts)
        posts.append((number, entry.id, entry.version, *whole))
        cases += [
            (number, *common, *_columns(stance), *facts, case, case in counted, len(stances) > 1)
            for case, stance in stances.items()
        ]
        topics += [(number, topic) for topic in set(entry.document["topics"])]
    connection.executemany(_INSERT_POST, posts)
    connection.executemany(_INSERT_CASE, cases)
    connection.executemany("INSERT INTO post_topics (post, topic) VALUES (?, ?)", topics)
    connection.executemany(
        "INSERT INTO documents (post, document) VALUES (?, ?)",
        [(number, entry.encoded) for entry, number in zip(batch, numbers, strict=True)],
    )
    connection.executemany(
        "INSERT INTO post_terms (rowid, terms) VALUES (?, ?)",
        [(number, entry.terms) for entry, number in zip(batch, numbers, strict=True)],
    )


def _columns(stance: Stance) -> tuple[str, str, str]:
    return str(stance.target), str(stance.sentiment), str(stance.certainty)


def remove(connection: sqlite3.Connection, posts: Sequence[int]) -> None:
    """Delete the posts with these numbers from every table, full text included."""
    rows = [(post,) for post in posts]
    for table in ("posts", "documents", "post_cases", "post_topics"):
        connection.executemany(f"DELETE FROM {table} WHERE post = ?", rows)
    connection.executemany("DELETE FROM post_terms WHERE rowid = ?", rows)


def next_post(connection: sqlite3.Connection) -> int:
    """The first number no post has; the caller holds the write lock."""
    return first_number(connection, "SELECT COALESCE(MAX(post), 0) + 1 FROM posts", ())


def first_number(connection: sqlite3.Connection, sql: str, values: tuple[str | int, ...]) -> int:
    """The one number a statement answers with."""
    return int(connection.execute(sql, values).fetchone()[0])


def column(connection: sqlite3.Connection, sql: str, *values: str | int) -> set[str]:
    """The values a statement of one column answers with."""
    return {row[0] for row in connection.execute(sql, values)}

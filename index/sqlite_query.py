# ruff: noqa: S608 - SQL is made of constants of ours; every value goes through a placeholder.
"""Filters and counts as SQL over `posts` and `post_cases`, which share their label columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from domain.protocols import Dimension
from index.queries import Filter
from index.sqlite_schema import LABELS
from index.terms import Phrase


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and the values of its placeholders."""

    sql: str
    values: tuple[str | int, ...]


def matching(chosen: Filter, joins: str = "") -> Statement:
    """`FROM … WHERE …` over the posts that match; each stands there once, as `f`."""
    cases = chosen.values.get("case", ())
    if len(cases) == 1:
        return _where("post_cases f" + joins, chosen, [("f.case_id = ?", cases[0])])
    of_cases = "SELECT post FROM post_cases WHERE case_id IN (SELECT value FROM json_each(?))"
    first = [(f"f.post IN ({of_cases})", json.dumps(cases))] if cases else []
    return _where("posts f" + joins, chosen, first)


def newest(chosen: Filter, limit: int, offset: int) -> Statement:
    """Documents of the posts that match, newest first, ties by id."""
    if len(chosen.values.get("case", ())) == 1:
        body, name = matching(chosen, " JOIN posts p ON p.post = f.post"), "p.id"
    else:
        body, name = matching(chosen), "f.id"  # walks `posts_newest` and stops at the limit
    page = (
        f"SELECT f.post, f.published_us, {name} AS id {body.sql}"
        f" ORDER BY f.published_us DESC, {name} LIMIT ? OFFSET ?"
    )
    return Statement(
        f"SELECT d.document FROM ({page}) n JOIN documents d ON d.post = n.post"
        " ORDER BY n.published_us DESC, n.id",
        (*body.values, limit, offset),
    )


def cells(chosen: Filter, by: Sequence[Dimension], bucket_ms: int | None) -> Statement:
    """Counts grouped by `by` and bucket: columns of the key, start in µs, posts, authors."""
    joins = " JOIN post_topics t ON t.post = f.post" if "topic" in by else ""
    source = _linked(chosen, joins) if "case" in by else matching(chosen, joins)
    names = {"case": "f.case_id", "topic": "t.topic"}
    columns = [names.get(name, f"f.{name}") for name in by]
    width = 1000 * (bucket_ms or 0)
    start = f"f.published_us - ((f.published_us % {width}) + {width}) % {width}"
    columns.append(start if width else "NULL")
    authors = "SUM(f.counts_as_author)" if "case" in by else "NULL"
    groups = ", ".join(str(number + 1) for number in range(len(columns)))
    return Statement(
        f"SELECT {', '.join(columns)}, COUNT(*), {authors} {source.sql} GROUP BY {groups}",
        source.values,
    )


def _linked(chosen: Filter, joins: str) -> Statement:
    """Every pair of a matching post and one of its cases, as `f`."""
    cases = chosen.values.get("case", ())
    if not cases:
        return _where("post_cases f" + joins, chosen, [])
    # A post of the case asked for is also in the cells of its other cases. Few posts have any,
    # so the second arm is short, and the first is one stretch of the primary key.
    listed = json.dumps(cases)
    wanted = "case_id IN (SELECT value FROM json_each(?))"
    table = (
        f"(SELECT * FROM post_cases WHERE {wanted}"
        f" UNION ALL SELECT * FROM post_cases WHERE NOT ({wanted}) AND post IN"
        f" (SELECT post FROM post_cases WHERE shared AND {wanted}))"
    )
    rest = _where(f"{table} f{joins}", chosen, [])
    return Statement(rest.sql, (listed, listed, listed, *rest.values))


def _where(table: str, chosen: Filter, first: list[tuple[str, str]]) -> Statement:
    conditions: list[tuple[str, str | int]] = [*first]
    if chosen.since is not None:
        conditions.append(("f.published_us >= ?", chosen.since))
    if chosen.until is not None:
        conditions.append(("f.published_us < ?", chosen.until))
    if chosen.linked is not None:
        conditions.append(("f.linked = ?", int(chosen.linked)))
    if chosen.relevant is not None:
        conditions.append(("f.relevant = ?", int(chosen.relevant)))
    for name in LABELS:
        if name in chosen.values:
            listed = json.dumps(chosen.values[name])
            conditions.append((f"f.{name} IN (SELECT value FROM json_each(?))", listed))
    if "topic" in chosen.values:
        topics = "SELECT post FROM post_topics WHERE topic IN (SELECT value FROM json_each(?))"
        conditions.append((f"f.post IN ({topics})", json.dumps(chosen.values["topic"])))
    if chosen.phrases:
        found = "SELECT rowid FROM post_terms WHERE post_terms MATCH ?"
        conditions.append((f"f.post IN ({found})", _match(chosen.phrases)))
    return Statement(
        f"FROM {table} WHERE " + (" AND ".join(sql for sql, _ in conditions) or "TRUE"),
        tuple(value for _, value in conditions),
    )


def _match(phrases: Sequence[Phrase]) -> str:
    return " AND ".join(
        '"' + " ".join(phrase.terms).replace('"', '""') + '"' + (" *" if phrase.prefix else "")
        for phrase in phrases
    )

# ruff: noqa: S608 - SQL is made of constants of ours; every value goes through a placeholder.
"""Filters and counts as SQL over `posts` and `post_cases`, which share their label columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from domain.protocols import Dimension
from index.queries import STANCE, Filter
from index.sqlite_schema import FACTS
from index.terms import Phrase


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and the values of its placeholders."""

    sql: str
    values: tuple[str | int, ...]


_Conditions = list[tuple[str, str | int]]


def matching(chosen: Filter, joins: str = "") -> Statement:
    """`FROM … WHERE …` over the posts that match; each stands there once, as `f`."""
    if not chosen.cases:
        return _where("posts f" + joins, chosen, _stance(chosen, "f"))
    if len(chosen.cases) == 1:
        return _pairs(chosen, joins)
    wanted = [_among("c.case_id", chosen.cases), *_stance(chosen, "c")]
    asked = _joined("SELECT post FROM post_cases c WHERE", wanted)
    rest = _where("posts f" + joins, chosen, [])
    return Statement(f"{rest.sql} AND f.post IN ({asked.sql})", (*rest.values, *asked.values))


def _pairs(chosen: Filter, joins: str) -> Statement:
    """Every pair of a matching post and one of the cases asked for."""
    cases = chosen.cases
    first = ("f.case_id = ?", cases[0]) if len(cases) == 1 else _among("f.case_id", cases)
    return _where("post_cases f" + joins, chosen, [first, *_stance(chosen, "f")])


def newest(chosen: Filter, limit: int, offset: int) -> Statement:
    """Documents of the posts that match, newest first, ties by id."""
    if len(chosen.cases) == 1:
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


def cells(
    chosen: Filter, by: Sequence[Dimension], bucket_ms: int | None, *, distinct: bool = False
) -> Statement:
    """Counts grouped by `by` and bucket: columns of the key, start in µs, posts, authors, texts."""
    joins = " JOIN post_topics t ON t.post = f.post" if "topic" in by else ""
    several = len(chosen.cases) > 1 and bool({*by} & {*STANCE})
    if "case" in by:
        source = _linked(chosen, joins)
    else:
        source = _pairs(chosen, joins) if several else matching(chosen, joins)
    names = {"case": "f.case_id", "topic": "t.topic"}
    columns = [names.get(name, f"f.{name}") for name in by]
    width = 1000 * (bucket_ms or 0)
    start = f"f.published_us - ((f.published_us % {width}) + {width}) % {width}"
    columns.append(start if width else "NULL")
    authors = "SUM(f.counts_as_author)" if "case" in by else "NULL"
    groups = ", ".join(str(number + 1) for number in range(len(columns)))
    # A post whose pairs fall into one cell is there once.
    posts = "COUNT(DISTINCT f.post)" if several and "case" not in by else "COUNT(*)"
    texts = "COUNT(DISTINCT f.copies)" if distinct else "NULL"
    return Statement(
        f"SELECT {', '.join(columns)}, {posts}, {authors}, {texts} {source.sql} GROUP BY {groups}",
        source.values,
    )


def _linked(chosen: Filter, joins: str) -> Statement:
    """Every pair of a matching post and one of its cases that fits, as `f`."""
    stance = _stance(chosen, "f")
    if not chosen.cases:
        return _where("post_cases f" + joins, chosen, stance)
    # A post of the case asked for is also in the cells of its other cases. Few posts have any,
    # so the second arm is short, and the first is one stretch of the primary key.
    wanted, listed = _among("case_id", chosen.cases)
    asked = _joined(
        "SELECT post FROM post_cases c WHERE shared AND",
        [_among("c.case_id", chosen.cases), *_stance(chosen, "c")],
    )
    table = (
        f"(SELECT * FROM post_cases WHERE {wanted}"
        f" UNION ALL SELECT * FROM post_cases WHERE NOT ({wanted}) AND post IN ({asked.sql}))"
    )
    rest = _where(f"{table} f{joins}", chosen, stance)
    return Statement(rest.sql, (listed, listed, *asked.values, *rest.values))


def _stance(chosen: Filter, table: str) -> _Conditions:
    return [_among(f"{table}.{name}", values) for name, values in chosen.stance.items()]


def _among(column: str, values: Sequence[str]) -> tuple[str, str]:
    return f"{column} IN (SELECT value FROM json_each(?))", json.dumps(values)


def _joined(start: str, conditions: _Conditions) -> Statement:
    return Statement(
        f"{start} " + (" AND ".join(sql for sql, _ in conditions) or "TRUE"),
        tuple(value for _, value in conditions),
    )


def _where(table: str, chosen: Filter, first: _Conditions) -> Statement:
    conditions = [*first]
    if chosen.since is not None:
        conditions.append(("f.published_us >= ?", chosen.since))
    if chosen.until is not None:
        conditions.append(("f.published_us < ?", chosen.until))
    if chosen.linked is not None:
        conditions.append(("f.linked = ?", int(chosen.linked)))
    if chosen.relevant is not None:
        conditions.append(("f.relevant = ?", int(chosen.relevant)))
    conditions += [_among(f"f.{n}", chosen.values[n]) for n in FACTS if n in chosen.values]
    if "topic" in chosen.values:
        topics = "SELECT post FROM post_topics WHERE topic IN (SELECT value FROM json_each(?))"
        conditions.append((f"f.post IN ({topics})", json.dumps(chosen.values["topic"])))
    if chosen.phrases:
        found = "SELECT rowid FROM post_terms WHERE post_terms MATCH ?"
        conditions.append((f"f.post IN ({found})", _match(chosen.phrases)))
    return _joined(f"FROM {table} WHERE", conditions)


def _match(phrases: Sequence[Phrase]) -> str:
    return " AND ".join(
        '"' + " ".join(phrase.terms).replace('"', '""') + '"' + (" *" if phrase.prefix else "")
        for phrase in phrases
    )

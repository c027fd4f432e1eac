"""A query and a count request, checked once for all stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from domain.errors import BadInput
from domain.protocols import Dimension, Query
from index.documents import MAX_KEY_BYTES, microseconds, utc
from index.terms import Phrase, phrases

#: Dimensions of the whole text, or of what it says about a case: see `Filter.stance`.
STANCE: tuple[Dimension, ...] = ("target", "sentiment", "certainty")
#: Dimensions of which a post can have several values, or none.
MANY_VALUED = frozenset({"case", "topic"})
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Filter:
    """A checked query.

    Attributes:
        phrases: all must occur.
        values: dimension → the values of which a post must have one; only filled ones.
        since, until: microseconds since the epoch, since ≤ t < until.
    """

    phrases: tuple[Phrase, ...]
    values: dict[str, tuple[str, ...]]
    since: int | None
    until: int | None
    linked: bool | None
    relevant: bool | None

    @property
    def cases(self) -> tuple[str, ...]:
        """The cases asked for."""
        return self.values.get("case", ())

    @property
    def stance(self) -> dict[str, tuple[str, ...]]:
        """What is asked of target, sentiment and certainty: of one of the `cases`, if there are
        any, else of the whole text."""
        return {name: self.values[name] for name in STANCE if name in self.values}


def check_query(query: Query) -> Filter:
    """Turn `query` into a filter.

    Raises:
        BadInput: a time without zone, or a text in which there is nothing to search for.
    """
    given: dict[str, tuple[str, ...]] = {
        "case": query.cases,
        "target": query.targets,
        "sentiment": query.sentiments,
        "certainty": query.certainties,
        "emotion": query.emotions,
        "topic": query.topics,
        "demand": query.demands,
        "source": query.sources,
        "platform": query.platforms,
        "copies": query.copies,
        "template": query.templates,
    }
    values = {name: tuple(sorted(map(str, chosen))) for name, chosen in given.items() if chosen}
    for chosen in values.values():
        check_words(chosen)
    return Filter(
        phrases=phrases(query.text),
        values=values,
        since=_instant(query.since),
        until=_instant(query.until),
        linked=query.linked,
        relevant=query.relevant,
    )


def check_words(words: Sequence[str]) -> None:
    """Refuse words that no store can hold.

    Raises:
        BadInput: a word holds a lone surrogate.
    """
    try:
        "".join(words).encode("utf-8")
    except UnicodeEncodeError as error:
        raise BadInput("the query holds a lone surrogate", remedy="type it again") from error


def check_cells(by: Sequence[Dimension], bucket: timedelta | None) -> int | None:
    """Check what counts are asked for; returns the bucket in milliseconds, None for none.

    Raises:
        BadInput: unknown or repeated dimension, or a bucket that is not whole milliseconds.
    """
    unknown = [name for name in by if name not in get_args(Dimension)]
    if unknown or len(set(by)) != len(by):
        raise BadInput(
            f"can't count by {', '.join(map(str, by))}",
            remedy=f"use each of {', '.join(get_args(Dimension))} at most once",
        )
    if bucket is None:
        return None
    if bucket < _MILLISECOND or bucket % _MILLISECOND:
        raise BadInput(
            f"a bucket of {bucket} can't be counted", remedy="use whole milliseconds, 1 or more"
        )
    return bucket // _MILLISECOND


def usable(post_id: str) -> bool:
    """Whether a post could have this id; one that couldn't is simply unknown."""
    key = post_id.encode("utf-8", "surrogatepass")
    return 0 < len(key) <= MAX_KEY_BYTES and key.decode("utf-8", "ignore") == post_id


def check_ids(ids: Sequence[str]) -> list[str]:
    """`ids` without repetitions.

    Raises:
        BadInput: one of them can't be an id.
    """
    for post_id in ids:
        if not usable(post_id):
            raise BadInput(
                "not the id of a post", remedy="give 32 hex digits", where=ascii(post_id)[:80]
            )
    return list(dict.fromkeys(ids))


def check_slice(limit: int, offset: int) -> None:
    """Refuse a slice that doesn't exist.

    Raises:
        BadInput: `limit` or `offset` is negative.
    """
    if limit < 0 or offset < 0:
        raise BadInput("limit and offset are 0 or more", remedy="leave them out")


def _instant(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(utc(moment, "query"))

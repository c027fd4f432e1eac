"""Search terms, the same for every store, so that the same query finds the same posts."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import BadInput
from text.bigrams import index_terms, is_open, query_phrases

#: SQLite takes no deeper expression than 256, Elasticsearch no more than some 1,000 clauses.
MAX_PHRASES, MAX_TERMS = 64, 500


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that must stand one after the other.

    Attributes:
        prefix: the last term is the beginning of one in the index (a single character).
    """

    terms: tuple[str, ...]
    prefix: bool = False


def searchable(text: str) -> str:
    """The terms of `text`, joined by blanks; "" when it has none."""
    return " ".join(index_terms(text))


def phrases(text: str) -> tuple[Phrase, ...]:
    """The phrases of which all must occur; none when `text` is blank.

    Raises:
        BadInput: `text` isn't blank, but there is nothing in it to search for, or too much.
    """
    if not text.strip():
        return ()
    found = tuple(Phrase(tuple(terms), is_open(terms)) for terms in query_phrases(text))
    if not found:
        raise BadInput(
            "there is no word to search for", remedy="type Chinese characters, letters or digits"
        )
    if len(found) > MAX_PHRASES or sum(len(phrase.terms) for phrase in found) > MAX_TERMS:
        raise BadInput(
            "the search text is too long",
            remedy=f"use at most {MAX_PHRASES} words and {MAX_TERMS} characters",
        )
    return found

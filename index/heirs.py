"""Who stands for a family when the post that did is deleted or edited: a surviving copy of it."""

from __future__ import annotations

from collections.abc import Sequence

from domain.chronology import oldest
from domain.protocols import Query, Store
from index.lookalike_rows import Row
from text.quoting import compared
from text.sketches import sketches


class Heirs:
    """Finds heirs in the index, whose texts are those the families were made of."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, row: Row, gone: Sequence[str]) -> Row | None:
        """The row to stand for the family of `row`; None when nobody is left.

        Args:
            gone: posts that can't.
        """
        # A template without its first text is led by the next text of it, whatever it copies.
        queries = [Query(copies=(row.copies,))]
        queries += [Query(templates=(row.template,))] if row.leads else []
        for query in queries:
            heir = next(
                (one for one in oldest(self._store, query) if one.post.id not in gone), None
            )
            if heir is not None and heir.family is not None:
                leads = row.leads and heir.family.template == row.template
                [sketch] = sketches([compared(heir.post)])
                published = heir.post.published_at.timestamp()
                return Row(heir.post.id, heir.family.copies, row.template, published, leads, sketch)
        return None

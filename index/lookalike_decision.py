"""Families of one batch: compared with what was there before it, then one by one with itself."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from domain.annotation import Family
from domain.posts import Post
from index import lookalike_rows as rows_of
from index.buckets import FULL, Words
from index.lookalike_matches import Memory, Side, shared
from index.lookalike_rows import Row
from text.sketches import Sketch, alike, similar

#: Similarity of a copy and of a template (practice.md §4).
COPY, TEMPLATE = 0.8, 0.4
#: A text is compared with those published up to so long before or after it.
HORIZON = timedelta(days=14)
#: A copy that comes so long after the text it was compared with carries its family on.
CARRY = HORIZON / 2
#: Candidates compared, those that share most bands first; the true ones share several.
COMPARED = 4


def family_id(post: Post, sketch: Sketch) -> str:
    """16 hex digits of the family `post` begins; with another text it begins another one."""
    text = sketch.plain.encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=8, key=post.id.encode()[:64]).hexdigest()


class Decision:
    """Families of `posts` in order; `added` are the rows that later posts are compared with."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        memory: Memory,
        posts: Sequence[Post],
        seen: Sequence[Sketch],
        most: int,
    ) -> None:
        self._posts, self._seen, self._most, self._last = posts, seen, most, memory.last
        self._times = [post.published_at.timestamp() for post in posts]
        self._own = rows_of.of_posts(connection, [post.id for post in posts])
        self._copies = _Level(COPY, np.array([one.copy_keys for one in seen]), seen, self._times)
        self._copies.compare(connection, memory.copies, range(len(posts)))
        keys = np.array([one.template_keys for one in seen])
        self._templates = _Level(TEMPLATE, keys, seen, self._times)
        alone = [number for number in range(len(posts)) if not self._copies.matching[number]]
        self._templates.compare(connection, memory.templates, alone)
        self.added: list[Row] = []

    def families(self) -> list[Family]:
        """Decide on every post in order."""
        return [self._family(number) for number in range(len(self._posts))]

    def _family(self, number: int) -> Family:
        post = self._posts[number]
        own = self._own.get(post.id)
        if own is not None:
            return Family(own.copies, own.template)
        oldest = self._last + len(self.added) - self._most
        matches = self._copies.matches(number, oldest)
        if matches:
            first = matches[0]
            self._carry(number, first, matches)
            return Family(first.copies, first.template)
        begun = family_id(post, self._seen[number])
        above = self._templates.matches(number, oldest)
        family = Family(begun, above[0].template if above else begun)
        self._add(number, family, leads=not above)
        return family

    def _carry(self, number: int, first: Row, matches: Sequence[Row]) -> None:
        """Let a copy stand for its family, too, if all those before it are old, or cut short."""
        edge, cut = self._times[number] - CARRY.total_seconds(), self._seen[number].cut
        same = [row for row in matches if row.copies == first.copies]
        if all(row.published < edge or (row.sketch.cut and not cut) for row in same):
            self._add(number, Family(first.copies, first.template), leads=True)

    def _add(self, number: int, family: Family, *, leads: bool) -> None:
        post = self._posts[number]
        place = self._last + len(self.added) + 1  # only its order matters until it is written
        row = Row(
            post.id, family.copies, family.template, self._times[number], leads,
            self._seen[number], place,
        )  # fmt: skip
        self.added.append(row)
        self._own[post.id] = row
        self._copies.add(number, row)
        if leads:
            self._templates.add(number, row)


class _Level:
    """Copies or templates of one batch.

    Args:
        keys: band keys, a row for each text.
    """

    def __init__(
        self, threshold: float, keys: Words, seen: Sequence[Sketch], times: Sequence[float]
    ) -> None:
        self._threshold, self._keys, self._seen, self._times = threshold, keys, seen, times
        self._marks = _repeated(keys)
        self._crowd: dict[int, int] = {}
        # (bands shared, row) of candidates from before the batch; places of those that match.
        self._found: dict[int, list[tuple[int, Row]]] = defaultdict(list)
        self.matching: dict[int, set[int]] = defaultdict(set)
        self._fresh: dict[int, list[Row]] = {}

    def compare(self, connection: sqlite3.Connection, side: Side, numbers: Sequence[int]) -> None:
        """Compare these texts with what was there before."""
        if not side.buckets.size or not numbers:
            return
        chosen, horizon = np.array(numbers), HORIZON.total_seconds()
        keys, times = self._keys[chosen], np.array(self._times)[chosen]
        answer = shared(side, keys, times, horizon, COMPARED)
        busy = answer.crowd > 0
        marks = _marked(keys)[busy].tolist()
        self._crowd = dict(zip(marks, answer.crowd[busy].tolist(), strict=True))
        pairs = [(numbers[number], place, bands) for number, place, bands in answer.pairs]
        held = rows_of.at(connection, sorted({place for _, place, _ in pairs}))
        verdicts = alike(
            [(self._seen[n], held[place].sketch) for n, place, _ in pairs], self._threshold
        )
        for (number, place, bands), same in zip(pairs, verdicts, strict=True):
            self._found[number].append((bands, held[place]))
            if same:
                self.matching[number].add(place)

    def matches(self, number: int, oldest: int) -> list[Row]:
        """Rows similar enough among the candidates that share most bands, earliest first."""
        known = self._found.get(number, [])
        ranked = [*known, *self._in_batch(number)]
        if not ranked:
            return []
        ranked = [one for one in ranked if one[1].place > oldest]
        ranked.sort(key=lambda one: (-one[0], one[1].place))
        compared = {row.place for _, row in known}
        chosen = sorted((row for _, row in ranked[:COMPARED]), key=lambda row: row.place)
        return [row for row in chosen if self._match(number, row, compared)]

    def _match(self, number: int, row: Row, compared: set[int]) -> bool:
        if row.place in compared:
            return row.place in self.matching.get(number, ())
        return similar(self._seen[number], row.sketch, self._threshold)

    def _in_batch(self, number: int) -> list[tuple[int, Row]]:
        bands: dict[int, int] = {}
        rows: dict[int, Row] = {}
        now, horizon = self._times[number], HORIZON.total_seconds()
        for mark in self._marks[number]:
            for row in self._fresh.get(mark, ()):
                if abs(row.published - now) <= horizon:
                    bands[row.place] = bands.get(row.place, 0) + 1
                    rows[row.place] = row
        return [(count, rows[place]) for place, count in bands.items()]

    def add(self, number: int, row: Row) -> None:
        """Let later texts of the batch find `row`, where a key isn't full."""
        for mark in self._marks[number]:
            same = self._fresh.setdefault(mark, [])
            if len(same) + self._crowd.get(mark, 0) < FULL:
                same.append(row)


def _marked(keys: Words) -> npt.NDArray[np.int64]:
    """Band and key in one number."""
    bands = np.arange(keys.shape[1], dtype=np.int64) << 32
    marked: npt.NDArray[np.int64] = keys.astype(np.int64) | bands
    return marked


def _repeated(keys: Words) -> list[list[int]]:
    """Of each text the marks that another text of the batch has too; the others find nobody."""
    marks = _marked(keys)
    ordered = np.sort(marks, axis=None)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if not twice.size:
        return [[] for _ in keys]
    places = np.minimum(twice.searchsorted(marks), twice.size - 1)
    common = twice[places] == marks
    return [row[kept].tolist() for row, kept in zip(marks, common, strict=True)]

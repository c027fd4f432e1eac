"""The vectorised table of band keys finds what a list of plain keys finds, however it grew."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from index.buckets import FULL, Buckets

BANDS = 3
Row = tuple[int, ...]
#: Keys that are equal, share a slot (the low 17 bits) or what is kept beside it, or nothing.
KEYS = st.sampled_from([0, 1, 1 << 17, 1 + (1 << 17), (1 << 17) - 1, 1 << 31, (1 << 32) - 1])
BATCHES = st.lists(st.lists(st.tuples(*[KEYS] * BANDS), max_size=60), min_size=1, max_size=6)


class Plain:
    """What `Buckets` says it does, without arrays."""

    def __init__(self) -> None:
        self.size = 0
        self.entries: list[dict[int, list[int]]] = [{} for _ in range(BANDS)]

    def add(self, rows: list[Row]) -> None:
        for row in rows:
            for held, key in zip(self.entries, row, strict=True):
                sharing = held.setdefault(key, [])
                if len(sharing) < FULL:
                    sharing.append(self.size)
            self.size += 1

    def find(self, rows: list[Row]) -> list[tuple[int, int, int]]:
        return sorted(
            (number, band, entry)
            for number, row in enumerate(rows)
            for band, key in enumerate(row)
            for entry in self.entries[band].get(key, [])
        )


def words(rows: list[Row]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint32]]:
    return np.array(rows, dtype=np.uint32).reshape(-1, BANDS)


def found(table: Buckets, rows: list[Row]) -> list[tuple[int, int, int]]:
    return sorted(zip(*(part.tolist() for part in table.find(words(rows))), strict=True))


@settings(max_examples=60, deadline=None)
@given(BATCHES, st.sampled_from([1, 7, 4096]))
def test_it_finds_what_a_plain_table_finds_after_every_batch(
    batches: list[list[Row]], capacity: int
) -> None:
    table, plain = Buckets(BANDS, capacity), Plain()
    asked: list[Row] = [(key,) * BANDS for key in (0, 1, 1 << 17, (1 << 32) - 1, 5)]
    for batch in batches:
        table.add(words(batch))
        plain.add(batch)
        assert table.size == plain.size
        assert found(table, asked + batch) == plain.find(asked + batch)
        crowd = table.crowd(words(asked))
        held = [len(plain.entries[0].get(row[0], [])) for row in asked]
        assert crowd[:, 0].tolist() == held


def test_a_full_key_takes_no_more_within_a_batch_across_batches_and_across_chunks() -> None:
    rows: list[Row] = [(7, number, number % 90) for number in range(9_000)]
    plain = Plain()
    plain.add(rows)
    for cuts in ((9_000,), (1, FULL - 2, FULL + 5, 4_097)):
        table, start = Buckets(BANDS, 16), 0
        for length in (*cuts, len(rows)):
            table.add(words(rows[start : start + length]))
            start += length
        assert table.size == len(rows)
        assert table.crowd(words([(7, 8_999, 89)])).tolist() == [[FULL, 1, FULL]]
        assert found(table, rows[-90:]) == plain.find(rows[-90:])


def test_nothing_is_found_in_an_empty_table_or_for_no_keys() -> None:
    table = Buckets(BANDS)
    table.add(words([]))
    assert (table.size, found(table, [(0, 0, 0)])) == (0, [])
    table.add(words([(0, 0, 0)]))
    assert found(table, []) == []

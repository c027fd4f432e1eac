"""Tombstones, count records and the exports list, on every database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.deletion import DeletionReason, ExportKind, Tombstone
from domain.errors import NotAllowed, NotFound
from records import Records

A, B, C = ("a" * 32, "b" * 32, "c" * 32)


def test_an_id_is_buried_once_and_pending_until_every_place_is_clear(records, clock) -> None:
    number = records.deletions.ask(
        [A, B], DeletionReason.GONE, "weibo_search", held=[A], cases=["c1", "c1"]
    )
    assert records.deletions.ask([B], DeletionReason.ASKED, "weibo_search") is None
    (pending,) = records.deletions.pending()
    assert (pending.id, pending.asked, pending.held, pending.cases) == (number, 2, 1, ("c1",))
    assert records.deletions.ids_of(number) == [A, B]
    records.deletions.cleared(number, "index", 1)
    records.deletions.cleared(number, "index", 0)  # killed before the next place, run again
    records.deletions.cleared(number, "inbox", 2)
    clock.now += timedelta(minutes=1)
    records.deletions.finish(number)
    assert records.deletions.pending() == []
    (done,) = records.deletions.recent()
    assert done.places == (("index", 1), ("inbox", 2))
    assert done.finished_at == clock.now
    assert records.deletions.buried([A, C]) == {A}


def test_counts_are_by_source_and_reason(records, clock) -> None:
    records.deletions.ask([A, B], DeletionReason.GONE, "weibo_search")
    records.deletions.ask([C], DeletionReason.PUSHED, "weibo_push")
    now = clock.now
    assert records.deletions.tally(now, now + timedelta(seconds=1)) == {
        ("weibo_push", DeletionReason.PUSHED): 1,
        ("weibo_search", DeletionReason.GONE): 2,
    }
    assert records.deletions.tally(now - timedelta(days=1), now) == {}


def test_a_journal_brings_back_what_a_backup_forgot(records, clock) -> None:
    records.deletions.ask([A], DeletionReason.GONE, "feed")
    stones = [
        *records.deletions.tombstones(),
        Tombstone(B, "feed", DeletionReason.ASKED, clock.now),
    ]
    assert records.deletions.bury(stones) == 1
    assert records.deletions.bury(stones) == 0
    assert {stone.post_id for stone in records.deletions.tombstones()} == {A, B}
    assert len(records.deletions.pending()) == 1, "a journal makes no count record"


def test_what_left_is_recalled_after_a_deletion(records, clock) -> None:
    report = (ExportKind.REPORT, "weekly-2026-11-16.docx")
    assert records.exports.enter(*report, "digest-1", [A])
    assert not records.exports.enter(*report, "digest-1", [B])
    assert records.exports.enter(*report, "digest-2", [B])
    assert records.exports.to_recall() == []
    clock.now += timedelta(hours=1)
    records.deletions.ask([A], DeletionReason.GONE, "feed")
    (old,) = records.exports.to_recall()
    assert (old.name, old.version, old.posts, old.deleted) == (report[1], "digest-1", 2, 1)
    with pytest.raises(NotAllowed):
        records.exports.settle(old.id, " ")
    with pytest.raises(NotFound):
        records.exports.settle(999, "值班员")
    clock.now += timedelta(hours=1)
    records.exports.settle(old.id, "值班员")
    assert records.exports.to_recall() == []
    clock.now += timedelta(hours=1)
    records.deletions.ask([B], DeletionReason.GONE, "feed")
    assert {(one.version, one.deleted) for one in records.exports.to_recall()} == {
        ("digest-1", 1),
        ("digest-2", 1),
    }
    assert {one.settled_by for one in records.exports.recent()} == {"值班员", ""}
    assert records.exports.delete_before(clock.now) == 2
    assert records.exports.recent() == []


def test_a_kill_between_two_deletions_leaves_both_findable(url, clock) -> None:
    first = Records.open(url, clock)
    first.deletions.ask([A], DeletionReason.GONE, "feed")
    first.close()
    again = Records.open(url, clock)
    again.deletions.ask([B], DeletionReason.GONE, "feed")
    assert [again.deletions.ids_of(one.id) for one in again.deletions.pending()] == [[A], [B]]
    again.close()

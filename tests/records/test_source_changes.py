"""Two programs that notice the same at one instant do each other no harm."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from domain.sources import GapReason
from records import Records
from records.source_changes import SourceChange, Standing, Subject

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)


def began(source: str) -> tuple[Standing, SourceChange]:
    standing = Standing(source, Subject.SILENCE, True, NOON)
    change = SourceChange(
        f"silence-{source}", source, Subject.SILENCE, True, NOON, NOON, NOON, GapReason.DOWN
    )
    return standing, change


def test_several_programs_may_notice_the_same_at_one_instant(
    url: str, clock: Callable[[], datetime]
) -> None:
    opened = [Records.open(url, clock) for _ in range(4)]
    ready = threading.Barrier(len(opened))

    def notice(records: Records) -> None:
        for number in range(25):
            ready.wait(30)
            records.source_changes.move(*began(f"source{number}"))
            records.marks.set(f"mark{number}", NOON)

    with ThreadPoolExecutor(len(opened)) as pool:
        for done in [pool.submit(notice, records) for records in opened]:
            done.result(60)
    [first, *_] = opened
    assert len(first.source_changes.standings()) == 25
    assert len(first.source_changes.untold()) == 25, "each once, under its key"
    assert {first.marks.get(f"mark{number}") for number in range(25)} == {NOON}
    for records in opened:
        records.close()


def test_a_change_that_was_told_is_not_told_again(records: Records) -> None:
    standing, change = began("court_feed")
    records.source_changes.move(standing, change)
    records.source_changes.told([change], NOON)
    records.source_changes.move(standing, change)
    assert records.source_changes.untold() == []
    over = Standing("court_feed", Subject.SILENCE, False, NOON + timedelta(hours=1))
    records.source_changes.move(over)
    assert records.source_changes.standings() == {("court_feed", Subject.SILENCE): over}

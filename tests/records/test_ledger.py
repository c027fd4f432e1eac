"""The ledger's repositories on SQLite and PostgreSQL: appended, idempotent, for two at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

from domain.hours import HOUR, Basis, SourceHour
from domain.ledger import LedgerEntry, RobotsReading, RobotsVerdict
from domain.sources import GapReason, SourceRun
from records.run_upkeep import forget_runs, spoil
from records.source_changes import SourceChange, Standing, Subject

ENTRY = LedgerEntry(
    "news", "新闻", "news", "feed", "公开网页", "新闻办", "江采〔2026〕8号", date(2027, 3, 31),
    credentials={"access_token": "NEWS_TOKEN"}, declared_in="news.yml",
)  # fmt: skip


def test_versions_are_appended_and_found_by_day(records, clock):
    first = clock.now
    assert [one.revision for one in records.ledger.register([ENTRY])] == [1]
    assert records.ledger.register([ENTRY]) == [], "saying it again says nothing"
    clock.now += 3 * HOUR
    later = replace(ENTRY, basis="书面授权", retention=timedelta(days=30))
    assert records.ledger.note(later) is not None
    clock.now += 3 * HOUR
    records.ledger.register([])
    history = records.ledger.history("news")
    assert [one.changed for one in history] == [(), ("basis", "retention"), ()]
    assert [one.entry for one in history] == [ENTRY, later, None]
    assert records.ledger.at("news", first + HOUR).entry == ENTRY
    assert records.ledger.at("news", first + 3 * HOUR).entry == later
    assert records.ledger.at("news", first - HOUR) is None
    assert records.ledger.entries() == []


def test_two_programs_may_register_the_same_change_at_once(records):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: records.ledger.register([ENTRY]), range(8)))
    assert [one.revision for one in records.ledger.history("news")] == [1]


def test_a_verdict_is_kept_once_with_its_last_fetch(records, clock):
    def read(verdict, minutes, address="https://news.example/robots.txt"):
        at = clock.now + timedelta(minutes=minutes)
        records.robots.add("news", [RobotsReading(address, verdict, at, 200)])

    for minutes in (0, 5, 10, 5):
        read(RobotsVerdict.ALLOWED, minutes)
    (known,) = records.robots.newest("news")
    assert known.since == clock.now
    assert known.reading.fetched_at == clock.now + timedelta(minutes=10)
    read(RobotsVerdict.DISALLOWED, 15)
    read(RobotsVerdict.ALLOWED, 15, "https://other.example/robots.txt")
    assert [one.reading.verdict for one in records.robots.newest()] == [
        RobotsVerdict.DISALLOWED, RobotsVerdict.ALLOWED
    ]  # fmt: skip
    assert len(records.robots.history("news")) == 3


def test_hours_come_back_whole_and_are_written_once(records, clock):
    hours = [
        SourceHour("news", clock.now + number * HOUR, 3, 4, 0.1, 30.0, 12.5, Basis.PAST, 8, 0.5,
                   0.25, GapReason.DOWN, "连不上", settled=False)
        for number in range(600)
    ]  # fmt: skip
    assert records.hours.save(hours) == 600
    assert records.hours.save(hours) == 0
    assert records.hours.between(clock.now, clock.now + 600 * HOUR) == hours
    changed = replace(hours[7], got=9, settled=True)
    assert records.hours.save([*hours[:7], changed, *hours[8:]]) == 1
    assert records.hours.at({changed.start}) == [changed]
    assert records.hours.between(clock.now, clock.now + HOUR, ["other"]) == []
    assert records.hours.delete_before(clock.now + 590 * HOUR) == 590


def test_a_change_waits_until_it_is_told_and_stands_once(records, clock):
    change = SourceChange("silence-news-1", "news", Subject.SILENCE, True, clock.now, clock.now,
                          clock.now, GapReason.DOWN, "连不上")  # fmt: skip
    standing = Standing("news", Subject.SILENCE, True, clock.now)
    records.source_changes.move(standing, change)
    records.source_changes.move(standing, change)
    assert records.source_changes.untold() == [change]
    assert records.source_changes.standings() == {("news", Subject.SILENCE): standing}
    records.source_changes.told([change], clock.now + HOUR)
    assert records.source_changes.untold() == []
    (kept,) = records.source_changes.between(clock.now, clock.now + HOUR, "news")
    assert kept == replace(change, told_at=clock.now + HOUR)


def _run(at, **fields):
    return SourceRun("news", at, at + timedelta(minutes=1), at - HOUR, at, new=3, **fields)


def test_a_spoilt_run_covers_nothing_any_more(records, clock):
    records.runs.add_run(_run(clock.now - HOUR))
    records.runs.add_run(_run(clock.now))
    assert spoil(records, clock.now + timedelta(seconds=30), "损坏") == ["news"]
    assert spoil(records, clock.now + timedelta(seconds=30), "损坏") == []
    assert records.runs.last_covered("news") == clock.now - HOUR, "it is asked for again"
    (gap,) = records.runs.gaps(clock.now - 9 * HOUR, clock.now + 9 * HOUR)
    assert (gap.start, gap.end, gap.reason) == (clock.now - HOUR, clock.now, GapReason.DAMAGED)


def test_forgetting_old_runs_keeps_what_coverage_rests_on(records, clock):
    for number in range(5):
        records.runs.add_run(_run(clock.now + number * HOUR))
    records.runs.add_run(_run(clock.now + 5 * HOUR, gap=GapReason.DOWN))
    assert forget_runs(records, clock.now + 100 * HOUR) == 4
    assert records.runs.last_covered("news") == clock.now + 4 * HOUR
    assert min(run.window_start for run in records.runs.runs()) == clock.now - HOUR

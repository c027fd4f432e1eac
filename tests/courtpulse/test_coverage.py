"""Coverage by source and hour over real stores: what came, what was seen, what was to be expected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from courtpulse.coverage import cover
from courtpulse.retention import expire_records, expire_sources
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from crawlers.inbox import Inbox
from domain.annotation import AnnotatedPost, Annotation, Demand, Sentiment, Target
from domain.deletion import ExportKind
from domain.hours import HOUR, Basis, HourState, SourceHour
from domain.ledger import LedgerEntry
from domain.posts import CollectedPost, Platform, Post, PostKind
from domain.protocols import Query
from domain.sources import Gap, GapReason, SourceRun
from records.runs import SourceInfo

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
TOP = datetime(2026, 11, 23, 6, tzinfo=UTC)
WEEK = timedelta(days=7)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rooms(tmp_path: Path, clock: Clock) -> Iterator[Rooms]:
    (tmp_path / "sources").mkdir()
    rooms = Rooms(Settings(data=tmp_path / "data", sources=(tmp_path / "sources",)), clock)
    rooms.settings.make_folder()
    declare(rooms)
    yield rooms
    rooms.close()


def declare(rooms: Rooms, rate: float = 1.0) -> None:
    rooms.records.runs.register([SourceInfo("news", "新闻", "news", timedelta(minutes=10), rate)])
    rooms.records.ledger.register(
        [LedgerEntry("news", "新闻", "news", "feed", "公开网页", "新闻办", sample_rate=rate)]
    )


def post(number: int, at: datetime, source: str = "news") -> Post:
    return Post(
        id=f"{number:032x}", source=source, platform=Platform.NEWS, kind=PostKind.ARTICLE,
        text="云岫区法院通报。", url="", published_at=at, fetched_at=at,
    )  # fmt: skip


def publish(rooms: Rooms, at: datetime, count: int, first: int = 0) -> None:
    label = Annotation(Target.COURT, Sentiment.NEUTRAL, (), Demand.NONE, model="m")
    rooms.store.upsert(
        [
            AnnotatedPost(post(first + n, at + n * timedelta(seconds=1)), label, ())
            for n in range(count)
        ]
    )


def ran(rooms: Rooms, start: datetime, end: datetime, new: int = 0, **fields: object) -> None:
    rooms.records.runs.add_run(SourceRun("news", end, end, start, end, new=new, **fields))


def hours(rooms: Rooms) -> dict[int, SourceHour]:
    """By hours before the one that runs."""
    cover(rooms)
    found = rooms.records.hours.between(TOP - 40 * 24 * HOUR, TOP + HOUR)
    return {int((TOP - hour.start) / HOUR): hour for hour in found}


def test_an_hour_has_what_came_what_was_seen_and_why_not(rooms):
    ran(rooms, TOP - 6 * HOUR, TOP - 3 * HOUR, new=5)
    rooms.records.runs.add_gap(
        Gap("news", TOP - 3 * HOUR, TOP - 1.5 * HOUR, GapReason.RATE_LIMITED, "HTTP 429")
    )
    ran(rooms, TOP - 1.5 * HOUR, NOW, new=2)
    publish(rooms, TOP - 4 * HOUR, 5)
    publish(rooms, TOP, 2, first=100)
    found = hours(rooms)
    assert sorted(found) == [0, 1, 2, 3, 4, 5, 6], "before the first window nothing is watched"
    assert (found[4].got, found[4].arrived, found[4].state) == (5, 0, HourState.FULL)
    assert (found[3].arrived, found[3].covered, found[3].state) == (5, 0.0, HourState.BLIND)
    assert (found[3].reason, found[3].detail) == (GapReason.RATE_LIMITED, "HTTP 429")
    assert (found[2].covered, found[2].blind, found[2].state) == (0.5, 0.5, HourState.PARTIAL)
    assert (found[0].got, found[0].state) == (2, HourState.PENDING)
    assert {hour.basis for hour in found.values()} == {Basis.NONE}


def test_repeating_changes_nothing_and_late_posts_change_their_hour(rooms, clock):
    ran(rooms, TOP - 6 * HOUR, NOW)
    publish(rooms, TOP - 4 * HOUR, 5)
    assert cover(rooms) == 7
    assert cover(rooms) == 0
    publish(rooms, TOP - 4 * HOUR, 3, first=50)
    assert cover(rooms) == 1
    assert hours(rooms)[4].got == 8
    clock.now += 10 * 24 * HOUR
    ran(rooms, TOP - 4 * HOUR, clock.now)
    publish(rooms, TOP - 4 * HOUR, 1, first=90)
    cover(rooms)
    assert rooms.records.hours.at({TOP - 4 * HOUR})[0].got == 9, "however late it comes"


def test_an_outage_that_was_caught_up_with_is_told_from_one_that_was_not(rooms):
    ran(rooms, TOP - 6 * HOUR, TOP - 3 * HOUR)
    rooms.records.runs.add_gap(Gap("news", TOP - 3 * HOUR, TOP - HOUR, GapReason.DOWN))
    ran(rooms, TOP - 3 * HOUR, NOW)
    found = hours(rooms)
    assert (found[2].covered, found[2].blind) == (1.0, 1.0)
    assert (found[2].state, found[2].reason) == (HourState.MADE_GOOD, GapReason.DOWN)


def test_nothing_ran_is_no_full_hour_and_the_last_half_hour_is_not_yet_one(rooms):
    ran(rooms, TOP - 6 * HOUR, TOP - 2.5 * HOUR)
    found = hours(rooms)
    assert (found[1].state, found[1].reason) == (HourState.BLIND, GapReason.NOT_RUN)
    assert found[1].detail
    assert found[0].settled is False


def test_a_sample_is_scaled_by_the_share_it_was_then(rooms, clock):
    declare(rooms, 0.1)
    clock.now += 3 * HOUR
    ran(rooms, TOP - 2 * HOUR, clock.now)
    publish(rooms, TOP + HOUR, 4)
    cover(rooms)
    (before,) = rooms.records.hours.at({TOP + HOUR})
    assert (before.got, before.scaled, before.estimated) == (4, 40.0, True)
    clock.now += 24 * HOUR
    declare(rooms, 0.5)
    ran(rooms, NOW, clock.now)
    cover(rooms)
    assert rooms.records.hours.at({TOP + HOUR})[0].rate == 0.1


def test_the_expectation_is_the_median_of_the_same_hour_of_the_week(rooms):
    ran(rooms, TOP - 2 * HOUR, NOW)
    past = [40, 44, 38, 42, 400]
    seen = [
        SourceHour("news", TOP - HOUR - (week + 1) * WEEK, posts, covered=1.0)
        for week, posts in enumerate(past)
    ]
    blind = SourceHour("news", TOP - HOUR - 6 * WEEK, 0, covered=0.0, reason=GapReason.DOWN)
    rooms.records.hours.save([*seen, blind])
    publish(rooms, TOP - HOUR, 12)
    hour = hours(rooms)[1]
    assert (hour.expected, hour.basis, hour.history) == (42.0, Basis.PAST, 5)
    assert hour.low == pytest.approx(42 - 3 * 42**0.5), "the spread of counting is the larger one"
    assert hour.state is HourState.THIN
    assert hours(rooms)[2].basis is Basis.NONE, "two hours ago has no past"


def test_two_weeks_are_no_expectation(rooms):
    ran(rooms, TOP - 2 * HOUR, NOW)
    rooms.records.hours.save(
        [SourceHour("news", TOP - HOUR - week * WEEK, 40, covered=1.0) for week in (1, 2)]
    )
    hour = hours(rooms)[1]
    assert (hour.expected, hour.basis, hour.history) == (None, Basis.NONE, 2)
    assert hour.state is HourState.FULL, "nothing expected, nothing missed"


def test_a_damaged_segment_is_a_gap_of_the_run_that_wrote_it(rooms):
    ran(rooms, TOP - 3 * HOUR, TOP - 2 * HOUR, new=1)
    fetched = TOP - HOUR + timedelta(minutes=1)
    rooms.records.runs.add_run(
        SourceRun("news", TOP - HOUR, TOP - HOUR + timedelta(minutes=2), TOP - 2 * HOUR,
                  TOP - HOUR, new=1)
    )  # fmt: skip
    inbox = Inbox(rooms.settings.inbox, rooms.clock)
    name = inbox.write([CollectedPost(post(1, fetched), ("t",))])
    (segment,) = Path(rooms.settings.inbox).rglob(f"pending/{name}")
    segment.write_bytes(segment.read_bytes()[:-9])
    with pytest.raises(Exception, match="damaged"):
        list(inbox.read(name))
    found = hours(rooms)
    assert (found[2].state, found[2].reason) == (HourState.BLIND, GapReason.DAMAGED)
    assert name[:22] in found[2].detail
    assert found[3].state is HourState.FULL
    assert rooms.records.runs.last_covered("news") == TOP - 2 * HOUR
    assert (rooms.settings.folder / "state" / "news.anew").exists(), "it is delivered again"


def test_a_source_kept_for_less_goes_earlier_also_when_it_was_taken_away(rooms, clock):
    short = LedgerEntry("news", "新闻", "news", "feed", "公开网页", "新闻办",
                        retention=timedelta(days=30))  # fmt: skip
    rooms.records.ledger.register([short])
    old = NOW - timedelta(days=31)
    publish(rooms, old, 2)
    publish(rooms, NOW - timedelta(days=29), 1, first=10)
    label = Annotation(Target.COURT, Sentiment.NEUTRAL, (), Demand.NONE, model="m")
    rooms.store.upsert([AnnotatedPost(post(99, old, "other"), label, ())])
    rooms.records.ledger.register([])
    assert expire_sources(rooms, clock.now) == 2
    assert expire_sources(rooms, clock.now) == 0
    assert rooms.store.total(Query()) == 2


def test_old_rows_go_and_what_is_open_stays(rooms, clock):
    ran(rooms, NOW - timedelta(days=400), NOW - timedelta(days=399))
    ran(rooms, NOW - timedelta(days=300), NOW - timedelta(days=299))
    ran(rooms, NOW - HOUR, NOW)
    runs = rooms.records.runs
    runs.add_gap(Gap("news", NOW - 1200 * 24 * HOUR, NOW - 1199 * 24 * HOUR, GapReason.DOWN))
    runs.open_gap(Gap("news", NOW - 1200 * 24 * HOUR, None, GapReason.DOWN))
    clock.now = NOW - timedelta(days=1200)
    rooms.records.exports.enter(ExportKind.REPORT, "三年前", "1", ["a"])
    clock.now = NOW
    rooms.records.exports.enter(ExportKind.REPORT, "今年", "1", ["a"])
    done = expire_records(rooms, clock.now)
    assert done == {
        "runs": 1,
        "deliveries": 0,
        "candidates": 0,
        "events": 0,
        "gaps": 1,
        "hours": 0,
        "captures": 0,
        "exports": 1,
    }
    assert [one.name for one in rooms.records.exports.recent()] == ["今年"]
    assert runs.last_covered("news") == NOW

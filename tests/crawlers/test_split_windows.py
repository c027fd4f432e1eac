"""Windows that hold more than a search shows: cut in time, then by region, within the run's means."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from alerts.blindness import missing
from crawlers import unfinished
from crawlers.covered import tell
from crawlers.pieces import Piece
from crawlers.spiders.planned import GIVEN_UP
from crawlers.unfinished import load
from demo.model import Author, WeiboPost
from demo.servers.failures import Control, Failure
from demo.servers.http import LocalServer
from demo.servers.weibo import ACCESS_TOKEN, weibo_site
from domain.sources import GapReason
from domain.time import system_clock
from records import Records
from text.weibo_ids import mint_mid

COUNT, PAGES = 50, 5
SHOWN = COUNT * PAGES


class World:
    """Posts that a test scatters; nothing else is published."""

    def __init__(self) -> None:
        self.all: list[WeiboPost] = []

    def scatter(
        self, number: int, since: datetime, span: timedelta, places: Sequence[tuple[str, str]]
    ) -> None:
        """`number` posts evenly over `span`, their authors from `places` in turn."""
        for n in range(number):
            moment = (since + span * n / number).replace(microsecond=0)
            place = places[n % len(places)]
            author = Author(1_000_000_000 + n, f"示例用户{n}", 10, province=place[0], city=place[1])
            mid = mint_mid(moment, len(self.all))
            self.all.append(WeiboPost(mid, moment, author, f"云岫区法院第{n}条", "burst"))
        self.all.sort(key=lambda post: (post.moment, post.mid))

    def posts(self, until: datetime) -> Sequence[WeiboPost]:
        return [post for post in self.all if post.moment <= until]

    def articles(self, until: datetime) -> Sequence[Any]:
        return []

    def notices(self, until: datetime) -> Sequence[Any]:
        return []


class Platform:
    """The local Weibo over a world, and a source that asks it."""

    def __init__(self, crawl: Any) -> None:
        self.crawl, self.world, self.control = crawl, World(), Control()
        self.site = weibo_site(self.world, self.control, SHOWN)
        self.server = LocalServer("weibo", self.site, self.control, system_clock, 0)

    def declare(self, **keys: Any) -> Any:
        document = {
            "platform": "weibo", "license_ref": "试验授权", "queries": ["云岫区"],
            "endpoint": f"{self.server.url}/2/search/statuses.json", "count": COUNT,
            "max_pages": PAGES, "credentials": {"access_token": "COURTPULSE_TRIAL_TOKEN"},
            "backfill": "6h", "timeout": "60s",
        } | keys  # fmt: skip
        return self.crawl.declare("weibo_api", **document)

    @property
    def collected(self) -> list[str]:
        return [post.url.rpartition("/")[2] for post in self.crawl.posts]

    @property
    def asked(self) -> list[dict[str, str]]:
        return [
            {name: values[0] for name, values in parse_qs(urlsplit(seen.path).query).items()}
            for seen in self.server.seen
        ]

    def everything_once(self) -> bool:
        return sorted(self.collected) == sorted(str(post.mid) for post in self.world.all)


@pytest.fixture
def platform(crawl: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    monkeypatch.setenv("COURTPULSE_TRIAL_TOKEN", ACCESS_TOKEN)
    found = Platform(crawl)
    yield found
    found.server.stop()


def ago(**span: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**span)


def bound(posts: int, window: timedelta, least: timedelta) -> int:
    """Of the docstring of `crawlers.pieces`."""
    depth = math.ceil(math.log2(window / least))
    return posts // COUNT + 1 + 3 * max(posts // SHOWN, 1) * depth


def test_a_burst_in_minutes_is_collected_whole_within_the_stated_requests(
    platform: Platform,
) -> None:
    platform.world.scatter(3000, ago(minutes=70), timedelta(minutes=5), [("100", "1000")])
    platform.world.scatter(60, ago(hours=5), timedelta(hours=4), [("100", "1000")])
    run = platform.crawl.run(platform.declare())
    assert (run.gap, run.new, run.seen) == (None, 3060, 3060)
    assert platform.everything_once()
    assert run.requests <= bound(3060, timedelta(hours=6), timedelta(seconds=10))
    assert not platform.crawl.log.past
    assert run.window_end - run.window_start > timedelta(hours=5.9), "covered as one window"
    assert not any("province" in query for query in platform.asked)


def test_what_fits_no_shorter_time_is_cut_by_province_then_by_city(platform: Platform) -> None:
    places = [("32", "1"), ("32", "2"), ("32", "5"), ("44", "3"), ("100", "1000")]
    platform.world.scatter(1200, ago(minutes=30), timedelta(seconds=5), places)
    run = platform.crawl.run(platform.declare())
    assert (run.gap, run.new) == (None, 1200)
    assert platform.everything_once()
    assert not platform.crawl.log.past
    cities = {query["city"] for query in platform.asked if query.get("province") == "32"}
    assert {"1000", "1", "2", "5"} <= cities
    assert load(platform.crawl.data / "state" / "unfinished" / "trial_weibo_api.json").pieces == ()


def test_a_piece_that_cannot_be_cut_is_a_gap_of_just_that_piece(platform: Platform) -> None:
    crowd, instant = [("100", "1000")], ago(minutes=30)
    platform.world.scatter(600, instant, timedelta(seconds=4), crowd)
    platform.world.scatter(300, ago(hours=3), timedelta(hours=2), crowd)
    run = platform.crawl.run(platform.declare())
    # The newest that are shown of the crowd, and all the others.
    assert (run.gap, len(platform.collected)) == (None, SHOWN + 300)
    gaps = platform.crawl.log.past
    assert {gap.reason for gap in gaps} == {GapReason.PAGE_CAP}
    for gap in gaps:
        assert instant - timedelta(seconds=21) <= gap.start
        assert gap.end <= instant + timedelta(seconds=25)
        assert "其他" in gap.detail or "云岫区" in gap.detail
    covered_parts = [(one.window_start, one.window_end) for one in platform.crawl.log.runs]
    assert len(covered_parts) == 2, "before the piece and after it"
    assert all(end <= instant or start >= instant for start, end in covered_parts)


def test_posts_whose_place_no_code_knows_leave_a_gap(platform: Platform) -> None:
    """The parts are held against the total of the whole."""
    places = [("32", "1"), ("99", "1")]
    platform.world.scatter(400, ago(minutes=30), timedelta(seconds=4), places)
    run = platform.crawl.run(platform.declare())
    assert run.new == 200
    [gap] = platform.crawl.log.past
    assert (gap.reason, "细分后仍未采全" in gap.detail) == (GapReason.PAGE_CAP, True)


def test_without_totals_reading_goes_on_before_the_oldest_that_was_shown(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = platform.site

    def bare(request: Any) -> Any:
        request.query.pop("needcount", None)
        return site(request)

    monkeypatch.setattr(platform.server, "_site", bare)
    platform.world.scatter(1500, ago(minutes=70), timedelta(minutes=5), [("100", "1000")])
    run = platform.crawl.run(platform.declare())
    assert (run.gap, run.new) == (None, 1500)
    assert platform.everything_once()
    assert run.requests <= 1500 // COUNT + 3 * (1500 // SHOWN)


def test_a_run_keeps_to_its_requests_and_the_next_goes_on(
    platform: Platform, tmp_path: Any
) -> None:
    platform.world.scatter(1500, ago(minutes=70), timedelta(minutes=5), [("100", "1000")])
    source = platform.declare(max_requests=15)
    records = Records.open(f"sqlite:///{tmp_path}/records.db")
    platform.crawl.log = records.runs
    begun = ago(hours=6)
    holes, used = [], []
    for _ in range(12):
        run = platform.crawl.run(source)
        used.append(run.requests)
        now = datetime.now(UTC)
        holes.append(missing(records, begun + timedelta(minutes=1), now - timedelta(seconds=5)))
        if not load(platform.crawl.data / "state" / "unfinished" / f"{source.source}.json").pieces:
            break
    assert max(used) <= 15
    assert platform.everything_once()
    assert holes[0], "what is left is a gap until it is read"
    assert not holes[-1], "and none afterwards"
    assert 4 <= len(holes) <= 8
    records.close()


def test_a_rate_limit_keeps_what_was_read_and_the_next_run_goes_on(platform: Platform) -> None:
    platform.world.scatter(1500, ago(minutes=70), timedelta(minutes=5), [("100", "1000")])
    source, site, calls = platform.declare(), platform.site, 0

    def limited(request: Any) -> Any:
        nonlocal calls
        calls += request.path != "/robots.txt"
        if calls == 20:
            platform.control.fail(Failure.RATE_LIMIT, "weibo")
        return site(request)

    platform.server._site = limited
    first = platform.crawl.run(source)
    assert first.gap is GapReason.RATE_LIMITED
    assert 0 < len(platform.collected) < 1500
    assert source.source in platform.crawl.log.open
    platform.control.heal()
    second = platform.crawl.run(source)
    assert second.gap is None
    assert platform.everything_once(), "each post once in the inbox, too"
    assert first.seen + second.seen <= 1500 + SHOWN, "what was read stays read"
    assert not platform.crawl.log.open


def test_what_is_left_for_a_week_is_given_up_and_stays_a_gap(platform: Platform) -> None:
    source = platform.declare()
    path = platform.crawl.data / "state" / "unfinished" / f"{source.source}.json"
    now, week = int(system_clock().timestamp()), int(GIVEN_UP.total_seconds())
    old = Piece("云岫区", now - week - 3600, now - week - 60)
    young = Piece("云岫区", now - week + 3600, now - week + 7200)
    unfinished.save(path, unfinished.Unfinished((young, old)))
    run = platform.crawl.run(source)
    assert run.gap is None
    assert load(path).pieces == ()
    assert [(gap.start, gap.end, gap.reason) for gap in platform.crawl.log.past] == [
        (*old.stretch, GapReason.PAGE_CAP)
    ]
    covered = [(one.window_start, one.window_end) for one in platform.crawl.log.runs]
    assert young.stretch in covered
    assert old.stretch not in covered


def test_killed_between_its_writes_a_run_loses_and_doubles_nothing(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parent dies after each of its writes in turn; posts and coverage end up the same."""
    platform.world.scatter(600, ago(minutes=70), timedelta(minutes=5), [("100", "1000")])
    source = platform.declare(max_requests=12)

    class Killed(BaseException):
        pass

    save_for_good = unfinished.save

    for moment in ("save", "tell", "second save", ""):
        writes = 0

        def save(path: Any, left: Any, *, moment: str = moment) -> None:
            nonlocal writes
            writes += 1
            if (moment, writes) in (("save", 1), ("second save", 2)):
                raise Killed
            save_for_good(path, left)

        def told(*arguments: Any, moment: str = moment) -> Any:
            if moment == "tell":
                raise Killed
            return tell(*arguments)

        with monkeypatch.context() as patched:
            patched.setattr("crawlers.unfinished.save", save)
            patched.setattr("crawlers.run.tell", told)
            if moment:
                with pytest.raises(Killed):
                    platform.crawl.run(source)
            else:
                platform.crawl.run(source)
    path = platform.crawl.data / "state" / "unfinished" / f"{source.source}.json"
    for _ in range(10):
        if not load(path).pieces:
            break
        platform.crawl.run(source)
    assert load(path).pieces == ()
    assert set(platform.collected) == {str(post.mid) for post in platform.world.all}
    spans = sorted((one.window_start, one.window_end) for one in platform.crawl.log.runs)
    reached = spans[0][0]
    for start, end in spans:
        assert start <= reached, "the window is covered without a hole"
        reached = max(reached, end)


def test_a_mastodon_timeline_goes_on_where_the_last_run_stopped(
    crawl: Any, local_site: Any, page: Any
) -> None:
    begun = ago(minutes=1)
    statuses: list[dict[str, Any]] = [
        {
            "id": str(1000 - n), "uri": f"https://jianglan.example/statuses/{1000 - n}",
            "created_at": (begun - timedelta(minutes=n)).isoformat(), "visibility": "public",
            "content": f"<p>云岫区法院第{n}条</p>", "account": {"id": "7", "url": "https://j.example/7"},
        }
        for n in range(45)
    ]  # fmt: skip

    def answer(handler: Any) -> None:
        query = parse_qs(urlsplit(handler.path).query)
        before = int(query.get("max_id", ["9999"])[0])
        shown = [one for one in statuses if int(one["id"]) < before][:10]
        headers: dict[str, str] = {}
        if shown:
            last = shown[-1]["id"]
            link = f"{local_site.url}/api/v1/timelines/tag/x?limit=10&max_id={last}"
            headers["Link"] = f'<{link}>; rel="next"'
        local_site.answer(handler, page(json.dumps(shown).encode(), 200, headers))

    local_site.pages["/api/v1/timelines/tag/x"] = page(make=answer)
    source = crawl.declare(
        "mastodon", platform="weibo", instance=local_site.url, tags=["x"], limit=10,
        backfill="35m", max_pages=2,
    )  # fmt: skip
    first = crawl.run(source)
    assert (first.new, len(crawl.log.past)) == (20, 1)
    second = crawl.run(source)
    third = crawl.run(source)
    assert (second.new, third.new) == (20, 0)
    path = crawl.data / "state" / "unfinished" / f"{source.source}.json"
    assert load(path).pieces == ()

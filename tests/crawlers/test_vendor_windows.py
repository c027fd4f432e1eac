"""Days of a vendor's account that hold more than its pages show: halved at midnights, or a gap."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.pieces import Piece, Plan, days
from crawlers.unfinished import load
from demo.model import Author, WeiboPost
from demo.servers.failures import Control, Failure
from demo.servers.gsdata import APP_KEY, SECRET, gsdata_site
from demo.servers.http import LocalServer
from domain.completeness import Looks
from domain.sources import GapReason
from domain.time import SHANGHAI, system_clock
from text.weibo_ids import mint_mid

COUNT, PAGES = 5, 3
SHOWN = COUNT * PAGES
FIRST, SECOND = Author(1_000_000_001, "示例甲", 7), Author(1_000_000_002, "示例乙", 7)


def noon(ago: int) -> datetime:
    """Noon in Asia/Shanghai, whole days ago."""
    day = datetime.now(SHANGHAI).date() - timedelta(days=ago)
    return datetime.combine(day, time(12), SHANGHAI).astimezone(UTC)


class Vendor:
    """The local vendor over a test's posts, and a source that asks it for the last four days."""

    def __init__(self, crawl: Any, board: Any) -> None:
        self.crawl, self.board, self.control = crawl, board, Control(("gsdata",))
        site = gsdata_site(board, self.control, most=SHOWN)
        self.server = LocalServer("gsdata", site, self.control, system_clock, 0)

    def write(self, count: int, since: datetime, author: Author = FIRST) -> None:
        """`count` posts, one a second."""
        for n in range(count):
            moment, number = since + timedelta(seconds=n), len(self.board.held)
            post = WeiboPost(
                mint_mid(moment, number), moment, author, f"云岫区法院第{number}条", "noise"
            )
            self.board.held.append(post)
        self.board.held.sort(key=lambda post: post.mid)

    def declare(self, **keys: Any) -> Any:
        document = {
            "platform": "weibo", "license_ref": "试验合同第1号", "count": COUNT, "max_pages": PAGES,
            "accounts": [str(FIRST.uid)], "endpoint": f"{self.server.url}/weibo/v1/articles",
            "backfill": "96h", "delay": "100ms", "timeout": "60s",
            "credentials": {"app_key": "COURTPULSE_TRIAL_KEY", "secret": "COURTPULSE_TRIAL_SECRET"},
        } | keys  # fmt: skip
        return self.crawl.declare("gsdata", **document)

    def left(self, source: Any) -> tuple[Piece, ...]:
        return load(self.crawl.data / "state" / "unfinished" / f"{source.source}.json").pieces

    @property
    def asked(self) -> list[dict[str, str]]:
        return [
            {name: values[0] for name, values in parse_qs(urlsplit(seen.path).query).items()}
            for seen in self.server.seen
        ]

    def everything_once(self) -> bool:
        collected = [int(post.url.rpartition("/")[2]) for post in self.crawl.posts]
        return sorted(collected) == sorted(post.mid for post in self.board.held)


@pytest.fixture
def vendor(crawl: Any, board: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    monkeypatch.setenv("COURTPULSE_TRIAL_KEY", APP_KEY)
    monkeypatch.setenv("COURTPULSE_TRIAL_SECRET", SECRET)
    found = Vendor(crawl, board)
    yield found
    found.server.stop()


def bound(posts: int, number_of_days: int) -> int:
    """Of the docstring of `crawlers.pieces`, for one account."""
    depth = math.ceil(math.log2(number_of_days))
    return posts // COUNT + 1 + 3 * max(posts // SHOWN, 1) * depth


def test_more_than_the_pages_show_is_asked_for_by_days(vendor: Vendor) -> None:
    for ago in (3, 2, 1):
        vendor.write(12, noon(ago))
    run = vendor.crawl.run(vendor.declare())
    assert (run.gap, run.new) == (None, 36)
    assert vendor.everything_once()
    assert run.requests <= bound(36, 5)
    assert vendor.crawl.log.past == []
    assert run.window_end - run.window_start > timedelta(hours=95), "covered as one window"
    assert max(int(query["page"]) for query in vendor.asked) <= PAGES
    spans = {(query["start_date"], query["end_date"]) for query in vendor.asked}
    assert any(start == end for start, end in spans), "down to a day"


def test_a_day_beyond_its_pages_is_a_gap_of_just_that_day(vendor: Vendor) -> None:
    vendor.write(3, noon(3))
    vendor.write(SHOWN + 4, noon(2))
    vendor.write(3, noon(1))
    run = vendor.crawl.run(vendor.declare())
    assert (run.gap, run.new) == (None, SHOWN + 6), "what is shown of it is kept"
    [gap] = vendor.crawl.log.past
    assert (gap.reason, gap.start, gap.end) == (
        GapReason.PAGE_CAP, noon(2) - timedelta(hours=12), noon(2) + timedelta(hours=12),
    )  # fmt: skip
    assert "第 1 个账号" in gap.detail
    assert "单个账号一天的帖文多于接口可翻页数" in gap.detail
    assert str(FIRST.uid) not in gap.detail
    parts = sorted((one.window_start, one.window_end) for one in vendor.crawl.log.runs)
    assert [end for _, end in parts[:1]] == [gap.start]
    assert parts[1][0] == gap.end, "before the day and after it"


class Killed(BaseException):
    """The parent process dies here."""


def dead(*_: Any) -> Any:
    raise Killed


def test_runs_of_few_requests_and_killed_ones_bring_everything_once(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.write(11, noon(2))
    vendor.write(11, noon(1))
    source, used = vendor.declare(max_requests=4), []
    for write in ("crawlers.unfinished.save", "crawlers.run.tell"):
        with monkeypatch.context() as patched:
            patched.setattr(write, dead)
            with pytest.raises(Killed):
                vendor.crawl.run(source)
    for _ in range(12):
        used.append(vendor.crawl.run(source).requests)
        if not vendor.left(source):
            break
        assert vendor.crawl.log.past[-1].reason is GapReason.PAGE_CAP, "a gap until it is read"
    assert vendor.left(source) == ()
    assert max(used) <= 4
    assert vendor.everything_once()
    spans = sorted((one.window_start, one.window_end) for one in vendor.crawl.log.runs)
    reached = spans[0][0]
    for start, end in spans:
        assert start <= reached, "the window is covered without a hole"
        reached = max(reached, end)


def test_one_page_a_run_beside_the_present_gets_on(vendor: Vendor) -> None:
    vendor.write(12, noon(1))
    source = vendor.declare(max_requests=2, backfill="30h")
    for _ in range(4):
        vendor.crawl.run(source)
    assert vendor.left(source) == ()
    assert vendor.everything_once()


def test_what_is_left_of_an_account_that_was_taken_out_is_not_asked_for(vendor: Vendor) -> None:
    vendor.write(12, noon(1))
    vendor.crawl.run(vendor.declare(max_requests=1))
    vendor.server.seen.clear()
    source = vendor.declare(accounts=[str(SECOND.uid)])
    vendor.crawl.run(source)
    assert {query["uid"] for query in vendor.asked} == {str(SECOND.uid)}
    assert vendor.left(source) == ()
    assert "已不在 accounts 中" in vendor.crawl.log.past[-1].detail


def test_windows_that_overlap_tell_what_the_vendor_had_late(vendor: Vendor) -> None:
    """Accounts share no posts, so only the windows are held against each other."""
    heard: list[Any] = []
    now = datetime.now(UTC).replace(microsecond=0)
    vendor.write(8, now - timedelta(minutes=5))
    vendor.write(8, now - timedelta(minutes=4), SECOND)
    source = vendor.declare(accounts=[str(FIRST.uid), str(SECOND.uid)], backfill="1h", max_pages=4)
    vendor.crawl.run(source, told=lambda outcome: heard.append(outcome.captures))
    vendor.write(2, now - timedelta(minutes=3))
    vendor.crawl.run(source, told=lambda outcome: heard.append(outcome.captures))
    first, second = heard
    assert first == ()
    assert {one.looks for one in second} == {Looks.WINDOWS}
    assert [sum(getattr(one, name) for one in second) for name in ("first", "second", "both")] == [
        16, 18, 16,
    ]  # fmt: skip


def test_a_list_shorter_than_its_total_is_a_hole(vendor: Vendor) -> None:
    """Pages that end early, as when the vendor drops what it counts."""
    vendor.write(14, noon(1))
    site = vendor.server._site

    def short(request: Any) -> Any:
        answer = site(request)
        body = answer.body.replace(b'"pageCount": 3', b'"pageCount": 1')
        return type(answer)(body, answer.status, answer.content_type)

    vendor.server._site = short
    run = vendor.crawl.run(vendor.declare())
    assert (run.gap, run.new) == (GapReason.BLANK_PAGE, 5)


def test_a_limit_in_mid_window_keeps_what_was_read(vendor: Vendor) -> None:
    for ago in (2, 1):
        vendor.write(12, noon(ago))
    source, site, calls = vendor.declare(), vendor.server._site, 0

    def limited(request: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 5:
            vendor.control.fail(Failure.TOO_MANY, "gsdata")
        return site(request)

    vendor.server._site = limited
    first = vendor.crawl.run(source)
    assert first.gap is GapReason.RATE_LIMITED
    vendor.control.heal()
    second = vendor.crawl.run(source)
    assert second.gap is None
    assert vendor.everything_once()
    assert first.seen + second.seen <= 24 + SHOWN, "what was read stays read"


@pytest.mark.parametrize(
    ("start", "end", "cut"),
    [
        ("2026-11-20T10:00", "2026-11-20T23:59", None),
        ("2026-11-20T00:00", "2026-11-21T00:00", None),
        ("2026-11-20T23:59", "2026-11-21T00:01", "2026-11-21T00:00"),
        ("2026-11-17T10:00", "2026-11-20T10:00", "2026-11-19T00:00"),
    ],
)
def test_days_are_cut_at_midnight_in_shanghai(start: str, end: str, cut: str | None) -> None:
    first, last = (
        int(datetime.fromisoformat(f"{moment}+08:00").timestamp()) for moment in (start, end)
    )
    parts = days(Piece("a", first, last, cursor="7"))
    if cut is None:
        assert parts == ()
        return
    middle = int(datetime.fromisoformat(f"{cut}+08:00").timestamp())
    assert parts == (Piece("a", middle, last), Piece("a", first, middle))


@settings(max_examples=100, deadline=None)
@given(start=st.integers(1_700_000_000, 1_800_000_000), span=st.integers(1, 40 * 86_400))
def test_cutting_by_days_loses_no_second_and_ends_within_the_stated_depth(
    start: int, span: int
) -> None:
    plan = Plan(timedelta(days=1), by_region=False, slack=0, by_day=True)
    whole = Piece("a", start, start + span)
    plan.add(whole)
    depth, before = 0, 0
    while len(plan.open) != before:
        before = len(plan.open)
        for piece in list(plan.open):
            plan.cut(piece, None)
        depth += len(plan.open) != before
    parts = sorted(plan.open)
    assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert depth == math.ceil(math.log2(len(parts)))
    midnights = [datetime.fromtimestamp(one.start, SHANGHAI).time() for one in parts[1:]]
    assert set(midnights) <= {time()}

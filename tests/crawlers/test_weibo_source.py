"""The official search over a real server: windows, paging, caps, and every error it knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from domain.completeness import Looks, pooled
from domain.errors import ConfigurationError
from domain.posts import PostKind, VerifiedType
from domain.sources import GapReason
from domain.time import SHANGHAI
from text.weibo_ids import mint_mid

NOW = datetime.now(UTC).replace(microsecond=0)
TOKEN = "trial-token"


@pytest.fixture(autouse=True)
def _present() -> None:
    """Posts are minutes old when a test begins, however long ago the file was imported."""
    global NOW
    NOW = datetime.now(UTC).replace(microsecond=0)


def status(sequence: int, minutes: float, **changes: Any) -> dict[str, Any]:
    moment = NOW - timedelta(minutes=minutes)
    mid = mint_mid(moment, sequence)
    return {
        "created_at": moment.astimezone(SHANGHAI).strftime("%a %b %d %H:%M:%S +0800 %Y"),
        "id": mid, "mid": str(mid), "idstr": str(mid), "text": f"云岫区法院第{sequence}条",
        "source": "<a href='http://weibo.example/'>某手机</a>", "visible": {"type": 0},
        "reposts_count": 1, "comments_count": 2, "attitudes_count": 3,
        "user": {"id": 1000000000 + sequence, "screen_name": "示例用户", "location": "江澜",
                 "gender": "f", "followers_count": 7, "verified_type": 3},
    } | changes  # fmt: skip


class Search:
    """The search interface over a list of statuses, newest first; pages can be made to fail."""

    def __init__(self, crawl: Any, local_site: Any, page: Any) -> None:
        self.crawl, self.site, self.page = crawl, local_site, page
        self.statuses: list[dict[str, Any]] = []
        self.blank: set[int] = set()
        self.wrapped = True
        self.broken: Callable[[dict[str, str]], Any] | None = None
        local_site.pages["/search"] = page(make=self.answer)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        query = {k: v[0] for k, v in parse_qs(urlsplit(handler.path).query).items()}
        if handler.headers["Authorization"] != f"OAuth2 {TOKEN}":
            body = json.dumps({"error": "invalid_access_token", "error_code": 21332}).encode()
            self.site.answer(handler, self.page(body, 403))
            return
        if self.broken is not None and (answer := self.broken(query)) is not None:
            self.site.answer(handler, answer)
            return
        start, end = int(query["starttime"]), int(query["endtime"])
        within = [one for one in self.statuses if start <= self._seconds(one) <= end]
        number, count = int(query["page"]), int(query["count"])
        shown = [] if number in self.blank else within[(number - 1) * count : number * count]
        document = {"statuses": shown, "total_number": len(within)} if self.wrapped else shown
        self.site.answer(handler, self.page(json.dumps(document).encode()))

    @staticmethod
    def _seconds(one: dict[str, Any]) -> float:
        return ((int(one["idstr"]) >> 22) + 515_483_463) if "idstr" in one else 0

    def declare(self, **keys: Any) -> Any:
        document = {
            "platform": "weibo", "license_ref": "试验授权", "queries": ["云岫区 法院"],
            "endpoint": f"{self.site.url}/search", "count": 10,
            "credentials": {"access_token": "COURTPULSE_TRIAL_TOKEN"}, "backfill": "10h",
        } | keys  # fmt: skip
        return self.crawl.declare("weibo_api", **document)

    @property
    def queries(self) -> list[dict[str, str]]:
        return [
            {k: v[0] for k, v in parse_qs(urlsplit(path).query).items()} for path in self.site.paths
        ]


@pytest.fixture
def search(crawl: Any, local_site: Any, page: Any, monkeypatch: pytest.MonkeyPatch) -> Search:
    monkeypatch.setenv("COURTPULSE_TRIAL_TOKEN", TOKEN)
    return Search(crawl, local_site, page)


@pytest.mark.parametrize("wrapped", [True, False])
def test_pages_are_turned_and_windows_overlap(search: Search, wrapped: bool) -> None:
    search.wrapped = wrapped
    search.statuses = [status(n, n) for n in range(1, 26)]
    source = search.declare()
    first = search.crawl.run(source)
    assert (first.seen, first.new, first.rejected, first.gap) == (25, 25, 0, None)
    search.site.asked.clear()
    search.statuses.insert(0, status(0, 0.1))
    second = search.crawl.run(source)
    assert (second.new, second.gap) == (1, None)
    assert second.window_start == first.window_end - timedelta(minutes=10)
    assert int(search.queries[0]["starttime"]) == int(second.window_start.timestamp())
    assert all("token" not in path for path in search.site.paths), "addresses end up in logs"


def test_only_what_may_be_kept_is_kept(search: Search) -> None:
    original = status(90, 50)
    search.statuses = [
        status(1, 1, text="转发微博", retweeted_status=original),
        status(2, 2, text="还在等", retweeted_status={"id": 1, "user": None, "text": "已被删除"}),
        status(3, 3, isLongText=True, longText={"longTextContent": "全文在此"}),
        status(4, 4, visible={"type": 4}),
        status(5, 5, deleted="1"),
        status(6, 6, text=None),
        status(7, 7, created_at="Fri Nov 20 09:15:32 +0800 2020"),
        status(8, 8, text="半个\ud83d表情"),
        status(9, 9, user=None),
    ]
    run = search.crawl.run(search.declare())
    posts = {post.text: post for post in search.crawl.posts}
    assert set(posts) == {
        "转发微博//云岫区法院第90条", "还在等", "全文在此", "半个表情", "云岫区法院第9条"
    }  # fmt: skip
    assert (run.seen, run.new, run.rejected, run.gap) == (7, 5, 2, None)
    repost = posts["转发微博//云岫区法院第90条"]
    assert (repost.kind, repost.verified_type) == (PostKind.REPOST, VerifiedType.MEDIA)
    kept = b"".join(
        path.read_bytes() for path in (search.crawl.data / "state").rglob("*") if path.is_file()
    ).decode()
    for forbidden in ("示例用户", "江澜", "某手机", "1000000001"):
        assert forbidden not in repr(search.crawl.posts) + kept


@pytest.mark.parametrize("wrapped", [True, False])
def test_more_than_the_pages_show_is_asked_for_in_pieces(search: Search, wrapped: bool) -> None:
    search.wrapped = wrapped
    search.statuses = [status(n, n) for n in range(1, 41)]
    run = search.crawl.run(search.declare(max_pages=2))
    assert (run.new, run.gap) == (40, None)
    assert search.crawl.log.past == []
    nxt = search.crawl.run(search.declare(max_pages=2))
    assert nxt.window_start == run.window_end - timedelta(minutes=10), "the window goes on"


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_blank_page_in_mid_list_is_a_gap(search: Search, wrapped: bool) -> None:
    search.wrapped = wrapped
    search.statuses = [status(n, n) for n in range(1, 36)]
    search.blank = {2}
    run = search.crawl.run(search.declare())
    assert (run.gap, run.new) == (GapReason.BLANK_PAGE, 25)
    assert search.crawl.log.last_covered(run.source) is None


def test_results_that_stop_before_their_total_are_a_gap(search: Search) -> None:
    search.statuses = [status(n, n) for n in range(1, 41)]
    search.blank = set(range(2, 30))
    assert search.crawl.run(search.declare()).gap is GapReason.BLANK_PAGE


def test_a_quiet_query_is_covered_by_one_request(search: Search) -> None:
    run = search.crawl.run(search.declare())
    assert (run.requests, run.seen, run.gap) == (1, 0, None)


def test_one_post_under_two_queries_counts_once(search: Search) -> None:
    search.statuses = [status(1, 1)]
    run = search.crawl.run(search.declare(queries=["云岫区", "法院"]))
    assert (run.requests, run.seen, run.new) == (2, 2, 1)
    assert len(search.crawl.posts) == 1


def error(code: int, http: int) -> Callable[[Any, dict[str, str]], Any]:
    body = json.dumps({"error": "x", "error_code": code, "request": "/2/search"}).encode()
    return lambda page, query: page(body, http)


def answer(body: bytes, http: int = 200) -> Callable[[Any, dict[str, str]], Any]:
    return lambda page, query: page(body, http)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (error(10022, 403), GapReason.RATE_LIMITED),
        (error(10023, 403), GapReason.RATE_LIMITED),
        (error(10024, 200), GapReason.RATE_LIMITED),
        (error(21327, 401), GapReason.TOKEN_EXPIRED),
        (error(21332, 403), GapReason.TOKEN_EXPIRED),
        (error(10001, 500), GapReason.DOWN),
        (error(20101, 400), GapReason.HTTP_ERROR),
        (answer(b'{"ok":-100,"errno":"-100","url":"https://x/captcha"}'), GapReason.CAPTCHA),
        (answer(b'{"ok":-100,"url":"https://x/login"}'), GapReason.LOGIN_PAGE),
        (answer(b'{"ok":0,"msg":"..."}'), GapReason.BAD_BODY),
        (answer(b"<html><title>Sina Visitor System</title></html>"), GapReason.LOGIN_PAGE),
        (answer(b"<html>hello</html>"), GapReason.LOGIN_PAGE),
        (answer(b'{"statuses":[{"id":1,"te'), GapReason.BAD_BODY),
        (answer(b'{"statuses":{}}'), GapReason.BAD_BODY),
        (answer(b"[" * 100_000), GapReason.BAD_BODY),
        (answer(b"null"), GapReason.BAD_BODY),
        (answer(b"", 418), GapReason.RATE_LIMITED),
        (answer(b"", 432), GapReason.LOGIN_PAGE),
    ],
)
def test_errors_of_the_interface_are_gaps(
    search: Search, page: Any, broken: Callable[..., Any], reason: GapReason
) -> None:
    search.broken = lambda query: broken(page, query)
    run = search.crawl.run(search.declare())
    assert (run.gap, run.new) == (reason, 0)
    assert search.crawl.log.open[run.source].detail


def test_a_limit_met_in_mid_window_keeps_what_came_and_covers_nothing(
    search: Search, page: Any
) -> None:
    search.statuses = [status(n, n) for n in range(1, 26)]
    limited = page(json.dumps({"error": "x", "error_code": 10023}).encode(), 403)
    search.broken = lambda query: limited if query["page"] == "2" else None
    source = search.declare()
    run = search.crawl.run(source)
    assert (run.gap, run.new) == (GapReason.RATE_LIMITED, 10)
    search.broken = None
    back = search.crawl.run(source)
    assert (back.gap, back.seen, back.new) == (None, 25, 15)
    ids = [post.id for post in search.crawl.posts]
    assert len(ids) == len(set(ids)) == 25


def test_a_missing_token_is_our_mistake_and_still_a_gap(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURTPULSE_TRIAL_TOKEN")
    source = search.declare()
    with pytest.raises(ConfigurationError, match="COURTPULSE_TRIAL_TOKEN is not set"):
        search.crawl.run(source)
    assert search.crawl.log.open[source.source].reason is GapReason.NOT_RUN
    assert search.site.asked == []


def test_two_looks_at_the_same_minutes_are_compared(search: Search) -> None:
    """What the search indexed late is in the second window only; both queries find everything."""
    heard: list[Any] = []
    source = search.declare(queries=["云岫区", "法院"], backfill="30m")
    search.statuses = [status(n, n / 4 + 0.5) for n in range(1, 21)]
    search.crawl.run(source, told=lambda outcome: heard.append(outcome.captures))
    search.statuses += [status(40 + n, n / 4 + 1) for n in range(4)]
    search.statuses.sort(key=lambda one: -one["id"])
    search.crawl.run(source, told=lambda outcome: heard.append(outcome.captures))
    first, second = (
        {looks: pooled(one for one in captures if one.looks is looks) for looks in Looks}
        for captures in heard
    )
    assert first == {Looks.WINDOWS: (0, 0, 0), Looks.QUERIES: (20, 20, 20)}
    assert second == {Looks.WINDOWS: (20, 24, 20), Looks.QUERIES: (0, 0, 0)}


def test_a_run_killed_before_it_was_recorded_is_repeated_as_the_same_look(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`records.captures` tells by `since` that the second is the first once more."""
    heard: list[Any] = []
    source = search.declare(queries=["云岫区", "法院"], backfill="30m")
    search.statuses = [status(n, n / 4 + 0.5) for n in range(1, 9)]

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("crawlers.run.tell", killed)
        with pytest.raises(KeyboardInterrupt):
            search.crawl.run(source, told=lambda outcome: heard.append(outcome.captures))
    search.crawl.run(source, told=lambda outcome: heard.append(outcome.captures))
    queries = [[one for one in some if one.looks is Looks.QUERIES] for some in heard]
    assert pooled(queries[0]) == pooled(queries[1]) == (8, 8, 8)
    assert len({one.since for some in queries for one in some}) == 1

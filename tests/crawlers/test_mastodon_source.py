"""Hashtag timelines over a real server: paging by Link, what is public, and how it fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from domain.errors import ConfigurationError
from domain.posts import PostKind
from domain.sources import GapReason


def status(number: int, minutes: float, **changes: Any) -> dict[str, Any]:
    moment = datetime.now(UTC) - timedelta(minutes=minutes)
    return {
        "id": str(number), "created_at": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "in_reply_to_id": None, "sensitive": False, "spoiler_text": "", "visibility": "public",
        "language": "zh", "uri": f"https://jianglan.example/users/teahouse/statuses/{number}",
        "url": f"https://jianglan.example/@teahouse/{number}", "replies_count": 2,
        "reblogs_count": 1, "favourites_count": 3, "edited_at": None, "reblog": None,
        "content": f"<p>云岫区法院第{number}条<br>等开庭</p>", "mentions": [], "tags": [],
        "account": {"id": "77", "acct": "teahouse", "display_name": "江边茶馆", "bot": False,
                    "url": "https://jianglan.example/@teahouse", "note": "住在望川区"},
    } | changes  # fmt: skip


class Timeline:
    """One server's tag timelines, newest first, paged by `max_id` and the Link header."""

    def __init__(self, crawl: Any, local_site: Any, page: Any) -> None:
        self.crawl, self.site, self.page = crawl, local_site, page
        self.statuses: list[dict[str, Any]] = []
        self.blank: set[int] = set()
        self.broken: Callable[[], Any] | None = None
        self.served = 0
        for tag in ("%E4%BA%91%E5%B2%AB%E6%B3%95%E9%99%A2", "court"):
            local_site.pages[f"/api/v1/timelines/tag/{tag}"] = page(make=self.answer)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.served += 1
        if self.broken is not None:
            self.site.answer(handler, self.broken())
            return
        parts = urlsplit(handler.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        before = int(query.get("max_id", 10**9))
        left = [one for one in self.statuses if int(one["id"]) < before]
        shown = left[: int(query["limit"])]
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if len(left) > len(shown):
            target = f"{self.site.url}{parts.path}?limit={query['limit']}&max_id={shown[-1]['id']}"
            newest = f"{self.site.url}{parts.path}?limit={query['limit']}&min_id={shown[0]['id']}"
            headers["Link"] = f'<{target}>; rel="next", <{newest}>; rel="prev"'
        body = [] if self.served in self.blank else shown
        self.site.answer(handler, self.page(json.dumps(body).encode(), 200, headers))

    def declare(self, **keys: Any) -> Any:
        document = {
            "platform": "weibo", "instance": self.site.url, "tags": ["云岫法院"], "limit": 10,
            "backfill": "10h",
        } | keys  # fmt: skip
        return self.crawl.declare("mastodon", **document)


@pytest.fixture
def timeline(crawl: Any, local_site: Any, page: Any) -> Timeline:
    return Timeline(crawl, local_site, page)


def numbered(count: int) -> list[dict[str, Any]]:
    """Newest first, a minute apart, ids falling."""
    return [status(1000 - n, n) for n in range(1, count + 1)]


def test_pages_are_turned_to_the_start_of_the_window(timeline: Timeline) -> None:
    timeline.statuses = numbered(25)
    first = timeline.crawl.run(timeline.declare())
    assert (first.seen, first.new, first.gap) == (25, 25, None)
    assert unquote(timeline.site.paths[0]) == "/api/v1/timelines/tag/云岫法院?limit=10"
    timeline.statuses.insert(0, status(1000, 0.1))
    timeline.served = 0
    second = timeline.crawl.run(timeline.declare())
    assert (second.new, second.gap, timeline.served) == (1, None, 2), "no page before the window"


def test_only_public_posts_and_nothing_of_the_account(timeline: Timeline) -> None:
    timeline.statuses = [
        status(9, 1, in_reply_to_id="3", spoiler_text="庭审"),
        status(8, 2, visibility="unlisted"),
        status(7, 3, visibility="private"),
        status(6, 4, reblog={"id": "1"}),
        status(5, 5, content=None),
        status(4, 6, edited_at="2020-01-01T00:00:00.000Z"),
        status(3, 7, account=None),
    ]
    run = timeline.crawl.run(timeline.declare())
    assert (run.seen, run.new, run.rejected, run.gap) == (4, 2, 2, None)
    reply, edited = sorted(timeline.crawl.posts, key=lambda post: post.kind != PostKind.COMMENT)
    assert (reply.kind, reply.text) == (PostKind.COMMENT, "庭审\n云岫区法院第9条\n等开庭")
    assert reply.url == "https://jianglan.example/statuses/9"
    assert reply.engagement.likes == 3
    assert edited.edited_at == datetime(2020, 1, 1, tzinfo=UTC)
    kept = b"".join(path.read_bytes() for path in timeline.crawl.data.rglob("*") if path.is_file())
    for forbidden in ("teahouse", "江边茶馆", "住在望川区"):
        assert forbidden.encode() not in kept
        assert forbidden not in repr(timeline.crawl.posts)


def test_the_page_limit_leaves_a_gap_before_what_was_reached(timeline: Timeline) -> None:
    timeline.statuses = numbered(40)
    run = timeline.crawl.run(timeline.declare(max_pages=2))
    assert (run.new, run.gap) == (20, None)
    [gap] = timeline.crawl.log.past
    assert (gap.reason, gap.end) == (GapReason.PAGE_CAP, run.window_start)


def test_a_blank_page_before_the_end_is_a_hole(timeline: Timeline) -> None:
    timeline.statuses, timeline.blank = numbered(25), {2}
    assert timeline.crawl.run(timeline.declare()).gap is GapReason.BLANK_PAGE


@pytest.mark.parametrize(
    ("status_code", "body", "reason"),
    [
        (401, b'{"error":"The access token is invalid"}', GapReason.TOKEN_EXPIRED),
        (403, b'{"error":"This action is not allowed"}', GapReason.HTTP_ERROR),
        (422, b'{"error":"This method requires an authenticated user"}', GapReason.HTTP_ERROR),
        (429, b'{"error":"Too many requests"}', GapReason.RATE_LIMITED),
        (503, b"<html>maintenance</html>", GapReason.DOWN),
        (200, b'{"error":"odd"}', GapReason.BAD_BODY),
        (200, b'[{"id":"1"', GapReason.BAD_BODY),
        (200, b"<html><input type=password></html>", GapReason.LOGIN_PAGE),
    ],
)
def test_failures_are_gaps_never_an_empty_timeline(
    timeline: Timeline, status_code: int, body: bytes, reason: GapReason
) -> None:
    timeline.broken = lambda: timeline.page(body, status_code)
    run = timeline.crawl.run(timeline.declare())
    assert (run.new, run.gap) == (0, reason)


def test_a_quiet_timeline_is_covered(timeline: Timeline) -> None:
    run = timeline.crawl.run(timeline.declare(tags=["云岫法院", "court"]))
    assert (run.seen, run.gap, run.requests) == (0, None, 2)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"instance": "https://jianglan.example/about"}, "instance has a path"),
        ({"robots": "granted"}, "license_ref is required"),
        ({"limit": 80}, "less than or equal to 40"),
        ({"tags": []}, "tags"),
    ],
)
def test_a_wrong_declaration_says_what_to_do(
    timeline: Timeline, keys: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        timeline.declare(**keys)

"""The licensed vendor over a real server: signature, pages, quota, and how it fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from crawlers.gsdata_signature import canonical_query, signed_headers
from crawlers.jobs import Held
from crawlers.recheck import recheck
from demo.servers import ACCESS_TOKEN, Failure, Handle
from demo.servers.gsdata import APP_KEY, SECRET
from demo.servers.licensed import start_licensed
from domain.errors import ConfigurationError
from domain.posts import PostKind
from domain.sources import GapReason
from domain.time import SHANGHAI, system_clock

SIGNED = (
    "GSDATA-HMAC-SHA256 AppKey=key, SignedHeaders=host;x-gsdata-date, "
    "Signature=c49032053c52a1c6bf205144721e38cc308e9486244ad56c82a90148b4513237"
)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURTPULSE_TRIAL_KEY", APP_KEY)
    monkeypatch.setenv("COURTPULSE_TRIAL_SECRET", SECRET)
    monkeypatch.setenv("COURTPULSE_TRIAL_TOKEN", ACCESS_TOKEN)


@pytest.fixture
def servers(board: Any, keys: None) -> Iterator[Handle]:
    with start_licensed(board, quota=40) as handle:
        yield handle


def declare(crawl: Any, url: str, **keys: Any) -> Any:
    document = {
        "platform": "weibo", "license_ref": "试验合同第1号", "accounts": ["1000000001"],
        "endpoint": f"{url}/weibo/v1/articles", "count": 10, "backfill": "30h", "delay": "100ms",
        "credentials": {"app_key": "COURTPULSE_TRIAL_KEY", "secret": "COURTPULSE_TRIAL_SECRET"},
    } | keys  # fmt: skip
    return crawl.declare("gsdata", **document)


def test_pages_are_turned_and_posts_read(crawl: Any, servers: Handle, board: Any) -> None:
    written = board.write(25, minutes=5)
    source = declare(crawl, servers.urls["gsdata"])
    run = crawl.run(source)
    assert (run.new, run.rejected, run.gap, run.requests) == (25, 0, None, 3)
    assert crawl.run(source).new == 0
    posts = {post.url: post for post in crawl.posts}
    assert set(posts) == {f"https://weibo.com/detail/{one.mid}" for one in written}
    read = posts[f"https://weibo.com/detail/{written[0].mid}"]
    assert (read.kind, read.text) == (PostKind.POST, "云岫区法院第0条")
    assert read.published_at == written[0].moment
    kept = b"".join(path.read_bytes() for path in crawl.data.rglob("*") if path.is_file())
    for forbidden in ("示例用户", "1000000001", SECRET):
        assert forbidden.encode() not in kept
        assert forbidden not in repr(crawl.posts)


def test_days_are_asked_for_in_shanghai(crawl: Any, servers: Handle, board: Any) -> None:
    board.write(1)
    run = crawl.run(declare(crawl, servers.urls["gsdata"]))
    [seen] = servers.seen("gsdata")
    assert f"start_date={run.window_start.astimezone(SHANGHAI):%Y-%m-%d}" in seen.path
    assert f"end_date={run.window_end.astimezone(SHANGHAI):%Y-%m-%d}" in seen.path


def test_the_signature_is_the_vendors() -> None:
    """Figures computed once with the code of the vendor's published Python example."""
    query = canonical_query({"uid": "1", "per-page": 50, "page": 1, "q": "云 岫~"})
    assert query == "page=1&per-page=50&q=%E4%BA%91%20%E5%B2%AB~&uid=1"
    headers = signed_headers(
        f"http://api.gsdata.cn/weibo/v1/articles?{query}", "key", "secret",
        datetime(2026, 11, 20, 9, 15, 32, tzinfo=SHANGHAI),
    )  # fmt: skip
    assert headers["x-gsdata-date"] == "20261120T011532Z"
    assert headers["Authorization"] == SIGNED


def test_a_wrong_secret_is_an_expired_token(
    crawl: Any, servers: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURTPULSE_TRIAL_SECRET", "wrong")
    run = crawl.run(declare(crawl, servers.urls["gsdata"]))
    assert (run.gap, run.new) == (GapReason.TOKEN_EXPIRED, 0)


def test_a_used_up_quota_is_told_and_caught_up_with(
    crawl: Any, board: Any, keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    board.write(25, minutes=5)
    with start_licensed(board, quota=2) as servers:
        run = crawl.run(declare(crawl, servers.urls["gsdata"]))
        assert (run.gap, run.new) == (GapReason.RATE_LIMITED, 20)
        assert "额度已用完" in run.detail
    with start_licensed(board, quota=9) as servers:
        back = crawl.run(declare(crawl, servers.urls["gsdata"]))
        assert (back.gap, back.new) == (None, 5)


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Failure.FORBIDDEN, GapReason.HTTP_ERROR),
        (Failure.TEAPOT, GapReason.RATE_LIMITED),
        (Failure.TOO_MANY, GapReason.RATE_LIMITED),
        (Failure.WALL, GapReason.LOGIN_PAGE),
        (Failure.LOGIN_PAGE, GapReason.LOGIN_PAGE),
        (Failure.REDIRECT_LOOP, GapReason.HTTP_ERROR),
        (Failure.TRUNCATED, GapReason.BAD_BODY),
        (Failure.BLANK_PAGE, GapReason.BLANK_PAGE),
    ],
)
def test_failures_are_gaps_and_nothing_is_lost(
    crawl: Any, servers: Handle, board: Any, failure: Failure, reason: GapReason
) -> None:
    board.write(25, minutes=5)
    source = declare(crawl, servers.urls["gsdata"])
    servers.fail(failure, "gsdata")
    assert crawl.run(source).gap is reason
    servers.heal()
    crawl.run(source)
    assert crawl.log.open == {}
    assert len({one.id for one in crawl.posts}) == len(crawl.posts) == 25


@pytest.mark.parametrize("failure", [Failure.WRONG_CHARSET, Failure.DUPLICATES])
def test_what_is_merely_sloppy_is_read(
    crawl: Any, servers: Handle, board: Any, failure: Failure
) -> None:
    board.write(25, minutes=5)
    servers.fail(failure, "gsdata")
    run = crawl.run(declare(crawl, servers.urls["gsdata"]))
    assert (run.new, run.gap, len(crawl.posts)) == (25, None, 25)


def error(status: int, message: str) -> bytes:
    document = {"name": "x", "message": message, "code": 0, "status": status}
    return json.dumps(document, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("http", "body", "reason"),
    [
        (401, error(401, "未授权"), GapReason.TOKEN_EXPIRED),
        (200, error(401, "未授权"), GapReason.TOKEN_EXPIRED),
        (422, error(422, "uid 不能为空"), GapReason.HTTP_ERROR),
        (402, error(402, "余额不足"), GapReason.RATE_LIMITED),
        (403, error(403, "没有权限"), GapReason.HTTP_ERROR),
        (403, error(403, "今日调用次数已用完"), GapReason.RATE_LIMITED),
        (429, error(429, "Too Many Requests"), GapReason.RATE_LIMITED),
        (500, error(500, "quota service down"), GapReason.DOWN),
        (200, b'{"data":[]}', GapReason.BAD_BODY),
        (200, b"[", GapReason.BAD_BODY),
    ],
)
def test_errors_of_the_vendor_are_gaps(
    crawl: Any, local_site: Any, page: Any, keys: None, http: int, body: bytes, reason: GapReason
) -> None:
    local_site.pages["/weibo/v1/articles"] = page(body, http)
    run = crawl.run(declare(crawl, local_site.url))
    assert (run.gap, run.new) == (reason, 0)


def test_an_array_with_its_pages_in_a_header_is_read_too(
    crawl: Any, local_site: Any, page: Any, keys: None
) -> None:
    post = {
        "uid": 1, "mid": 5367257342596743, "text": "云岫区法院<br>通报", "created_at":
        (datetime.now(SHANGHAI) - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S"),
        "like_count": "1.2万", "comments_count": None,
    }  # fmt: skip
    broken = [post | {"mid": None}, post | {"created_at": "不知何时"}, 3]
    body = json.dumps([post, *broken]).encode()
    local_site.pages["/weibo/v1/articles"] = page(body, 200, {"X-Pagination-Page-Count": "1"})
    run = crawl.run(declare(crawl, local_site.url, count=4))
    assert (run.new, run.rejected, run.requests) == (1, 3, 1)
    [read] = crawl.posts
    assert (read.engagement.likes, read.engagement.comments) == (12_000, None)
    assert "\n" in read.text


def test_what_the_vendor_sold_is_asked_for_at_the_platform(
    crawl: Any, servers: Handle, board: Any
) -> None:
    written = board.write(3, minutes=5)
    source = declare(crawl, servers.urls["gsdata"])
    crawl.run(source)
    held = [Held(one.id, one.url) for one in crawl.posts]
    answer = recheck(source, held, clock=system_clock, data_dir=crawl.data)
    assert (answer.unanswered, "lookup" in answer.detail) == (3, True)
    servers.delete(written[1].mid)
    lookup = f"{servers.urls['weibo']}/2/search/statuses/limited.json"
    credentials = source.credentials | {"access_token": "COURTPULSE_TRIAL_TOKEN"}
    source = declare(crawl, servers.urls["gsdata"], lookup=lookup, credentials=credentials)
    answer = recheck(source, held, clock=system_clock, data_dir=crawl.data)
    assert (len(answer.gone), answer.present, answer.unanswered) == (1, 2, 0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"delay": "50ms"}, "10 requests a second"),
        ({"least_span": "12h"}, "whole days"),
        ({"count": 51}, "less than or equal to 50"),
        ({"accounts": ["示例用户"]}, "accounts"),
        ({"credentials": {"app_key": "A"}}, "credentials.secret"),
        ({"license_ref": ""}, "license_ref is required"),
    ],
)
def test_a_wrong_declaration_says_what_to_do(
    crawl: Any, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        declare(crawl, "https://api.gsdata.cn", **changes)

"""Comments on watched posts over a real server: windows, paging, what is public, what is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.jobs import Held
from crawlers.recheck import recheck
from crawlers.state import SourceState
from demo.servers import ACCESS_TOKEN, Failure, Handle
from demo.servers.comments import comments_of
from demo.servers.licensed import start_licensed
from domain.errors import ConfigurationError
from domain.posts import PostKind
from domain.sources import GapReason
from domain.time import system_clock


@pytest.fixture
def servers(board: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handle]:
    monkeypatch.setenv("COURTPULSE_TRIAL_TOKEN", ACCESS_TOKEN)
    with start_licensed(board) as handle:
        yield handle


def declare(crawl: Any, url: str, posts: list[Any], **keys: Any) -> Any:
    document = {
        "platform": "weibo", "license_ref": "试验合同第1号", "backfill": "10h", "count": 10,
        "endpoint": f"{url}/2/comments/show.json",
        "statuses": [str(post.mid) for post in posts],
        "credentials": {"access_token": "COURTPULSE_TRIAL_TOKEN"},
    } | keys  # fmt: skip
    return crawl.declare("weibo_comments", **document)


def queries(servers: Handle) -> list[dict[str, str]]:
    return [
        {key: values[0] for key, values in parse_qs(urlsplit(seen.path).query).items()}
        for seen in servers.seen("comments")
    ]


def test_all_comments_at_first_then_those_of_the_window(
    crawl: Any, servers: Handle, board: Any
) -> None:
    posts = board.write(2, comments=25, minutes=120)
    source = declare(crawl, servers.urls["comments"], posts)
    first = crawl.run(source)
    assert (first.new, first.rejected, first.gap, first.requests) == (50, 0, None, 6)
    pages = [query for query in queries(servers) if query["id"] == str(posts[0].mid)]
    assert ["max_id" in page for page in pages] == [False, True, True]
    assert not any("since_id" in query for query in queries(servers))
    second = crawl.run(source)
    assert (second.new, second.gap, second.requests) == (0, None, 2)
    assert all("since_id" in query for query in queries(servers)[6:]), "ids hold the time"
    assert len(crawl.posts) == 50
    assert all("token" not in seen.path for seen in servers.seen("comments"))


def test_a_comment_carries_what_it_answers_and_no_author(
    crawl: Any, servers: Handle, board: Any
) -> None:
    [post] = board.write(1, comments=4, minutes=60)
    crawl.run(declare(crawl, servers.urls["comments"], [post]))
    texts = {one.text: one for one in crawl.posts}
    assert set(texts) == {
        "还在等消息（第1条）//云岫区法院第0条", "支持依法公开（第2条）//云岫区法院第0条",
        "为什么还不开庭（第3条）//云岫区法院第0条",
        "讲得清楚（第4条）//为什么还不开庭（第3条）//云岫区法院第0条",
    }  # fmt: skip
    assert {one.kind for one in crawl.posts} == {PostKind.COMMENT}
    assert len({one.id for one in crawl.posts}) == 4
    last = comments_of(post, datetime.now(UTC))[-1]
    assert f"https://weibo.com/detail/{post.mid}?cid={last['id']}" in {
        one.url for one in crawl.posts
    }
    kept = b"".join(path.read_bytes() for path in crawl.data.rglob("*") if path.is_file())
    for forbidden in ("评论网友", "示例用户", "1900000000"):
        assert forbidden.encode() not in kept
        assert forbidden not in repr(crawl.posts)


def test_the_busiest_posts_of_a_search_are_followed(
    crawl: Any, servers: Handle, board: Any
) -> None:
    quiet, busy, busier = board.write(3, minutes=60)
    old = datetime.now(UTC) - timedelta(hours=80)
    now = datetime.now(UTC)
    state = SourceState()
    for number, comments, published in (
        (quiet.mid, 3, now), (busy.mid, 30, now), (busier.mid, 400, now), (7, 999, old),
    ):  # fmt: skip
        state.note_busy(str(number), comments, published)
    state.save(crawl.data / "state" / "weibo_official.json")
    keys = {"posts_of": ["weibo_official", "never_ran"]}
    crawl.run(declare(crawl, servers.urls["comments"], [], **keys))
    assert {query["id"] for query in queries(servers)} == {str(busier.mid), str(busy.mid)}
    since = now - timedelta(hours=72)
    assert state.followed(20, since) == [str(busier.mid), str(busy.mid)], "the busiest first"
    crawl.run(declare(crawl, servers.urls["comments"], [quiet], most_posts=1, **keys))
    assert {query["id"] for query in queries(servers)[2:]} == {str(quiet.mid), str(busier.mid)}


def test_nothing_to_follow_is_nothing_missed(crawl: Any, servers: Handle) -> None:
    run = crawl.run(declare(crawl, servers.urls["comments"], [], posts_of=["never_ran"]))
    assert (run.requests, run.gap) == (0, None)


def test_a_post_that_is_gone_costs_nothing(crawl: Any, servers: Handle, board: Any) -> None:
    gone, kept = board.write(2, comments=3, minutes=60)
    servers.delete(gone.mid)
    run = crawl.run(declare(crawl, servers.urls["comments"], [gone, kept]))
    assert (run.new, run.gap) == (3, None)


def test_only_comments_under_public_posts_are_kept(crawl: Any, local_site: Any, page: Any,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("COURTPULSE_TRIAL_TOKEN", "x")
    created = datetime.now(UTC).strftime("%a %b %d %H:%M:%S +0000 %Y")
    status = {"id": 9, "text": "云岫区法院通报", "user": {"id": 1}}

    def comment(number: int, **changes: Any) -> dict[str, Any]:
        base = {"id": number, "created_at": created, "text": "还在等", "status": status}
        return base | changes

    comments = [
        comment(1), comment(2, status=status | {"visible": {"type": 2}}), comment(3, deleted="1"),
        comment(4, status=status | {"deleted": "1"}), comment(5, text=""), comment(6, status=None),
        comment(7, status={"id": 9, "text": "抱歉，已被删除", "user": None}),
        comment(8, reply_comment={"id": 3, "text": "已删", "user": None}), 9,
    ]  # fmt: skip
    body = json.dumps({"comments": comments, "next_cursor": 0, "total_number": 9}).encode()
    local_site.pages["/2/comments/show.json"] = page(body)
    run = crawl.run(declare(crawl, local_site.url, [], statuses=["9"]))
    assert sorted(one.text for one in crawl.posts) == [
        "还在等", "还在等//云岫区法院通报", "还在等//云岫区法院通报",
    ]  # fmt: skip
    assert (run.new, run.rejected) == (3, 3)


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (Failure.FORBIDDEN, GapReason.HTTP_ERROR),
        (Failure.TEAPOT, GapReason.RATE_LIMITED),
        (Failure.TOO_MANY, GapReason.RATE_LIMITED),
        (Failure.WALL, GapReason.LOGIN_PAGE),
        (Failure.RATE_LIMIT_IP, GapReason.RATE_LIMITED),
        (Failure.RATE_LIMIT, GapReason.RATE_LIMITED),
        (Failure.RATE_LIMIT_API, GapReason.RATE_LIMITED),
        (Failure.TOKEN_EXPIRED, GapReason.TOKEN_EXPIRED),
        (Failure.CAPTCHA, GapReason.CAPTCHA),
        (Failure.LOGIN_PAGE, GapReason.LOGIN_PAGE),
        (Failure.REDIRECT_LOOP, GapReason.HTTP_ERROR),
        (Failure.TRUNCATED, GapReason.BAD_BODY),
        (Failure.BLANK_PAGE, GapReason.BLANK_PAGE),
    ],
)
def test_failures_are_gaps_and_nothing_is_lost(
    crawl: Any, servers: Handle, board: Any, failure: Failure, reason: GapReason
) -> None:
    posts = board.write(1, comments=25, minutes=60)
    source = declare(crawl, servers.urls["comments"], posts)
    servers.fail(failure, "comments")
    run = crawl.run(source)
    assert run.gap is reason
    servers.heal()
    crawl.run(source)
    assert crawl.log.open == {}
    assert len({one.id for one in crawl.posts}) == len(crawl.posts) == 25


@pytest.mark.parametrize("failure", [Failure.WRONG_CHARSET, Failure.DUPLICATES])
def test_what_is_merely_sloppy_is_read(
    crawl: Any, servers: Handle, board: Any, failure: Failure
) -> None:
    posts = board.write(1, comments=25, minutes=60)
    servers.fail(failure, "comments")
    run = crawl.run(declare(crawl, servers.urls["comments"], posts))
    assert (run.new, run.gap, len(crawl.posts)) == (25, None, 25)


def test_deleted_comments_are_found_by_asking_again(
    crawl: Any, servers: Handle, board: Any
) -> None:
    posts = board.write(2, comments=30, minutes=60)
    source = declare(crawl, servers.urls["comments"], posts)
    crawl.run(source)
    gone = comments_of(posts[0], datetime.now(UTC))[3]["id"]
    servers.delete(gone)
    held = [Held(one.id, one.url) for one in crawl.posts]
    answer = recheck(source, held, clock=system_clock, data_dir=crawl.data)
    [wanted] = [one.id for one in crawl.posts if one.url.endswith(f"cid={gone}")]
    assert (answer.gone, answer.present, answer.unanswered) == ((wanted,), 59, 0)
    servers.fail(Failure.RATE_LIMIT, "comments")
    answer = recheck(source, held, clock=system_clock, data_dir=crawl.data)
    assert (answer.gone, answer.unanswered) == ((), 60), "an error says nothing about a comment"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"statuses": []}, "statuses or posts_of"),
        ({"statuses": ["x1"]}, "statuses"),
        ({"credentials": {}}, "access_token"),
        ({"license_ref": ""}, "license_ref is required"),
    ],
)
def test_a_wrong_declaration_says_what_to_do(crawl: Any, keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        declare(crawl, "https://api.weibo.com", [], **{"statuses": ["9"], **keys})

"""The subscription stream over a real server: reconnecting, redelivery, deletion, and silence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers import anew
from crawlers.deletions import Deletions
from crawlers.ingest import post_id
from demo.servers import Failure, Handle
from demo.servers.licensed import start_licensed
from demo.servers.weibo_push import Subscription
from domain.errors import ConfigurationError
from domain.posts import PostKind
from domain.sources import GapReason
from text.weibo_ids import mint_mid

AUTHOR = 1_000_000_001


@pytest.fixture
def servers(board: Any) -> Iterator[Handle]:
    with start_licensed(board, order=Subscription(quiet=0.15, comments=True)) as handle:
        yield handle


def declare(crawl: Any, url: str, **keys: Any) -> Any:
    document = {
        "platform": "weibo", "license_ref": "试验合同第1号", "subid": "10542", "percentage": 10,
        "endpoint": f"{url}/commercial/push", "keywords": ["法院"], "listen": "300ms",
    } | keys  # fmt: skip
    return crawl.declare("weibo_push", **document)


def hear(crawl: Any, source: Any, count: int) -> Any:
    """Run the source until `count` more posts are in, however slow the machine; the last run."""
    held = len(crawl.posts)
    for _ in range(10):
        run = crawl.run(source)
        if len(crawl.posts) - held >= count:
            break
    assert len(crawl.posts) - held == count
    return run


def asked(servers: Handle) -> list[str]:
    return [
        parse_qs(urlsplit(seen.path).query).get("since_id", [""])[0]
        for seen in servers.seen("push")
    ]


def test_lines_arrive_once_over_many_connections_and_runs(
    crawl: Any, servers: Handle, board: Any
) -> None:
    written = board.write(5)
    source = declare(crawl, servers.urls["push"], listen="1s")
    first = crawl.run(source)
    assert (first.seen, first.new, first.rejected, first.gap) == (5, 5, 0, None)
    assert first.requests > 1, "the platform closes after silence; we connect again"
    assert asked(servers)[0] == ""
    assert len(set(asked(servers)[1:])) == 1, "every further connection goes on behind the last"
    assert first.window_end > first.started_at + timedelta(seconds=0.5)
    written += board.write(3)
    second = crawl.run(source)
    assert (second.seen, second.new, second.gap) == (3, 3, None)
    assert second.window_start == first.window_end
    posts = crawl.posts
    assert {post.url for post in posts} == {
        f"https://weibo.com/detail/{one.mid}" for one in written
    }
    assert len(posts) == 8
    assert {post.sample_rate for post in posts} == {0.1}


def test_a_first_run_covers_from_the_connection_on(crawl: Any, servers: Handle, board: Any) -> None:
    board.write(2)
    run = crawl.run(declare(crawl, servers.urls["push"]))
    assert run.window_start >= run.started_at, "before it, nobody listened"
    assert crawl.log.past == [], "nothing was promised before the first run"


def test_comments_carry_their_post_and_edits_and_deletions_arrive(
    crawl: Any, servers: Handle, board: Any
) -> None:
    kept, edited, deleted = board.write(3, comments=4)
    source = declare(crawl, servers.urls["push"])
    hear(crawl, source, 15)
    comment = next(post for post in crawl.posts if "第4条" in post.text and "第0条" in post.text)
    assert comment.kind is PostKind.COMMENT
    assert comment.text == "讲得清楚（第4条）//为什么还不开庭（第3条）//云岫区法院第0条"
    assert comment.url.startswith(f"https://weibo.com/detail/{kept.mid}?cid=")
    servers.edit(edited.mid, "云岫区法院已更正")
    servers.delete(deleted.mid)
    told = Deletions(crawl.data / "state", source.source)
    hear(crawl, source, 1)
    while not told.read():
        crawl.run(source)
    [change] = [post for post in crawl.posts if post.text == "云岫区法院已更正"]
    assert change.edited_at is not None
    assert change.id == post_id(source.source, str(edited.mid))
    told = Deletions(crawl.data / "state", source.source)
    assert told.read() == [post_id(source.source, str(deleted.mid))]
    crawl.run(source)
    assert told.read() == [post_id(source.source, str(deleted.mid))], "kept until carried out"
    told.done(told.read())
    assert told.read() == []


def test_nothing_of_the_account_is_kept(crawl: Any, servers: Handle, board: Any) -> None:
    board.write(1, comments=2)
    crawl.run(declare(crawl, servers.urls["push"]))
    kept = b"".join(path.read_bytes() for path in crawl.data.rglob("*") if path.is_file())
    for forbidden in ("示例用户", "评论网友", str(AUTHOR)):
        assert forbidden.encode() not in kept
        assert forbidden not in repr(crawl.posts)


@pytest.mark.parametrize("failure", [Failure.TRUNCATED, Failure.DUPLICATES, Failure.WRONG_CHARSET])
def test_what_breaks_in_mid_stream_is_redelivered(
    crawl: Any, servers: Handle, board: Any, failure: Failure
) -> None:
    board.write(8)
    source = declare(crawl, servers.urls["push"])
    servers.fail(failure, "push")
    crawl.run(source)
    servers.heal()
    assert hear(crawl, source, 8 - len(crawl.posts)).gap is None
    assert crawl.log.open == {}
    ids = [post.id for post in crawl.posts]
    assert len(ids) == len(set(ids)) == 8


def test_a_broken_connection_is_a_gap_from_the_last_line_on(
    crawl: Any, servers: Handle, board: Any
) -> None:
    board.write(8)
    source = declare(crawl, servers.urls["push"], listen="1s")
    hear(crawl, source, 8)
    board.write(5)
    servers.fail(Failure.TRUNCATED, "push")
    run = crawl.run(source)
    assert (run.gap, run.new) == (GapReason.BAD_BODY, 3)
    gap = crawl.log.open[source.source]
    assert run.started_at < gap.start < run.finished_at
    assert crawl.log.last_covered(source.source) == gap.start, "up to there it was heard"
    servers.heal()
    back = crawl.run(source)
    assert (back.gap, back.new, back.window_start) == (None, 2, gap.start)


def test_a_run_killed_before_its_cursor_was_kept_doubles_nothing(
    crawl: Any, servers: Handle, board: Any
) -> None:
    """A kill between segment and state leaves what no state would: the same lines come again."""
    board.write(6)
    source = declare(crawl, servers.urls["push"])
    hear(crawl, source, 6)
    before = {post.id: post.text for post in crawl.posts}
    (crawl.data / "state" / f"{source.source}.json").unlink()
    while {post.id: post.text for post in crawl.posts} == before and len(crawl.posts) < 12:
        assert crawl.run(source).gap is None
    assert {post.id: post.text for post in crawl.posts} == before, "the same ids: counted once"


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
        (Failure.RESET, GapReason.DOWN),
        (Failure.SERVER_ERROR, GapReason.DOWN),
        (Failure.SLOW_LORIS, GapReason.TIMEOUT),
    ],
)
def test_failures_are_gaps_and_nothing_is_lost(
    crawl: Any, servers: Handle, board: Any, failure: Failure, reason: GapReason
) -> None:
    board.write(2)
    source = declare(crawl, servers.urls["push"])
    servers.fail(failure, "push")
    run = crawl.run(source)
    assert (run.gap, run.new) == (reason, 0)
    assert crawl.log.last_covered(source.source) is None
    servers.heal()
    hear(crawl, source, 2)
    assert crawl.log.open == {}


class Lines:
    """A platform that sends the given bytes to every connection."""

    def __init__(self, local_site: Any, page: Any) -> None:
        self.sent = [b""]
        self.head = {"Content-Type": "application/json"}
        self.connections = 0
        local_site.pages["/commercial/push"] = page(make=self.answer)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = self.sent[min(self.connections, len(self.sent) - 1)]
        self.connections += 1
        handler.send_response(200)
        for name, value in self.head.items():
            handler.send_header(name, value)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True


@pytest.fixture
def lines(local_site: Any, page: Any) -> Lines:
    return Lines(local_site, page)


def line(number: int, event: str = "add", **changes: Any) -> bytes:
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    mid = mint_mid(moment, number)
    status = {
        "id": mid, "created_at": moment.astimezone().strftime("%a %b %d %H:%M:%S %z %Y"),
        "text": f"云岫区法院第{number}条", "user": {"id": 1, "screen_name": "示例用户"},
    } | changes  # fmt: skip
    return json.dumps(
        {"id": number, "text": {"type": "status", "event": event, "status": status}},
        ensure_ascii=False,
    ).encode()


def test_a_line_that_cannot_be_read_costs_that_line(
    crawl: Any, local_site: Any, lines: Lines
) -> None:
    odd = [
        line(1), b"", b"\r", line(2)[:40], b"\xff\xfe\xfa", b"[1,2]", line(3, event="rename"),
        line(4, event="delete", id=None), line(5, text=None), line(6, visible={"type": 4}),
        line(7, event="update", visible={"type": 4}), b'{"id":8,"text":{"type":"like"}}', line(9),
    ]  # fmt: skip
    lines.sent = [b"\r\n".join(odd) + b"\r\n" + line(10)[:50], b""]
    source = declare(crawl, local_site.url)
    run = crawl.run(source)
    assert [post.text[-3:] for post in crawl.posts] == ["第1条", "第9条"]
    assert (run.new, run.rejected) == (2, 7)
    assert len(Deletions(crawl.data / "state", source.source).read()) == 1
    assert "示例用户" not in repr(crawl.posts)


def test_the_cursor_is_the_last_line_handed_over(crawl: Any, local_site: Any, lines: Lines) -> None:
    lines.sent = [line(11) + b"\r\n" + line(12), b'{"error":"x","error_code":10022}\r\n']
    run = crawl.run(declare(crawl, local_site.url, listen="2s"))
    assert (run.new, run.gap) == (2, GapReason.RATE_LIMITED)
    assert "since_id=12" in local_site.paths[1]
    assert lines.connections == 2, "told to stop, it stopped"


def test_an_address_that_is_not_registered_is_told(
    crawl: Any, local_site: Any, lines: Lines
) -> None:
    lines.sent = [b'{"error":"Ip is limited"}']
    run = crawl.run(declare(crawl, local_site.url))
    assert (run.gap, lines.connections) == (GapReason.HTTP_ERROR, 1)
    assert "IP" in run.detail


def test_a_stream_is_cut_into_connections_by_size(
    crawl: Any, local_site: Any, lines: Lines
) -> None:
    lines.sent = [b"".join(line(n) + b"\r\n" for n in range(1, 40)), b""]
    run = crawl.run(declare(crawl, local_site.url, max_bytes=2_000))
    assert run.new >= 2
    assert run.gap is None


def test_an_endless_line_is_too_large(crawl: Any, local_site: Any, lines: Lines) -> None:
    lines.sent = [b'{"id":1,"text":"' + b"x" * 50_000]
    run = crawl.run(declare(crawl, local_site.url, max_bytes=20_000))
    assert (run.gap, run.new) == (GapReason.TOO_LARGE, 0)


def test_a_pause_longer_than_the_platform_remembers_is_a_gap(
    crawl: Any, servers: Handle, board: Any
) -> None:
    board.write(1)
    crawl.run(declare(crawl, servers.urls["push"]))
    late = crawl.run(declare(crawl, servers.urls["push"], keeps="0s"))
    assert late.gap is None
    [gap] = crawl.log.past
    assert (gap.reason, gap.end) == (GapReason.PAGE_CAP, late.window_start)
    assert "无法补采" in gap.detail


def test_a_stream_whose_posts_were_lost_is_not_covered_by_the_next_run(
    crawl: Any, servers: Handle, board: Any
) -> None:
    board.write(1)
    first = crawl.run(declare(crawl, servers.urls["push"]))
    anew.mark(crawl.data / "state", first.source)
    late = crawl.run(declare(crawl, servers.urls["push"]))
    assert late.gap is None
    [gap] = crawl.log.past
    assert (gap.start, gap.end) == (first.window_end, late.window_start)
    assert asked(servers)[-1], "it goes on behind the last line all the same"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"percentage": None}, "percentage"),
        ({"percentage": 0}, "greater than 0"),
        ({"percentage": 101}, "less than or equal to 100"),
        ({"sample_rate": 0.5}, "contradicts percentage"),
        ({"keywords": []}, "keywords, users or domains"),
        ({"keywords": ["法院"] * 20_001}, "20000"),
        ({"users": ["1"] * 10_001}, "10000"),
        ({"domains": ["court.example"] * 21}, "20"),
        ({"license_ref": ""}, "license_ref is required"),
        ({"listen": "20s"}, "at least 15s longer"),
        ({"lookup": "https://api.weibo.com/2/x.json"}, "access_token"),
    ],
)
def test_a_wrong_declaration_says_what_to_do(crawl: Any, keys: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        declare(crawl, "https://c.api.weibo.com", **keys)

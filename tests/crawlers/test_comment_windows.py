"""Comments beyond a run's means: the next run goes on at the comment this one stopped at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from alerts.blindness import missing
from crawlers.pieces import Piece
from crawlers.spiders.planned import GIVEN_UP
from crawlers.state import SourceState
from crawlers.unfinished import Unfinished, load, save
from demo.model import WeiboPost
from demo.servers.comments import comments_of, comments_site
from demo.servers.failures import Control
from demo.servers.http import LocalServer
from demo.servers.weibo import ACCESS_TOKEN
from domain.sources import GapReason
from domain.time import system_clock
from records import Records
from text.weibo_ids import mint_mid

COUNT = 10


class Square:
    """The platform's comments under a test's posts, and a source that follows them."""

    def __init__(self, crawl: Any, board: Any) -> None:
        self.crawl, self.board, self.control = crawl, board, Control(("comments",))
        site = comments_site(board, self.control)
        self.server = LocalServer("comments", site, self.control, system_clock, 0)

    def write(self, comments: int, age: timedelta) -> WeiboPost:
        """A post of that age, with a comment a minute."""
        moment, number = (datetime.now(UTC) - age).replace(microsecond=0), len(self.board.held)
        post = WeiboPost(
            mint_mid(moment, number), moment, self.board.author, f"云岫区法院第{number}条", "noise",
            comments=comments,
        )  # fmt: skip
        self.board.held.append(post)
        return post

    def declare(self, *posts: WeiboPost, **keys: Any) -> Any:
        document = {
            "platform": "weibo", "license_ref": "试验合同第1号", "backfill": "1h", "count": COUNT,
            "endpoint": f"{self.server.url}/2/comments/show.json", "timeout": "60s",
            "statuses": [str(post.mid) for post in posts],
            "credentials": {"access_token": "COURTPULSE_TRIAL_TOKEN"},
        } | keys  # fmt: skip
        return self.crawl.declare("weibo_comments", **document)

    def path(self, source: Any) -> Any:
        return self.crawl.data / "state" / "unfinished" / f"{source.source}.json"

    def left(self, source: Any) -> tuple[Piece, ...]:
        return load(self.path(source)).pieces

    @property
    def asked(self) -> list[dict[str, str]]:
        return [
            {name: values[0] for name, values in parse_qs(urlsplit(seen.path).query).items()}
            for seen in self.server.seen
        ]

    def everything_once(self) -> bool:
        now = datetime.now(UTC)
        there = [one["id"] for post in self.board.held for one in comments_of(post, now)]
        collected = [int(post.url.rpartition("=")[2]) for post in self.crawl.posts]
        return sorted(collected) == sorted(there)


@pytest.fixture
def square(crawl: Any, board: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Square]:
    monkeypatch.setenv("COURTPULSE_TRIAL_TOKEN", ACCESS_TOKEN)
    found = Square(crawl, board)
    yield found
    found.server.stop()


def test_more_than_a_search_shows_is_gone_on_with_at_once(square: Square) -> None:
    post = square.write(95, timedelta(hours=2))
    run = square.crawl.run(square.declare(post, max_pages=2))
    assert (run.gap, run.new, run.requests) == (None, 95, 10)
    assert square.everything_once()
    assert square.crawl.log.past == []


def test_a_list_that_ends_before_its_total_is_looked_at_once_more(square: Square) -> None:
    """The interface may end a search early; hidden comments cost one request and are no gap."""
    post = square.write(55, timedelta(hours=2))
    square.server._site = comments_site(square.board, square.control, most=20)
    run = square.crawl.run(square.declare(post))
    assert (run.gap, run.new, run.requests) == (None, 55, 6)
    assert square.everything_once()
    hidden = comments_of(post, datetime.now(UTC))[:12]
    shown = square.server._site

    def hide(request: Any) -> Any:
        answer = shown(request)
        found = json.loads(answer.body)
        found["comments"] = [one for one in found["comments"] if one not in gone(found)]
        return type(answer)(json.dumps(found).encode(), answer.status, answer.content_type)

    def gone(found: dict[str, Any]) -> list[Any]:
        return [one for one in found["comments"] if one["id"] <= hidden[-1]["id"]]

    square.server._site = hide
    other = square.crawl
    other.data = other.folder / "anew"
    run = other.run(square.declare(post, max_pages=9))
    assert (run.gap, run.new) == (None, 43)


def test_runs_of_few_requests_go_on_where_the_last_one_stopped(
    square: Square, tmp_path: Any
) -> None:
    busy, quiet = square.write(95, timedelta(hours=2)), square.write(12, timedelta(minutes=30))
    source = square.declare(busy, quiet, max_requests=4)
    records = Records.open(f"sqlite:///{tmp_path}/records.db")
    square.crawl.log = records.runs
    begun, used, holes = datetime.now(UTC) - timedelta(hours=3), [], []
    for _ in range(9):
        used.append(square.crawl.run(source).requests)
        found = missing(records, begun, datetime.now(UTC) - timedelta(seconds=5))
        holes.append([gap for gap in found if gap.reason is GapReason.PAGE_CAP])
        if not square.left(source):
            break
    assert square.left(source) == ()
    assert max(used) <= 4
    # Two posts are asked for anew by each run; beyond that no page is asked for twice.
    assert sum(used) <= 95 // COUNT + 12 // COUNT + 2 + 2 * len(used)
    assert square.everything_once()
    assert holes[0], "what is left is a gap until it is read"
    assert not holes[-1], "and none afterwards"
    marks = [query["max_id"] for query in square.asked if query["id"] == str(busy.mid)
             and "max_id" in query]  # fmt: skip
    assert len(set(marks)) == len(marks)
    records.close()


class Killed(BaseException):
    """The parent process dies here."""


def dead(*_: Any) -> Any:
    raise Killed


def test_a_history_that_a_killed_run_began_is_not_taken_for_read(
    square: Square, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The spider's state is saved and the parent dies before it notes what is left."""
    post = square.write(60, timedelta(hours=20))
    source = square.declare(post, max_requests=3)
    for write in ("crawlers.unfinished.save", "crawlers.run.tell", ""):
        with monkeypatch.context() as patched:
            if write:
                patched.setattr(write, dead)
                with pytest.raises(Killed):
                    square.crawl.run(source)
            else:
                square.crawl.run(source)
    for _ in range(9):
        if not square.left(source):
            break
        square.crawl.run(source)
    assert square.left(source) == ()
    assert square.everything_once()
    state = SourceState.load(square.crawl.data / "state" / f"{source.source}.json")
    assert datetime.fromisoformat(state.cursors[f"read {post.mid}"])


def test_an_old_post_s_history_is_read_to_its_first_comment(square: Square) -> None:
    """Comments older than a week are not given up while their post is followed."""
    post = square.write(35, timedelta(days=30))
    source = square.declare(post, max_requests=2)
    for _ in range(4):
        square.crawl.run(source)
    assert square.left(source) == ()
    assert square.everything_once()
    begun = min(run.window_start for run in square.crawl.log.runs)
    assert all(gap.start >= begun - timedelta(seconds=1) for gap in square.crawl.log.past)
    assert begun > datetime.now(UTC) - timedelta(hours=2), "one post's past is not the source's"


def test_what_is_left_for_a_week_of_a_post_no_longer_followed_is_a_gap(square: Square) -> None:
    square.write(5, timedelta(minutes=30))
    source = square.declare(square.board.held[0])
    now, week = int(system_clock().timestamp()), int(GIVEN_UP.total_seconds())
    old = Piece("5367257342596743", now - week - 3600, now - week - 60, cursor="max_id=7")
    save(square.path(source), Unfinished((old,)))
    run = square.crawl.run(source)
    assert (run.gap, run.new) == (None, 5)
    [gap] = square.crawl.log.past
    assert (gap.start, gap.end, gap.reason) == (*old.stretch, GapReason.PAGE_CAP)
    assert "5367257342596743 的评论" in gap.detail
    assert "不再补采" in gap.detail


def test_a_cursor_that_stands_still_ends_the_run(crawl: Any, local_site: Any, page: Any,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setenv("COURTPULSE_TRIAL_TOKEN", "x")
    now = datetime.now(UTC)
    comment = {
        "id": mint_mid(now, 1), "created_at": now.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "text": "还在等", "status": {"id": 9, "text": "云岫区法院通报", "user": {"id": 1}},
    }  # fmt: skip
    body = json.dumps({"comments": [comment], "next_cursor": comment["id"], "total_number": 9})
    local_site.pages["/2/comments/show.json"] = page(body.encode())
    source = crawl.declare(
        "weibo_comments", platform="weibo", license_ref="试验合同第1号", statuses=["9"],
        endpoint=f"{local_site.url}/2/comments/show.json",
        credentials={"access_token": "COURTPULSE_TRIAL_TOKEN"},
    )  # fmt: skip
    run = crawl.run(source)
    assert (run.gap, run.requests) == (GapReason.BAD_BODY, 2)
    assert "next_cursor" in run.detail

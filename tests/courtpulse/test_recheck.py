"""Deletion sync: what its author deletes at the source is gone from the whole data folder."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from courtpulse.recheck import is_doubtful, is_due
from crawlers.inbox import Inbox
from crawlers.recheck import Rechecked
from demo.servers import Failure
from domain.posts import Platform, Post, PostKind
from domain.protocols import Query

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def post(days: float) -> Post:
    at = NOW - timedelta(days=days)
    return Post("0" * 32, "site", Platform.NEWS, PostKind.ARTICLE, "正文", at, at)


@pytest.mark.parametrize(
    ("days", "last_days", "due"),
    [
        (0.5, 1, True),
        (6.9, 1, True),
        (7.5, 1, True),  # its first weekly date fell into the last day
        (8.5, 1, False),
        (8.5, 2, True),  # a day without a round is made good
        (13.9, 1, False),
        (14.2, 1, True),
        (21.5, 1, True),
        (29.0, 3, True),
        (29.5, 1, False),
        (30.5, None, False),
        (29.5, None, True),  # never asked for
    ],
)
def test_young_posts_daily_older_ones_weekly(
    days: float, last_days: float | None, due: bool
) -> None:
    last = None if last_days is None else NOW - timedelta(days=last_days)
    assert is_due(post(days), last, NOW) is due


def texts(folder: Path) -> str:
    """Every text of every segment, and every other file as it lies."""
    inbox = Inbox(str(folder / "inbox"))
    kept = [item.post.full_text for name in inbox.committed() for item in inbox.read(name)]
    files = [path for path in folder.rglob("*") if path.is_file() and "sources" not in path.parts]
    return "\n".join(kept) + "\n".join(
        path.read_bytes().decode("utf-8", "replace") for path in files
    )


def patient(court: Any, *sources: str) -> None:
    """Declared delays are for the public web; these servers are ours."""
    for name in sources:
        path = court.folder / "sources" / f"{name}.yml"
        text = re.sub(r"^delay:.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        path.write_text(f"{text.rstrip()}\ndelay: 0s\n", encoding="utf-8")


def test_deleted_at_the_source_is_deleted_here(court: Any) -> None:
    patient(court, "weibo_search", "news_online")
    with court.flow() as flow:
        store = flow.rooms.store
        [mine] = store.search(Query(sources=("weibo_search",)), limit=1).posts
        [article] = store.search(Query(sources=("news_online",)), limit=1).posts
        mid = int(mine.post.url.rpartition("/")[2])
        number = int(re.findall(r"\d+", article.post.url)[-1])
        court.servers.delete(mid)
        court.servers.delete(number)
        everything = store.total(Query())

        report = flow.recheck(["weibo_search", "news_online"])

        assert report.failed == {}
        assert report.sources["weibo_search"].gone == (mine.post.id,)
        assert report.sources["news_online"].gone == (article.post.id,)
        assert all(one.unanswered == 0 for one in report.sources.values())
        assert report.sources["weibo_search"].present > 100
        assert (report.forgotten, store.total(Query())) == (2, everything - 2)
        assert store.get([mine.post.id, article.post.id]) == []
        again = flow.recheck(["weibo_search", "news_online"])
        assert again.forgotten == 0
    left = texts(court.folder)
    for gone in (mine.post, article.post):
        longest = max(gone.text.splitlines(), key=len)
        assert longest not in left


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Failure.SERVER_ERROR, "500"),
        (Failure.TOO_MANY, "429"),
        (Failure.CAPTCHA, "验证码"),
        (Failure.LOGIN_PAGE, "登录"),
        (Failure.TOKEN_EXPIRED, "令牌"),
        (Failure.TRUNCATED, ""),
    ],
)
def test_a_source_that_does_not_answer_deletes_nothing(
    court: Any, failure: Failure, words: str
) -> None:
    patient(court, "weibo_search")
    with court.flow() as flow:
        everything = flow.rooms.store.total(Query())
        asked = len(court.servers.seen("weibo"))
        court.servers.fail(failure, "weibo")
        try:
            report = flow.recheck(["weibo_search"])
        finally:
            court.servers.heal("weibo")
        answer = report.sources["weibo_search"]
        assert (report.forgotten, answer.present, answer.gone) == (0, 0, ())
        assert answer.unanswered == answer.asked > 0
        assert words in answer.detail
        assert flow.rooms.store.total(Query()) == everything
        if failure in (Failure.TOO_MANY, Failure.TOKEN_EXPIRED):
            # What is under way comes back; with the delay of a real source that is one or two.
            assert answer.asked > 1000
            assert len(court.servers.seen("weibo")) - asked <= 10, "it stops at a wall"
        assert flow.rooms.records.marks.get("recheck:weibo_search") is None


@pytest.mark.parametrize(
    ("gone", "present", "doubtful"),
    [
        (0, 0, False),
        (19, 0, False),
        (20, 0, True),
        (20, 20, False),
        (21, 20, True),
        (500, 900, False),
    ],
)
def test_a_source_that_calls_most_posts_gone_is_doubted(
    gone: int, present: int, doubtful: bool
) -> None:
    answer = Rechecked(gone + present, tuple(map(str, range(gone))), present)
    assert is_doubtful(answer) is doubtful


def test_nothing_is_deleted_on_a_doubtful_answer_until_a_person_believes_it(
    court: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with court.flow() as flow:
        posts = flow.rooms.store.search(Query(sources=("weibo_search",)), limit=30).posts
        ids = tuple(item.post.id for item in posts)
        monkeypatch.setattr("courtpulse.recheck._ask", lambda *_: Rechecked(30, ids, 0))
        report = flow.recheck(["weibo_search"])
        assert "--believe" in report.failed["weibo_search"]
        assert (report.forgotten, len(flow.rooms.store.get(ids))) == (0, 30)
        assert flow.rooms.records.marks.get("recheck:weibo_search") is None
        assert flow.recheck(["weibo_search"], believe=True).forgotten == 30
        assert flow.rooms.store.get(ids) == []

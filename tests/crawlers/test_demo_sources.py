"""The demonstration's own sources, whole: every post and article arrives once, in order or not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.declarations import load, load_all
from crawlers.declared import ImportSource
from demo.declare import TOKEN_VARIABLE, write_sources
from demo.scenario import World
from demo.servers import ACCESS_TOKEN, Failure, Handle, start
from domain.posts import Platform
from domain.sources import GapReason

NOW = datetime.now(UTC)
WORLD = World(NOW)


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Handle]:
    monkeypatch.setenv(TOKEN_VARIABLE, ACCESS_TOKEN)
    with start(WORLD, clock=lambda: NOW) as handle:
        yield handle


def test_everything_published_arrives_once(crawl: Any, servers: Handle) -> None:
    folder = crawl.folder / "sites"
    write_sources(folder, servers.urls)
    sources = [one for one in load_all(folder) if not isinstance(one, ImportSource)]
    runs = {source.source: crawl.run(source) for source in sources}
    assert {name: run.gap for name, run in runs.items()} == dict.fromkeys(runs)
    assert sum(run.rejected for run in runs.values()) == 0
    posts = {post.id: post for post in crawl.posts}
    assert len(posts) == len(crawl.posts)
    titles = {post.title for post in posts.values() if post.source == "news_evening"}
    assert titles == {one.title for one in WORLD.articles(NOW) if one.site == "gbk"}
    titles = {post.title for post in posts.values() if post.source == "news_online"}
    assert titles == {one.title for one in WORLD.articles(NOW) if one.site == "utf8"}
    # The look-back is counted from the run, which may be long after this file was imported.
    since = runs["weibo_search"].window_start
    wanted = {
        f"https://weibo.com/detail/{post.mid}"
        for post in WORLD.posts(NOW)
        if any(word in post.text for word in _queries(folder)) and since <= post.moment < NOW
    }
    weibo = {post.url for post in posts.values() if post.platform is Platform.WEIBO}
    missing, extra = wanted - weibo, weibo - wanted
    # The search is asked up to the whole second in which it is asked.
    assert len(missing) <= 2
    assert not extra
    again = {source.source: crawl.run(source) for source in sources}
    assert {name: (run.new, run.gap) for name, run in again.items()} == dict.fromkeys(
        runs, (0, None)
    )
    assert not [seen for seen in servers.seen("news_gbk") if seen.path.startswith("/internal")]


def _queries(folder: Path) -> list[str]:
    weibo: Any = load(folder / "weibo_search.yml")
    return list(weibo.queries)


@pytest.mark.parametrize(
    ("source", "server", "failure", "reason"),
    [
        ("weibo_search", "weibo", Failure.CAPTCHA, GapReason.CAPTCHA),
        ("weibo_search", "weibo", Failure.BLANK_PAGE, GapReason.BLANK_PAGE),
        ("weibo_search", "weibo", Failure.TRUNCATED, GapReason.BAD_BODY),
        ("news_evening", "news_gbk", Failure.OVERSIZE, GapReason.TOO_LARGE),
        ("news_evening", "news_gbk", Failure.ROBOTS_DISALLOW, GapReason.ROBOTS),
        ("news_evening", "news_gbk", Failure.BLANK_PAGE, GapReason.BLANK_PAGE),
        ("news_evening", "news_gbk", Failure.WRONG_CHARSET, None),
    ],
)
def test_each_failure_is_named_and_healed(
    crawl: Any,
    servers: Handle,
    source: str,
    server: str,
    failure: Failure,
    reason: GapReason | None,
) -> None:
    folder = crawl.folder / "sites"
    write_sources(folder, servers.urls)
    declaration = load(folder / f"{source}.yml")
    servers.fail(failure, server)
    assert crawl.run(declaration).gap is reason
    servers.heal()
    assert crawl.run(declaration).gap is None
    assert crawl.log.open == {}

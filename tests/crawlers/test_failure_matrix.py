"""Every kind of source against every way to fail: how many posts, and why there is a gap.

One table, `COMMON` and `OWN`. An entry says what a run brings (posts, or for kinds that tell other
things, those) and the reason of its gap. A dozen things are published, a few of them on a page.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers.declarations import KINDS as DECLARED
from crawlers.jobs import Outcome
from demo.model import Article, Author, Notice, WeiboPost
from demo.servers import ACCESS_TOKEN, Handle
from demo.servers.comments import comments_site
from demo.servers.failures import Control, Failure
from demo.servers.feed import feed_site
from demo.servers.gdelt import gdelt_site
from demo.servers.gsdata import APP_KEY, SECRET, gsdata_site
from demo.servers.hearings import hearings_site
from demo.servers.http import LocalServer, Site
from demo.servers.mastodon import mastodon_site
from demo.servers.news import news_site
from demo.servers.weibo import weibo_site
from demo.servers.weibo_push import Subscription, push_site
from domain.sources import GapReason
from domain.time import system_clock
from text.weibo_ids import mint_mid

#: Posts of a world, its articles (ten on a list page), comments under its first post.
HELD, ARTICLES, COMMENTS = 12, 21, 7
AUTHOR = Author(1_000_000_001, "示例用户", 7)
GRANT = {"license_ref": "试验合同第1号"}
TOKEN = {"access_token": "COURTPULSE_TRIAL_TOKEN"}


class Published:
    """A dozen posts, articles and notices of the last minutes; a test edits and deletes them."""

    def __init__(self) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        moments = [now - timedelta(seconds=20 * n) for n in range(HELD, 0, -1)]
        moments[0] = now - timedelta(minutes=COMMENTS + 1, seconds=5)  # a comment a minute
        self.held = [
            WeiboPost(mint_mid(at, n), at, AUTHOR, f"云岫区法院第{n}条", "noise", comments=COMMENTS)
            for n, at in enumerate(moments)
        ]
        self.written = [
            Article(
                n,
                "utf8",
                at,
                f"云岫区法院第{n}次通报案情",
                (f"云岫区法院通报第{n}案的进展情况。" * 4,),
            )
            for n, at in enumerate(
                [now - timedelta(seconds=9 * n) for n in range(ARTICLES, 0, -1)], 1
            )
        ]
        self.told = [
            Notice(n, at, f"通报{n}", f"云岫区法院第{n}条。") for n, at in enumerate(moments, 1)
        ]

    def posts(self, until: datetime) -> list[WeiboPost]:
        return self.held

    def articles(self, until: datetime) -> list[Article]:
        return self.written

    def notices(self, until: datetime) -> list[Notice]:
        return self.told

    def edit(self, handle: Handle) -> None:
        """The author of the newest changes it."""
        handle.edit(self.held[-1].mid, "云岫区法院已更正")
        self.held[-1] = replace(self.held[-1], text="云岫区法院已更正")
        self.written[-1] = replace(self.written[-1], paragraphs=("云岫区法院更正了通报。" * 6,))
        self.told[-1] = replace(self.told[-1], body="云岫区法院更正。")

    def delete(self, handle: Handle) -> None:
        """The author of the newest deletes it."""
        handle.delete(self.held[-1].mid)
        for held in (self.held, self.written, self.told):
            held.pop()


@dataclass(frozen=True)
class Kind:
    """A kind of source: its server, and what a declaration of it needs beyond the common keys."""

    site: Callable[[Published, Control], Site]
    keys: Callable[[str, Published], dict[str, Any]]


KINDS = {
    "feed": Kind(lambda world, _: feed_site(world), lambda url, _: {"urls": [f"{url}/rss.xml"]}),
    "site": Kind(
        lambda world, control: news_site(world, "utf8", control),
        lambda url, _: {
            "urls": [f"{url}/news/index.html"], "pages": f"{url}/news/index_{{page}}.html",
            "selectors": {"link": "#articleList li a"},
        },
    ),
    "weibo_api": Kind(
        weibo_site,
        lambda url, _: GRANT | {
            "platform": "weibo", "endpoint": f"{url}/2/search/statuses/limited.json",
            "queries": ["云岫区法院"], "count": 5, "credentials": TOKEN,
        },
    ),
    "weibo_push": Kind(
        lambda world, control: push_site(
            world, control, Subscription(percentage=100, quiet=0.2, longest=0.4), system_clock
        ),
        lambda url, _: GRANT | {
            "platform": "weibo", "endpoint": f"{url}/commercial/push", "subid": Subscription().subid,
            "percentage": 100, "keywords": ["法院"], "listen": "1s",
        },
    ),
    "weibo_comments": Kind(
        comments_site,
        lambda url, world: GRANT | {
            "platform": "weibo", "endpoint": f"{url}/2/comments/show.json", "count": 2,
            "statuses": [str(world.held[0].mid)], "credentials": TOKEN,
        },
    ),
    "gsdata": Kind(
        gsdata_site,
        lambda url, _: GRANT | {
            "platform": "weibo", "endpoint": f"{url}/weibo/v1/articles", "count": 5, "delay": "100ms",
            "accounts": [str(AUTHOR.uid)],
            "credentials": {"app_key": "COURTPULSE_TRIAL_KEY", "secret": "COURTPULSE_TRIAL_SECRET"},
        },
    ),
    "mastodon": Kind(
        mastodon_site,
        lambda url, _: {"platform": "forum", "instance": url, "tags": ["法院"], "limit": 5},
    ),
    "hearings": Kind(
        hearings_site,
        lambda url, _: {"endpoint": f"{url}/search/a/revmor/full", "page_size": 5},
    ),
    "gdelt": Kind(
        gdelt_site,
        lambda url, _: GRANT | {
            "endpoint": f"{url}/api/v2/doc/doc", "query": "法院", "window": "10d", "delay": "5s",
            "robots": "granted",  # else five seconds lie between robots.txt and the one request
        },
    ),
}  # fmt: skip


#: What every kind makes of a failure, unless `OWN` says otherwise; None stands for all that is held.
COMMON: dict[str, tuple[int | None, GapReason | None]] = {
    Failure.FORBIDDEN: (0, GapReason.HTTP_ERROR),
    Failure.TEAPOT: (0, GapReason.RATE_LIMITED),
    Failure.TOO_MANY: (0, GapReason.RATE_LIMITED),
    Failure.WALL: (0, GapReason.LOGIN_PAGE),
    Failure.SERVER_ERROR: (0, GapReason.DOWN),
    Failure.RATE_LIMIT: (0, GapReason.RATE_LIMITED),
    Failure.TOKEN_EXPIRED: (0, GapReason.TOKEN_EXPIRED),
    Failure.CAPTCHA: (0, GapReason.CAPTCHA),
    Failure.CAPTCHA_PAGE: (0, GapReason.CAPTCHA),
    Failure.LOGIN_PAGE: (0, GapReason.LOGIN_PAGE),
    Failure.REDIRECT_LOOP: (0, GapReason.HTTP_ERROR),
    Failure.RESET: (0, GapReason.DOWN),
    Failure.TRUNCATED: (0, GapReason.BAD_BODY),
    Failure.SLOW_LORIS: (0, GapReason.TIMEOUT),
    Failure.WRONG_CHARSET: (None, None),
    Failure.BLANK_PAGE: (0, GapReason.BLANK_PAGE),
    Failure.DUPLICATES: (None, None),
    "edited afterwards": (1, None),
    "deleted afterwards": (0, None),  # absence is no deletion: the re-check asks for that
}
#: Error codes and captchas in the Weibo platform's JSON say nothing to other kinds.
_FOREIGN = {
    Failure.RATE_LIMIT: (0, GapReason.HTTP_ERROR),
    Failure.CAPTCHA: (0, GapReason.BAD_BODY),
}
OWN: dict[str, dict[str, tuple[int | None, GapReason | None]]] = {
    "feed": _FOREIGN,
    "site": _FOREIGN
    | {
        Failure.CAPTCHA: (0, GapReason.BLANK_PAGE),
        Failure.BLANK_PAGE: (11, GapReason.BLANK_PAGE),  # the page behind the blank one was read
        "edited afterwards": (0, None),  # an article is read once
    },
    "weibo_api": {Failure.BLANK_PAGE: (7, GapReason.BLANK_PAGE)},
    "weibo_push": {
        Failure.TRUNCATED: (3, GapReason.BAD_BODY),  # what was whole before the cut
        Failure.BLANK_PAGE: (None, None),  # a stream has no pages
    },
    "weibo_comments": {
        Failure.BLANK_PAGE: (2, GapReason.BLANK_PAGE),
        "edited afterwards": (0, None),  # only what is newer is asked for
    },
    "gsdata": _FOREIGN | {Failure.BLANK_PAGE: (5, GapReason.BLANK_PAGE)},
    "mastodon": _FOREIGN | {Failure.BLANK_PAGE: (5, GapReason.BLANK_PAGE)},
    "hearings": _FOREIGN
    | {
        Failure.BLANK_PAGE: (5, GapReason.BLANK_PAGE),
        "edited afterwards": (12, None),  # all are told every time
        "deleted afterwards": (11, None),
    },
    "gdelt": _FOREIGN
    | {
        Failure.REDIRECT_LOOP: (0, GapReason.TIMEOUT),  # five seconds lie between two hops
        "edited afterwards": (11, None),
        "deleted afterwards": (11, None),
    },
}
#: What is held, as each kind counts it: posts, articles, comments under one post, days.
WHOLE = dict.fromkeys(KINDS, HELD) | {"site": ARTICLES, "weibo_comments": COMMENTS, "gdelt": 11}


def run_one(crawl: Any, kind: str, failure: str) -> tuple[int, GapReason | None]:
    """A source over a server that fails so: what its (last) run brought, and why not all."""
    world, control = Published(), Control((kind,))
    server = LocalServer(kind, KINDS[kind].site(world, control), control, system_clock, 0)
    with Handle({kind: server}, control) as handle:
        source = crawl.declare(kind, **KINDS[kind].keys(server.url, world))
        if failure == Failure.SLOW_LORIS or (kind, failure) == ("gdelt", Failure.REDIRECT_LOOP):
            source = replace(source, timeout=timedelta(seconds=17 if kind == "weibo_push" else 3))
        if failure in ("edited afterwards", "deleted afterwards"):
            collect(crawl, source)
            world.edit(handle) if failure == "edited afterwards" else world.delete(handle)
        else:
            handle.fail(failure)
        return collect(crawl, source)


def collect(crawl: Any, source: Any) -> tuple[int, GapReason | None]:
    """Run the source; how many posts and other things it told this time."""
    told: list[Outcome] = []
    before = len(crawl.posts)
    run = crawl.run(source, told=told.append)
    other = len(told[0].hearings) + len(told[0].volumes) + len(told[0].gone)
    return len({post.id for post in crawl.posts[before:]}) + other, run.gap


def fresh(folder: Path) -> Path:
    """A folder of its own."""
    folder.mkdir()
    return folder


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURTPULSE_TRIAL_TOKEN", ACCESS_TOKEN)
    monkeypatch.setenv("COURTPULSE_TRIAL_KEY", APP_KEY)
    monkeypatch.setenv("COURTPULSE_TRIAL_SECRET", SECRET)


@pytest.mark.parametrize("kind", KINDS)
def test_every_failure_is_a_gap_with_its_reason_and_never_a_zero(
    crawl: Any, kind: str, keys: None, tmp_path: Path
) -> None:
    expected = {
        str(failure): (WHOLE[kind] if posts is None else posts, reason)
        for failure, (posts, reason) in (COMMON | OWN[kind]).items()
    }
    with ThreadPoolExecutor(4) as pool:  # each has a server, a data folder and a process of its own
        running = {
            failure: pool.submit(run_one, type(crawl)(fresh(tmp_path / failure)), kind, failure)
            for failure in expected
        }
        found = {failure: done.result() for failure, done in running.items()}
    assert found == expected


def test_every_kind_that_is_crawled_is_in_the_table() -> None:
    assert set(KINDS) == set(DECLARED) - {"import"}

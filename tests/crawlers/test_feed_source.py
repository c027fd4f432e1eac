"""Feeds over a real server: conditional requests, turn-over, and bytes that mean harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from domain.sources import GapReason

NOW = datetime.now(UTC)


def entry(number: int, age: timedelta, text: str = "云岫区人民法院通报一起物业合同纠纷案。") -> str:
    return (
        f"<item><title>通报 {number}</title><guid isPermaLink='false'>n{number}</guid>"
        f"<pubDate>{format_datetime(NOW - age)}</pubDate><description>{text}</description></item>"
    )


def rss(*entries: str, head: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}<rss version="2.0"><channel>'
        f"<title>江澜</title>{''.join(entries)}</channel></rss>"
    ).encode()


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def test_a_feed_is_read_once_and_then_asked_conditionally(
    crawl: Any, local_site: Any, page: Any
) -> None:
    body = rss(entry(1, hours(2)), entry(2, hours(30)))
    headers = {"ETag": '"v1"', "Last-Modified": "Mon, 23 Nov 2026 01:00:00 GMT"}

    def conditional(handler: BaseHTTPRequestHandler) -> None:
        known = handler.headers.get("If-None-Match") == '"v1"'
        local_site.answer(handler, page(b"" if known else body, 304 if known else 200, headers))

    local_site.pages["/rss"] = page(make=conditional)
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    first = crawl.run(source)
    assert (first.seen, first.new, first.rejected, first.gap) == (2, 2, 0, None)
    assert [post.title for post in crawl.posts] == ["通报 1", "通报 2"]
    second = crawl.run(source)
    assert (second.requests, second.seen, second.new, second.gap) == (1, 0, 0, None)
    assert local_site.asked[-1][1]["If-Modified-Since"] == "Mon, 23 Nov 2026 01:00:00 GMT"
    assert second.window_start == first.window_end
    assert len(crawl.posts) == 2
    agents = {headers["User-Agent"] for _, headers in local_site.asked}
    assert agents == {"courtpulse/0.1 (+https://court.jianglan.example/about)"}


def test_an_edit_comes_again_and_a_known_version_does_not(
    crawl: Any, local_site: Any, page: Any
) -> None:
    local_site.pages["/rss"] = page(rss(entry(1, hours(2)), entry(2, hours(3))))
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    crawl.run(source)
    local_site.pages["/rss"] = page(rss(entry(1, hours(2), "更正：庭审改期。"), entry(2, hours(3))))
    run = crawl.run(source)
    assert (run.seen, run.new, run.gap) == (2, 1, None)
    edited = crawl.posts[-1]
    assert edited.text == "更正：庭审改期。"
    assert edited.edited_at is not None
    assert edited.id in {post.id for post in crawl.posts[:2]}


def test_a_feed_that_turned_over_leaves_a_gap(crawl: Any, local_site: Any, page: Any) -> None:
    local_site.pages["/rss"] = page(rss(entry(1, hours(2))))
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    crawl.run(source)
    # The last covered window is put back, as if the source had not been asked for five hours.
    crawl.log.runs[0] = _ended(crawl.log.runs[0], NOW - hours(5))
    local_site.pages["/rss"] = page(rss(entry(7, hours(1)), entry(6, hours(3))))
    run = crawl.run(source)
    assert run.gap is None
    [gap] = crawl.log.past
    assert gap.reason is GapReason.PAGE_CAP
    assert gap.start == NOW - hours(5)
    assert abs(gap.end - (NOW - hours(3))) < timedelta(seconds=2)


def _ended(run: Any, moment: datetime) -> Any:
    from dataclasses import replace

    return replace(run, window_end=moment)


def test_bad_entries_wait_in_quarantine_and_the_rest_goes_on(
    crawl: Any, local_site: Any, page: Any
) -> None:
    undated = "<item><title>无日期</title><guid>u</guid><description>内容</description></item>"
    ancient = (
        "<item><title>旧</title><guid>a</guid><pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>"
        "<description>内容</description></item>"
    )
    future = entry(9, timedelta(days=-30))
    surrogate = entry(4, hours(1), "半个&#xD83D;表情也能读。")
    long_line = entry(5, hours(1), "长" * 150_000)
    local_site.pages["/rss"] = page(
        rss(entry(1, hours(2)), undated, ancient, future, surrogate, long_line)
    )
    run = crawl.run(crawl.declare("feed", urls=[f"{local_site.url}/rss"]))
    assert (run.seen, run.rejected) == (6, 4)
    assert run.gap is GapReason.BAD_BODY, "more rejected than read: the feed is not well"
    assert sorted(post.title for post in crawl.posts) == ["通报 1", "通报 4"]
    assert all(post.text.isprintable() for post in crawl.posts)
    again = crawl.run(crawl.declare("feed", urls=[f"{local_site.url}/rss"]))
    assert again.rejected == 0, "the same broken entry is rejected once"


XXE = '<!DOCTYPE rss [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
LAUGHS = '<!DOCTYPE rss [<!ENTITY a "哈哈哈哈"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (rss(entry(1, hours(1), "&secret;"), head=XXE), GapReason.BAD_BODY),
        (rss(entry(1, hours(1), "&b;"), head=LAUGHS), GapReason.BAD_BODY),
        (rss(entry(1, hours(1), "&b;"), head=LAUGHS).decode().encode("utf-16"), GapReason.BAD_BODY),
        (b"/etc/hostname", GapReason.BAD_BODY),
        (b"", GapReason.BAD_BODY),
        (b"\xff\xfe\x00\xd8" * 40, GapReason.BAD_BODY),
        (b"{}", GapReason.BAD_BODY),
        (rss(), GapReason.BLANK_PAGE),
        (rss(entry(1, hours(1)), entry(2, hours(2)))[:-90], GapReason.BAD_BODY),
        (b"<html><form><input type=password></form></html>", GapReason.LOGIN_PAGE),
        (b"<!DOCTYPE html><div class=geetest></div>", GapReason.CAPTCHA),
        (b"<!DOCTYPE html><p>404</p>", GapReason.BAD_BODY),
    ],
)
def test_what_is_no_feed_is_a_gap(
    crawl: Any, local_site: Any, page: Any, body: bytes, reason: GapReason
) -> None:
    local_site.pages["/rss"] = page(body)
    run = crawl.run(crawl.declare("feed", urls=[f"{local_site.url}/rss"]))
    assert run.gap is reason
    assert crawl.log.open[run.source].reason is reason
    assert not [post for post in crawl.posts if "hostname" in post.text or "哈" in post.text]


def test_a_sloppy_but_whole_feed_in_gbk_is_read(crawl: Any, local_site: Any, page: Any) -> None:
    sloppy = rss(entry(1, hours(1), "青崖县法院 & 白榆县法院联合调解。")).decode()
    body = sloppy.replace('encoding="utf-8"', 'encoding="gb2312"').encode("gbk")
    local_site.pages["/rss"] = page(body, headers={"Content-Type": "text/xml; charset=utf-8"})
    run = crawl.run(crawl.declare("feed", urls=[f"{local_site.url}/rss"]))
    assert (run.new, run.gap) == (1, None)
    assert crawl.posts[0].text == "青崖县法院 & 白榆县法院联合调解。"


def test_a_second_run_at_the_same_instant_leaves_nothing_out(
    crawl: Any, local_site: Any, page: Any
) -> None:
    local_site.pages["/rss"] = page(rss(entry(1, hours(2))))
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    first = crawl.run(source)
    at = first.window_end
    again = crawl.run(source, clock=lambda: at)
    assert (again.window_start, again.window_end) == (at, at)
    assert (again.seen, again.gap) == (1, None)
    assert (crawl.log.past, crawl.log.open) == ([], {})
    assert crawl.log.last_covered(source.source) == at

"""Every way a source fails is a gap with its own reason, and recovery catches up."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from domain.sources import GapReason

GOOD = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><item><guid>g1</guid>'
    f"<title>通报</title><pubDate>{format_datetime(datetime.now(UTC))}</pubDate>"
    "<description>云岫区法院通报。</description></item></channel></rss>"
).encode()


def loris(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(60):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.2)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(GOOD)))
    handler.end_headers()
    handler.wfile.write(GOOD[:100])
    handler.close_connection = True


def to(place: str) -> Callable[[Any], Any]:
    return lambda page: page(b"", 302, {"Location": place})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda page: page(b"", 403), GapReason.HTTP_ERROR),
        (lambda page: page(b"captcha", 403), GapReason.CAPTCHA),
        (lambda page: page(b"", 404), GapReason.HTTP_ERROR),
        (lambda page: page(b"", 418), GapReason.RATE_LIMITED),
        (lambda page: page(b"", 429), GapReason.RATE_LIMITED),
        (lambda page: page(b"", 432), GapReason.LOGIN_PAGE),
        (lambda page: page(b"", 401), GapReason.TOKEN_EXPIRED),
        (lambda page: page(b"", 500), GapReason.DOWN),
        (lambda page: page(make=hang_up), GapReason.DOWN),
        (lambda page: page(make=cut_off), GapReason.BAD_BODY),
        (lambda page: page(b"x" * 60_000), GapReason.TOO_LARGE),
        (
            lambda page: page(gzip.compress(b"x" * 600_000), headers={"Content-Encoding": "gzip"}),
            GapReason.TOO_LARGE,
        ),
        (to("/rss"), GapReason.HTTP_ERROR),
        (to("http://localhost:1/elsewhere"), GapReason.HTTP_ERROR),
        (to("http://passport.weibo.example/visitor"), GapReason.LOGIN_PAGE),
        (to("/login?next=rss"), GapReason.LOGIN_PAGE),
        (to("file:///etc/hostname"), GapReason.HTTP_ERROR),
    ],
)
def test_failure_is_a_gap(
    crawl: Any, local_site: Any, page: Any, answer: Callable[[Any], Any], reason: GapReason
) -> None:
    local_site.pages["/rss"] = answer(page)
    local_site.pages["/login"] = page(b"<html><input type=password></html>")
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"], max_bytes=50_000)
    run = crawl.run(source)
    assert (run.gap, run.new) == (reason, 0)
    gap = crawl.log.open[run.source]
    assert gap.reason is reason
    assert gap.end is None
    assert gap.start == run.window_start
    assert gap.detail
    assert len(local_site.paths) <= 7, "politeness: few retries"


def test_a_server_that_drips_is_a_timeout(crawl: Any, local_site: Any, page: Any) -> None:
    local_site.pages["/rss"] = page(make=loris)
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"], timeout="8s")
    started = time.monotonic()
    run = crawl.run(source)
    assert run.gap is GapReason.TIMEOUT
    assert time.monotonic() - started < 10


def test_a_closed_port_and_an_unknown_name_are_down(crawl: Any, local_site: Any) -> None:
    url = local_site.url
    local_site.stop()
    assert crawl.run(crawl.declare("feed", urls=[f"{url}/rss"])).gap is GapReason.DOWN
    unknown = crawl.declare("feed", urls=["http://nowhere.invalid/rss"], robots="obey")
    assert crawl.run(unknown).gap is GapReason.DOWN


@pytest.mark.parametrize(
    ("robots", "reason"),
    [
        ((b"User-agent: *\nDisallow: /\n", 200), GapReason.ROBOTS),
        ((b"User-agent: courtpulse\nDisallow: /rss\n", 200), GapReason.ROBOTS),
        ((b"", 503), GapReason.DOWN),
        ((b"", 429), GapReason.RATE_LIMITED),
        ((b"Disallow: /", 403), None),
        ((b"<html>404", 404), None),
    ],
)
def test_robots_txt_is_obeyed(
    crawl: Any, local_site: Any, page: Any, robots: tuple[bytes, int], reason: GapReason | None
) -> None:
    local_site.pages["/robots.txt"] = page(*robots)
    local_site.pages["/rss"] = page(GOOD)
    run = crawl.run(crawl.declare("feed", urls=[f"{local_site.url}/rss"]))
    assert run.gap is reason
    assert local_site.paths == ([] if reason else ["/rss"])


def test_recovery_closes_the_gap_and_covers_from_the_last_good_moment(
    crawl: Any, local_site: Any, page: Any
) -> None:
    local_site.pages["/rss"] = page(GOOD)
    source = crawl.declare("feed", urls=[f"{local_site.url}/rss"])
    good = crawl.run(source)
    local_site.pages["/rss"] = page(b"", 503)
    blind = crawl.run(source)
    local_site.pages["/rss"] = page(b"", 429)
    still_blind = crawl.run(source)
    assert (blind.gap, still_blind.gap) == (GapReason.DOWN, GapReason.RATE_LIMITED)
    gap = crawl.log.open[source.source]
    assert (gap.start, gap.reason) == (good.window_end, GapReason.DOWN), "the first reason stays"
    local_site.pages["/rss"] = page(GOOD)
    back = crawl.run(source)
    assert back.gap is None
    assert back.window_start == good.window_end, "nothing falls between two windows"
    assert crawl.log.open == {}
    [(closed, at)] = crawl.log.closed
    assert (closed, at) == (gap, back.window_end)

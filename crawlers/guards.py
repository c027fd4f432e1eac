"""Downloader middlewares that refuse aloud, and a log that quotes no post."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.logformatter import LogFormatter, LogFormatterResult
from scrapy.robotstxt import RobotParser
from twisted.python.failure import Failure

from crawlers.robots_notes import RobotsNotes


class OffsiteRequest(IgnoreRequest):
    """A request, mostly a redirect, to a host that the declaration does not allow."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(f"host {urlsplit(url).hostname} is not declared")


class RobotsUnreachable(Exception):
    """robots.txt answered 5xx or 429; RFC 9309 §2.3.1.4: assume that all is disallowed."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"robots.txt answered {status}")


class OnlyAsked(IgnoreRequest):
    """robots.txt allows the page, and no more was wanted: see `crawlers.robots_check`."""


class AllowedHosts:
    """Refuses hosts outside the declaration, redirects included.

    Scrapy's own middleware drops such a redirect without calling the errback: a silent zero.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AllowedHosts:
        """Scrapy's way of making a middleware."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise `OffsiteRequest` for a host or scheme that isn't declared."""
        hosts: frozenset[str] = getattr(self._crawler.spider, "allowed_hosts", frozenset())
        parts = urlsplit(request.url)
        if parts.scheme not in ("http", "https") or parts.hostname not in hosts:
            raise OffsiteRequest(request.url)


class Robots(RobotsTxtMiddleware):
    """robots.txt by RFC 9309: unreachable means disallowed; Scrapy takes it for allowed."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unreachable: dict[str, Exception] = {}
        self._asked: dict[str, str] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._only_ask = crawler.settings.getbool("COURTPULSE_ASK_ROBOTS")

    def _notes(self) -> RobotsNotes:
        notes: RobotsNotes = self.crawler.spider.robots  # type: ignore[union-attr]
        return notes

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The parser of the request's host, one request of a host at a time.

        Scrapy (2.19) lets all of them wait on one Deferred, whose first waiter takes the parser
        and leaves None, "everything is allowed", to the others.
        """
        host = urlsplit(request.url).netloc
        self._asked.setdefault(host, request.url)
        async with self._turns.setdefault(host, asyncio.Lock()):
            return await super().robot_parser(request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        self._notes().answered(request.url, response.status)
        if response.status >= 500 or response.status == 429:
            raise RobotsUnreachable(response.status)
        if response.status >= 400:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        # A refused or endless redirect of robots.txt counts as "no robots.txt" (§2.3.1.2).
        refused = isinstance(exc, IgnoreRequest)
        self._notes().failed(self._asked[netloc], exc, refused=refused)
        if not refused:
            self._unreachable[netloc] = exc
        super()._robots_error(exc, netloc)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise what kept robots.txt from us, or `IgnoreRequest` when it forbids the page."""
        reason = self._unreachable.get(urlsplit(request.url).netloc)
        if reason is not None:
            raise reason
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest:
            self._notes().forbidden(request.url)
            raise
        if self._only_ask:
            raise OnlyAsked(request.url)


class QuietFormatter(LogFormatter):
    """Scrapy logs whole items when something goes wrong with them; we log their ids."""

    def item_error(
        self,
        item: Any,
        exception: BaseException,
        response: Response | Failure | None,
        spider: Spider,
    ) -> LogFormatterResult:
        """An item could not be taken in."""
        return {
            "level": logging.ERROR,
            "msg": "item %(id)s of %(source)s: %(error)s",
            "args": {
                "id": getattr(item, "native_id", "") or getattr(item, "key", ""),
                "source": spider.name,
                "error": type(exception).__name__,
            },
        }

    def spider_error(
        self,
        failure: Failure,
        request: Request,
        response: Response | Failure,
        spider: Spider,
    ) -> LogFormatterResult:
        """A callback broke: `crawlers.spiders.base` turns it into a gap."""
        return {
            "level": logging.ERROR,
            "msg": "spider %(source)s: %(error)s",
            "args": {"source": spider.name, "error": type(failure.value).__name__},
        }

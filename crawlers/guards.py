"""Downloader middlewares that refuse aloud, and a log that quotes no post."""

from __future__ import annotations

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

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            raise RobotsUnreachable(response.status)
        if response.status >= 400:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        # A refused or endless redirect of robots.txt counts as "no robots.txt" (§2.3.1.2).
        if not isinstance(exc, IgnoreRequest):
            self._unreachable[netloc] = exc
        super()._robots_error(exc, netloc)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise what kept robots.txt from us, or `IgnoreRequest` when it forbids the page."""
        reason = self._unreachable.get(urlsplit(request.url).netloc)
        if reason is not None:
            raise reason
        super().process_request_2(rp, request)


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

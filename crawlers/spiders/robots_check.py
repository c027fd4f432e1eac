"""Asks robots.txt about a source's addresses, and fetches none of them."""

from __future__ import annotations

from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.declared import Common
from crawlers.failures import SourceBlind
from crawlers.spiders.base import RequestSpider


class RobotsCheck(RequestSpider[Common]):
    """The guard `crawlers.guards.Robots` stops every request once robots.txt has been read."""

    def parse(self, response: Response) -> None:
        """Not reached: no page is fetched."""
        raise AssertionError(f"a check fetched {response.url}")

    def failed(self, failure: Failure) -> None:
        """Every request ends here; what counts are the notes of the guard."""
        del failure
        self.report.answered += 1

    def note_blind(self, blind: SourceBlind) -> None:
        """A check opens no gap."""

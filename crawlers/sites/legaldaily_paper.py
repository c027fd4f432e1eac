"""法治日报电子报: two meta refreshes lead to today's edition, whose pages list their articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urljoin

from parsel import Selector
from scrapy.http import Response

from crawlers import articles
from crawlers.decoding import decode
from crawlers.failures import bad_body, blank_page
from crawlers.spiders.base import Yield, content_type, guarded
from crawlers.spiders.site import Article, SiteSpider
from domain.time import SHANGHAI

_MOST_HOPS = 3
_REFRESH = re.compile(r"url\s*=\s*['\"]?([^'\";]+)", re.IGNORECASE)
_EDITION = re.compile(r"/(20\d{2})(\d{2})(\d{2})/")


class Spider(SiteSpider):
    """Reads one edition, whatever is new in it; an edition has no older pages."""

    @guarded
    def parse(
        self,
        response: Response,
        number: int = 1,
        first: str = "",
        after_blank: bool = False,
        hops: int = 0,
    ) -> Iterator[Yield]:
        """Follow the refreshes, then read page `number` of the edition.

        Args:
            hops: refreshes followed so far.
        """
        page = Selector(text=decode(response.body, content_type(response)), type="html")
        if target := _refresh(page):
            if hops >= _MOST_HOPS:
                raise bad_body("跳转过多", self.name)
            url = urljoin(response.url, target)
            yield self.ask(url, self.parse, number=1, first=first, hops=hops + 1)
            return
        links = self._parse_items(response)
        if not links and number == 1:
            raise blank_page(response.url)
        fresh = [url for url in links if not self._known(url)]
        self.report.seen += len(links) - len(fresh)
        for url in fresh:
            yield self._ask_article(url, first)
        if number == 1:
            for other in self._other_pages(page, response.url):
                yield self.ask(other, self.parse, number=2, first=first)

    def _other_pages(self, page: Selector, url: str) -> list[str]:
        links = page.css(".banlist-li a[href^='Page']::attr(href)").getall()
        found = dict.fromkeys(self._parse_url(url, link) for link in links)
        return [other for other in found if other and other != url]

    def _parse_published(self, page: Selector, article: Article, title: str) -> datetime:
        """The edition's morning; articles of a paper carry no time of their own."""
        edition = _EDITION.search(article.url)
        if edition is None:
            raise articles.no_time(article.url)
        year, month, day = map(int, edition.groups())
        return datetime(year, month, day, 6, tzinfo=SHANGHAI)


def _refresh(page: Selector) -> str:
    content = page.css("meta[http-equiv='refresh' i]::attr(content)").get("") or ""
    found = _REFRESH.search(content)
    return found[1].strip() if found else ""

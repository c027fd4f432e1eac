"""新华网: a list page names JSON data sources, which hold the links."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urljoin

from parsel import Selector
from scrapy.http import Response

from crawlers.decoding import decode
from crawlers.failures import bad_body, blank_page
from crawlers.spiders.base import Yield, content_type, guarded
from crawlers.spiders.site import SiteSpider


class Spider(SiteSpider):
    """Asks each data source of the list page; a source shows the newest articles only."""

    @guarded
    def parse(
        self, response: Response, number: int = 1, first: str = "", after_blank: bool = False
    ) -> Iterator[Yield]:
        """Read the list page: one request for each of its data sources."""
        page = Selector(text=decode(response.body, content_type(response)), type="html")
        names = page.css(f"{self.declaration.selectors.link}::attr(data)").getall()
        if not names:
            raise blank_page(first)
        for name in dict.fromkeys(names):
            url = urljoin(response.url, f"ds_{name.strip()}.json")
            yield self.ask(url, self.parse_source, first=first)

    @guarded
    def parse_source(self, response: Response, first: str = "") -> Iterator[Yield]:
        """Read a data source: known links are counted, new ones asked."""
        try:
            document = json.loads(decode(response.body, content_type(response)))
            entries = document["datasource"]
            links = [self._parse_url(response.url, entry["publishUrl"]) for entry in entries]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise bad_body("没有 datasource 列表", self.name) from error
        urls = [url for url in dict.fromkeys(links) if url]
        if not urls:
            raise blank_page(response.url)
        fresh = [url for url in urls if not self._known(url)]
        self.report.seen += len(urls) - len(fresh)
        if len(fresh) == len(urls):
            # Nothing known in it: what came before the oldest was not reached.
            self._unmet.setdefault(first, None)
        for url in fresh:
            yield self._ask_article(url, first)

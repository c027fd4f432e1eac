"""List page → article: links by a CSS selector, articles by selectors or the extractor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urldefrag, urljoin, urlsplit

from parsel import Selector
from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers import articles
from crawlers.declared import SiteSource
from crawlers.decoding import decode
from crawlers.exceptions import blind_by_exception
from crawlers.failures import blank_page, blind_by_page
from crawlers.items import RawItem
from crawlers.report import Malformed
from crawlers.spiders.base import SourceSpider, Yield, content_type, guarded
from domain.errors import BadInput
from domain.posts import PostKind
from domain.sources import GapReason
from text.normalise import html_to_text
from text.urls import canonical_url

_GONE = (404, 410)
#: Failures of one article that another try won't mend; the others make the run a gap.
_PERMANENT = {GapReason.ROBOTS, GapReason.TOO_LARGE, GapReason.HTTP_ERROR}


@dataclass(frozen=True, slots=True)
class Article:
    """A fetched article page; `url` is the address in the list, before redirects."""

    url: str
    html: str
    body: bytes


class SiteSpider(SourceSpider[SiteSource, Article]):
    """Walks the list until its last link is known, and reads what is new."""

    #: Lists whose end or known part was not met → their oldest article, None before one was read.
    _unmet: dict[str, datetime | None]

    def _requests(self) -> Iterator[Request]:
        self._unmet = {}
        for url in self.declaration.urls:
            yield self.ask(url, self.parse, number=1, first=url)

    @guarded
    def parse(
        self, response: Response, number: int = 1, first: str = "", after_blank: bool = False
    ) -> Iterator[Yield]:
        """Read list page `number`: known links are counted, new ones asked, older pages follow.

        Args:
            first: address of the list's first page.
            after_blank: the page before was blank; a filled one now proves a hole in the list.
        """
        links = [] if response.status in _GONE else self._parse_items(response)
        if not links:
            yield from self._blank(number, first, after_blank)
            return
        if after_blank:
            self.note_blind(blank_page(f"{first} #{number - 1}"))
        fresh = [url for url in links if not self._known(url)]
        self.report.seen += len(links) - len(fresh)
        for url in fresh:
            yield self._ask_article(url, first)
        # The last link decides: articles pinned to the top are known on every page.
        if links[-1] in fresh:
            yield from self._older(response, number, first)
        else:
            self._unmet.pop(first, None)

    @guarded
    def parse_article(self, response: Response, url: str = "", first: str = "") -> Iterator[Yield]:
        """Read one article."""
        if response.status in _GONE:
            yield self._lost(url, f"the article answers {response.status}")
            return
        html = decode(response.body, content_type(response))
        for read in self.items([Article(url or response.url, html, response.body)]):
            if isinstance(read, Malformed):
                challenge = blind_by_page(response.body, response.url)
                if challenge is not None:
                    raise challenge
            elif first in self._unmet:
                oldest = self._unmet[first]
                self._unmet[first] = min(oldest or read.published_at, read.published_at)
            yield read

    def failed_article(self, failure: Failure) -> Iterator[Yield]:
        """An article could not be fetched: for good, or a gap until the next run."""
        blind = blind_by_exception(failure.value)
        if blind.reason not in _PERMANENT:
            self.failed(failure)
            return
        self.report.answered += 1
        url = failure.request.cb_kwargs["url"]  # type: ignore[attr-defined]
        yield self._lost(url, f"the article can't be fetched: {blind.reason.value}")

    def check(self, response: Response) -> None:
        """Raise `SourceBlind`; an article or a later list page that is gone is no failure."""
        number = response.request.cb_kwargs.get("number") if response.request else 1
        if response.status in _GONE and number != 1:
            return
        super().check(response)

    def settle(self) -> None:
        """What lies before the oldest article of a list left early was not covered."""
        covered = self.job.covered_until
        for oldest in self._unmet.values():
            if oldest is not None and (covered is None or oldest > covered):
                self.report.cut_short(oldest)

    def _parse_items(self, response: Response) -> list[str]:
        """Addresses of the articles, in the list's order, on declared hosts, each once."""
        page = Selector(text=decode(response.body, content_type(response)), type="html")
        links = _addresses(page, self.declaration.selectors.link)
        found = dict.fromkeys(self._parse_url(response.url, link) for link in links)
        urls = [url for url in found if url]
        if not urls:
            challenge = blind_by_page(response.body, response.url)
            if challenge is not None:
                raise challenge
        return urls

    def item(self, fragment: Article) -> RawItem:
        """Read one article."""
        declaration = self.declaration
        page = Selector(text=fragment.html, type="html")
        title = self._parse_title(page)
        return RawItem(
            source=declaration.source,
            native_id="",
            platform=declaration.platform,
            kind=PostKind.ARTICLE,
            title=title,
            text=self._parse_text(page, fragment),
            published_at=self._parse_published(page, fragment, title),
            url=fragment.url,
            fetched_at=self.now(),
            sample_rate=declaration.sample_rate,
        )

    def _parse_title(self, page: Selector) -> str:
        own = self.declaration.selectors.title
        return html_to_text(page.css(own).get("") or "") if own else articles.title_of(page)

    def _parse_text(self, page: Selector, article: Article) -> str:
        own = self.declaration.selectors.text
        if own:
            text = "\n".join(html_to_text(part) for part in page.css(own).getall()).strip()
        else:
            text = articles.text_of(article.html, article.url, articles.title_of(page))
        least = self.declaration.expect.min_text_chars
        if len(text) < least:
            raise BadInput(
                f"the article's text has {len(text)} characters, expected at least {least}",
                remedy="name it in selectors.text, or lower expect.min_text_chars",
                where=article.url,
            )
        return text

    def _parse_published(self, page: Selector, article: Article, title: str) -> datetime:
        own = self.declaration.selectors.published
        if own:
            printed = html_to_text(" ".join(page.css(own).getall()))
            if printed:
                return articles.printed_time(printed, self.now())
            raise articles.no_time(article.url)
        moment = articles.time_of(page, article.html, title, self.now())
        if moment is None:
            raise articles.no_time(article.url)
        return moment

    def _parse_url(self, base: str, link: str) -> str:
        """The address of a link; "" for one that leads elsewhere or nowhere."""
        try:
            url = urldefrag(urljoin(base, link.strip())).url
            canonical_url(url)
            host = urlsplit(url).hostname
        except (ValueError, BadInput):
            return ""
        return url if host in self.allowed_hosts else ""

    def key(self, fragment: Article) -> str:
        """The article's address."""
        return canonical_url(fragment.url)

    def raw(self, fragment: Article) -> bytes:
        """The page as it came."""
        return fragment.body

    def fragment(self, raw: bytes, where: str) -> Article:
        """The page again, under the address noted."""
        return Article(where, decode(raw), raw)

    def _ask_article(self, url: str, first: str) -> Request:
        request = self.ask(url, self.parse_article, url=url, first=first)
        return request.replace(errback=self.failed_article)

    def _known(self, url: str) -> bool:
        key = canonical_url(url)
        return self.state.knows(key) or self.state.knows(f"malformed {key}")

    def _lost(self, url: str, problem: str) -> Malformed:
        return Malformed(
            key=canonical_url(url),
            raw=url,
            problem=problem,
            remedy="open it in a browser",
            where=url,
        )

    def _blank(self, number: int, first: str, after_blank: bool) -> Iterator[Request]:
        """No article on a list page: the list's end, or a hole in it."""
        template = self.declaration.pages
        if number == 1 and self.declaration.expect.min_items == 0:
            return
        if number == 1 or not template:
            raise blank_page(f"{first} #{number}")
        if after_blank or number > self.declaration.max_pages:
            self._unmet.setdefault(first, None)
            return
        # One page further: if that one is filled, this one was a hole.
        yield self.ask(
            template.replace("{page}", str(number + 1)),
            self.parse,
            number=number + 1,
            first=first,
            after_blank=True,
        )

    def _older(self, response: Response, number: int, first: str) -> Iterator[Request]:
        """The next list page, if there is one and the limit allows it."""
        self._unmet.setdefault(first, None)
        following = self._next(response, number)
        if following and number < self.declaration.max_pages:
            yield self.ask(following, self.parse, number=number + 1, first=first)

    def _next(self, response: Response, number: int) -> str:
        if self.declaration.pages:
            return self.declaration.pages.replace("{page}", str(number + 1))
        selector = self.declaration.selectors.next
        if not selector:
            return ""
        page = Selector(text=decode(response.body, content_type(response)), type="html")
        link = next(iter(_addresses(page, selector)), "")
        return urljoin(response.url, link) if link else ""


def _addresses(page: Selector, selector: str) -> list[str]:
    """What the selector finds; of an element, its address."""
    if "::" in selector:
        return page.css(selector).getall()
    # Not `attrib`: it copies all attributes, and one with a control character in its name ends it.
    return [link for found in page.css(selector) if (link := found.root.get("href"))]

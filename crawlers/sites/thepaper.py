"""澎湃新闻: the article stands as JSON in the page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from parsel import Selector

from crawlers.spiders.site import Article, SiteSpider
from domain.errors import BadInput
from text.dates import parse_moment
from text.normalise import html_to_text

#: Milliseconds of the year 2286; beyond it a number is no time.
_LATEST = 10**13


class Spider(SiteSpider):
    """Reads `props.pageProps.detailData.contentDetail`."""

    def _parse_title(self, page: Selector) -> str:
        return html_to_text(_text(_detail(page), "name"))

    def _parse_text(self, page: Selector, article: Article) -> str:
        text = html_to_text(_text(_detail(page), "content"))
        least = self.declaration.expect.min_text_chars
        if len(text) < least:
            raise BadInput(
                f"the article's text has {len(text)} characters, expected at least {least}",
                remedy="lower expect.min_text_chars if such articles are meant",
                where=article.url,
            )
        return text

    def _parse_published(self, page: Selector, article: Article, title: str) -> datetime:
        """Milliseconds since 1970, or a printed time in older pages."""
        published = _detail(page).get("publishTime")
        if isinstance(published, int) and 0 < published < _LATEST:
            return datetime.fromtimestamp(published / 1000, UTC)
        return parse_moment(_text(_detail(page), "publishTime"), self.now())


def _detail(page: Selector) -> dict[str, Any]:
    try:
        document = json.loads(page.css("#__NEXT_DATA__::text").get("") or "")
        detail = document["props"]["pageProps"]["detailData"]["contentDetail"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _wrong("__NEXT_DATA__ holds no contentDetail") from error
    if not isinstance(detail, dict):
        raise _wrong("contentDetail is not an object")
    return detail


def _text(detail: dict[str, Any], name: str) -> str:
    value = detail.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(f"contentDetail.{name} is missing")
    return value


def _wrong(problem: str) -> BadInput:
    return BadInput(problem, remedy="the page may have changed: save one and compare")

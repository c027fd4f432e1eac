"""Reading an article page that nobody wrote selectors for."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from parsel import Selector

from crawlers.clutter import without_clutter, without_stray_lines
from domain.errors import BadInput
from text.dates import parse_moment
from text.normalise import html_to_text

#: Where Chinese content systems and the open graph put the time, in order of trust.
_META_TIMES = (
    "meta[property='article:published_time']::attr(content)",
    "meta[name='PubDate' i]::attr(content)",
    "meta[name='publishdate' i]::attr(content)",
    "meta[itemprop='datePublished']::attr(content)",
    "time[datetime]::attr(datetime)",
)
_TITLES = (
    "meta[name='ArticleTitle' i]::attr(content)",
    "meta[property='og:title']::attr(content)",
    "h1",
)
#: A printed time: 2026年11月20日09:15, 2026-11-20 09:15:00, 2026/11/20 …
_PRINTED = re.compile(
    r"(?P<head>今天是|现在是|当前时间)?[:： ]?"
    r"(?P<time>20\d\d ?[年/.-] ?\d{1,2} ?[月/.-] ?\d{1,2}日?(?P<clock>[ T　]*\d{1,2}:\d{2}(?::\d{2})?)?)"
)
#: The dateline follows the title; further down a date may belong to the story.
_DATELINE_WITHIN = 300


def title_of(page: Selector) -> str:
    """The title by metadata or heading, else by the title element; "" when there is none."""
    for selector in _TITLES:
        title = html_to_text(page.css(selector).get("") or "")
        if title:
            return title
    whole = html_to_text(page.css("title::text").get("") or "")
    # The title element ends in the site's name; a heading it begins with is the article's own.
    headings = [html_to_text(heading) for heading in page.css("h2, h3").getall()]
    return next((text for text in headings if text and whole.startswith(text)), whole)


def text_of(html: str, url: str, title: str = "") -> str:
    """The body by trafilatura, less what stands around it; "" when it finds none."""
    body = _extracted(without_clutter(html), url) or _extracted(html, url)
    return without_stray_lines(body, title)


def _extracted(html: str, url: str) -> str:
    # Half a second of import that an idle run, which reads no article, does without.
    import trafilatura

    found = trafilatura.extract(
        html, url=url, include_comments=False, include_tables=True, include_links=False
    )
    return found or ""


def time_of(page: Selector, html: str, title: str, now: datetime) -> datetime | None:
    """The time by metadata, else by the dateline under the title; None when there is none.

    Raises:
        BadInput: there is one, but no such moment exists.
    """
    declared = _declared_time(page)
    if ":" in declared:
        return parse_moment(declared, now)
    printed = _printed_under(title, html, now)
    day = parse_moment(declared, now) if declared else None
    # A date without a clock is midnight; the dateline of the same day knows better.
    if day is None or (printed and timedelta(0) <= printed - day < timedelta(days=1)):
        return printed
    return day


def _declared_time(page: Selector) -> str:
    found = (str(page.css(selector).get("") or "").strip() for selector in _META_TIMES)
    return next(filter(None, found), "")


def _printed_under(title: str, html: str, now: datetime) -> datetime | None:
    visible = html_to_text(html)
    # From the last line that begins with the title: page heads repeat it and print today's date.
    start = max(visible.rfind(f"\n{title}"), 0) if title else 0
    return _dateline(visible[start : start + len(title) + _DATELINE_WITHIN], now)


def printed_time(text: str, now: datetime) -> datetime:
    """The time within a dateline such as ``2026年11月20日09:15 来源：江澜日报``.

    Raises:
        BadInput: there is none.
    """
    match = _PRINTED.search(text)
    return parse_moment(match["time"] if match else text.strip(), now)


def no_time(url: str) -> BadInput:
    """The article says nowhere when it was published."""
    return BadInput(
        "the article has no time of publication",
        remedy="name it in selectors.published",
        where=url,
    )


def _dateline(text: str, now: datetime) -> datetime | None:
    printed = [match for match in _PRINTED.finditer(text) if not match["head"]]
    with_clock = [match for match in printed if match["clock"]]
    chosen = next(iter(with_clock or printed), None)
    return parse_moment(chosen["time"], now) if chosen else None

"""RSS and Atom, also from a feed bridge. feedparser reads bytes; it never fetches."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import urljoin
from xml.sax import SAXParseException

import feedparser
from scrapy import Request
from scrapy.http import Response

from crawlers.declared import FeedSource
from crawlers.decoding import decode
from crawlers.failures import bad_body, blank_page, blind_by_page
from crawlers.items import RawItem
from crawlers.spiders.base import SourceSpider, Yield, content_type, from_json, guarded
from crawlers.state import digest, key_of
from domain.errors import BadInput
from domain.posts import Platform, PostKind
from text.dates import parse_moment
from text.normalise import html_to_text

Entry = dict[str, Any]

#: No feed needs entities of its own; they serve attacks (file reading, billion laughs).
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_CLOSED = re.compile(r"</(?:\w+:)?(?:rss|feed|rdf)>\s*(?:<!--[^>]*-->\s*)?\Z", re.IGNORECASE)
_HTML = re.compile(r"\A\s*(?:<!doctype html|<html)", re.IGNORECASE)
#: The text is UTF-8 by now, whatever its prologue says.
_PROLOG = re.compile(r"\A\s*<\?xml[^>]*\?>")
#: A number for a sign; feedparser gives up the whole feed over one that stands for none.
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,10})|(\d{1,10}));")
#: Platforms whose entries are written by a medium; the others' are posts.
_ARTICLES = {Platform.NEWS, Platform.WECHAT}


class FeedSpider(SourceSpider[FeedSource, Entry]):
    """One request a feed, conditional where the server allows it."""

    _broken = False
    _whole = True

    def _requests(self) -> Iterator[Request]:
        for url in self.declaration.urls:
            known = self.state.validators.get(url, {})
            headers = {
                "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1"
            }
            if known.get("etag"):
                headers["If-None-Match"] = known["etag"]
            if known.get("last_modified"):
                headers["If-Modified-Since"] = known["last_modified"]
            yield self.ask(url, self.parse, headers=headers, url=url)

    @guarded
    def parse(self, response: Response, url: str = "") -> Iterator[Yield]:
        """Read a feed; note whether it reaches back to what is already covered."""
        if response.status == 304:
            self.report.unchanged = True
            return
        entries = self._parse_items(response)
        items = list(self.items(entries))
        self._check_reach([item for item in items if isinstance(item, RawItem)])
        yield from items
        self._parse_end(response)
        self.state.validators[url or response.url] = {
            "etag": _header(response, "ETag"),
            "last_modified": _header(response, "Last-Modified"),
        }

    def _parse_items(self, response: Response) -> list[Entry]:
        text = decode(response.body, content_type(response))
        if _ENTITY.search(text):
            raise bad_body("自定义实体", response.url)
        if _HTML.match(text):
            raise blind_by_page(response.body, response.url) or bad_body("不是订阅源", response.url)
        # Only a file object keeps feedparser from taking the bytes for a path to open.
        feed = feedparser.parse(
            BytesIO(_REFERENCE.sub(_readable, _PROLOG.sub("", text)).encode("utf-8", "replace")),
            response_headers={
                "content-type": "application/xml; charset=utf-8",
                "content-location": response.url,
            },
        )
        self._whole = bool(_CLOSED.search(text))
        self._broken = isinstance(feed.get("bozo_exception"), SAXParseException)
        if not feed.entries and (feed.bozo or not feed.get("version")):
            raise bad_body("不是订阅源", response.url)
        if not feed.entries and self.declaration.expect.min_items != 0:
            raise blank_page(response.url)
        return [dict(entry, base=response.url) for entry in feed.entries]

    def _parse_end(self, response: Response) -> None:
        """A feed cut off in transit delivered only its beginning; a sloppy one is whole."""
        if self._broken and not self._whole:
            raise bad_body("订阅源被截断", response.url)

    def item(self, fragment: Entry) -> RawItem:
        """Read one entry."""
        declaration = self.declaration
        article = declaration.platform in _ARTICLES
        title = self._parse_title(fragment)
        return RawItem(
            source=declaration.source,
            native_id=self._parse_id(fragment),
            platform=declaration.platform,
            kind=PostKind.ARTICLE if article else PostKind.POST,
            title=title,
            text=self._parse_text(fragment, title),
            published_at=self._parse_published(fragment),
            edited_at=self._parse_edited(fragment),
            url=self._parse_url(fragment),
            fetched_at=self.now(),
            sample_rate=declaration.sample_rate,
        )

    def _parse_id(self, entry: Entry) -> str:
        return str(entry.get("id") or "")

    def _parse_title(self, entry: Entry) -> str:
        return html_to_text(str(entry.get("title") or ""))

    def _parse_text(self, entry: Entry, title: str) -> str:
        """The longest of content and summary; an entry that is a title only is its title."""
        bodies = [str(part.get("value") or "") for part in entry.get("content", [])]
        bodies.append(str(entry.get("summary") or ""))
        text = max((html_to_text(body) for body in bodies), key=len) or title
        least = self.declaration.expect.min_text_chars
        if len(text) < least:
            raise BadInput(
                f"the entry's text has {len(text)} characters, expected at least {least}",
                remedy="look at the feed, or lower expect.min_text_chars",
                where=self._parse_url(entry) or self.name,
            )
        return text

    def _parse_published(self, entry: Entry) -> datetime:
        moment = self._moment(entry, "published") or self._moment(entry, "updated")
        if moment is None:
            raise BadInput(
                "the entry has no time of publication",
                remedy="ask the feed's owner for pubDate, or declare the site itself",
                where=self._parse_url(entry) or self.name,
            )
        return moment

    def _parse_edited(self, entry: Entry) -> datetime | None:
        edited = self._moment(entry, "updated")
        return edited if edited is not None and edited > self._parse_published(entry) else None

    def _parse_url(self, entry: Entry) -> str:
        link = str(entry.get("link") or "")
        return urljoin(str(entry["base"]), link) if link else ""

    def key(self, fragment: Entry) -> str:
        """The entry's id or link."""
        return self._parse_id(fragment) or self._parse_url(fragment) or digest(self.raw(fragment))

    def raw(self, fragment: Entry) -> str:
        """What feedparser read of the entry."""
        kept = ("id", "link", "title", "summary", "content", "published", "updated", "base")
        return json.dumps({name: fragment[name] for name in kept if name in fragment}, default=str)

    def fragment(self, raw: bytes, where: str) -> Entry:
        """The entry again."""
        entry = from_json(raw, where)
        if not isinstance(entry, dict) or "base" not in entry:
            raise BadInput(
                "no entry of a feed", remedy="delete it from the quarantine", where=where
            )
        return entry

    def _moment(self, entry: Entry, name: str) -> datetime | None:
        text = str(entry.get(name) or "").strip()
        return parse_moment(text, self.now()) if text else None

    def _check_reach(self, items: list[RawItem]) -> None:
        """A busy feed may have turned over since the last run: what fell out is a gap."""
        covered = self.job.covered_until
        if not items:
            return
        oldest = min(item.published_at for item in items)
        if covered is None:
            self.report.cut_short(min(max(oldest, self.job.window_start), self.job.window_end))
        elif oldest > covered and not any(self.state.knows(key_of(item)) for item in items):
            self.report.cut_short(min(oldest, self.job.window_end))


def _header(response: Response, name: str) -> str:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else ""


def _readable(reference: re.Match[str]) -> str:
    """A reference as it stands, or nothing for half a surrogate pair and beyond Unicode."""
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return "" if 0xD800 <= number <= 0xDFFF or number > sys.maxunicode else reference[0]

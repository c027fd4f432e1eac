"""Posts of named accounts through a licensed vendor, gsdata (sources.md B), in whole days."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawlers.declared_weibo import GsdataSource
from crawlers.documents import mapping, number_text, read_document, tally, whole, words
from crawlers.failures import bad_body, blank_page
from crawlers.gsdata_errors import check_vendor, check_vendor_body
from crawlers.gsdata_signature import canonical_query, signed_headers
from crawlers.items import RawItem
from crawlers.spiders.base import SourceSpider, Yield, from_json, guarded
from crawlers.state import digest
from domain.posts import Engagement, Platform, PostKind
from domain.time import SHANGHAI
from text.dates import parse_moment
from text.normalise import html_to_text

#: A post as JSON gives it.
Fragment = Any

_FIELDS = (
    "uid", "created_at", "text", "like_count", "comments_count", "reposts_count", "mid",
)  # fmt: skip


class GsdataSpider(SourceSpider[GsdataSource, Fragment]):
    """Pages through the days of a window, one account after the other."""

    def _requests(self) -> Iterator[Request]:
        for account in self.declaration.accounts:
            yield self._ask(account, 1)

    @guarded
    def parse(self, response: Response, account: str = "", page: int = 1) -> Iterator[Yield]:
        """Read one page of an account."""
        document = read_document(response, self.name)
        check_vendor(document, self.name)
        fragments = self._parse_items(document)
        pages = _pages(document, response)
        if not fragments and (pages or 0) >= page:
            raise blank_page(f"{self.name} #{page}")
        items = list(self.items(fragments))
        yield from items
        full = len(fragments) >= self.declaration.count
        if not fragments or (page >= pages if pages is not None else not full):
            return
        if page >= self.declaration.max_pages:
            self._cap(items)
            return
        yield self._ask(account, page + 1)

    def _parse_items(self, document: Any) -> list[Fragment]:
        """The array, or the array within an envelope."""
        found = document.get("items") if isinstance(document, dict) else document
        if not isinstance(found, list):
            raise bad_body("没有 items 列表", self.name)
        return found

    def item(self, fragment: Fragment) -> RawItem:
        """Read one post."""
        post = mapping(fragment, "post")
        mid = number_text(post.get("mid"), "mid")
        return RawItem(
            source=self.declaration.source,
            native_id=mid,
            platform=Platform.WEIBO,
            kind=PostKind.POST,
            text=html_to_text(words(post.get("text"), "text")),
            published_at=self._parse_published(post),
            url=f"https://weibo.com/detail/{mid}",
            author_id=number_text(post.get("uid"), "uid"),
            engagement=Engagement(
                reposts=tally(post.get("reposts_count")),
                comments=tally(post.get("comments_count")),
                likes=tally(post.get("like_count")),
            ),
            fetched_at=self.now(),
            sample_rate=self.declaration.sample_rate,
        )

    def _parse_published(self, post: dict[str, Any]) -> datetime:
        return parse_moment(words(post.get("created_at"), "created_at"), self.now())

    def key(self, fragment: Fragment) -> str:
        """The post's id, if it has one."""
        known = fragment.get("mid") if isinstance(fragment, dict) else None
        return str(known) if isinstance(known, int | str) else digest(repr(fragment))

    def raw(self, fragment: Fragment) -> str:
        """The fields that are read; the account's name is none of them."""
        if not isinstance(fragment, dict):
            return json.dumps(None)
        return json.dumps({name: fragment[name] for name in _FIELDS if name in fragment})

    def fragment(self, raw: bytes, where: str) -> Fragment:
        """The fields again."""
        return from_json(raw, where)

    def check(self, response: Response) -> None:
        """Raise `SourceBlind`; the vendor's own words say more than the status."""
        if response.status >= 400:
            check_vendor_body(response.body, response.status, self.name)
        super().check(response)

    def _cap(self, items: list[Any]) -> None:
        """The page limit was met; the order within a day isn't promised, so nothing is sure."""
        published = [item.published_at for item in items if isinstance(item, RawItem)]
        self.report.cut_short(max(published, default=self.job.window_end))

    def _ask(self, account: str, page: int) -> Request:
        declaration = self.declaration
        asked: dict[str, str | int] = {
            "uid": account,
            "page": page,
            "per-page": declaration.count,
            "start_date": _day(self.job.window_start),
            "end_date": _day(self.job.window_end),
        }
        url = f"{declaration.endpoint}?{canonical_query(asked)}"
        key, secret = (os.environ[declaration.credentials[name]] for name in ("app_key", "secret"))
        headers = signed_headers(url, key, secret, self.now())
        headers["Accept"] = "application/json"
        return self.ask(url, self.parse, headers=headers, account=account, page=page)


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d}"


def _pages(document: Any, response: Response) -> int | None:
    """How many pages there are: in the envelope, in a header, or unsaid (None)."""
    about = document.get("_meta") if isinstance(document, dict) else None
    told = about.get("pageCount") if isinstance(about, dict) else None
    if told is None:
        header = response.headers.get("X-Pagination-Page-Count")
        told = header.decode("latin-1") if header else None
    return whole(told)

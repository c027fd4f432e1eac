"""Posts of named accounts through a licensed vendor, gsdata (sources.md B), in whole days.

Days are the finest that can be asked for, so a window that holds more than the pages show is halved
at midnights down to one day of one account; what that holds beyond its pages stays a gap. The order
within a day isn't promised: what a run leaves is gone on with by page, not by time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from scrapy import Request
from scrapy.http import Response

from crawlers.declared_weibo import GsdataSource
from crawlers.documents import mapping, number_text, read_document, tally, whole, words
from crawlers.failures import bad_body, blank_page
from crawlers.gsdata_errors import check_vendor, check_vendor_body
from crawlers.gsdata_signature import canonical_query, signed_headers
from crawlers.items import RawItem
from crawlers.pieces import Piece
from crawlers.spiders.base import Yield, guarded
from crawlers.spiders.json_fragments import JsonFragments
from crawlers.spiders.planned import PlannedSpider
from domain.completeness import Looks
from domain.posts import Engagement, Platform, PostKind
from domain.time import SHANGHAI
from text.dates import parse_moment
from text.normalise import html_to_text

#: A post as JSON gives it.
Fragment = Any

_FIELDS = (
    "uid", "created_at", "text", "like_count", "comments_count", "reposts_count", "mid",
)  # fmt: skip


class GsdataSpider(JsonFragments, PlannedSpider[GsdataSource, Fragment]):
    """Pages through the days of each account's window."""

    id_field = "mid"
    id_types = (int, str)
    by_day = True
    looks = frozenset({Looks.WINDOWS})  # two accounts share no post
    too_much = "单个账号一天的帖文多于接口可翻页数，按天细分后仍未采全"

    def _queries(self) -> tuple[str, ...]:
        return self.declaration.accounts

    def _page_size(self) -> int:
        return self.declaration.count

    def _name(self, piece: Piece) -> str:
        """The account's place in the declaration: its number belongs on no page."""
        accounts = self.declaration.accounts
        if piece.query not in accounts:
            return "已撤下的账号"
        return f"第 {accounts.index(piece.query) + 1} 个账号"

    def _given_up(self, piece: Piece) -> str:
        """The licence covers the accounts declared now, whatever was left of others."""
        if piece.query not in self.declaration.accounts:
            return "该账号已不在 accounts 中，不再补采"
        return super()._given_up(piece)

    def _ask_piece(self, piece: Piece) -> Request:
        page = int(piece.cursor or 1)
        return self._ask(piece, page, (page - 1) * self.declaration.count)

    @guarded
    def parse(
        self, response: Response, piece: Piece, page: int = 1, delivered: int = 0
    ) -> Iterator[Yield]:
        """Read one page of an account's days.

        Args:
            delivered: posts of the pages before.
        """
        document = read_document(response, self.name)
        check_vendor(document, self.name)
        fragments = self._parse_items(document)
        total, pages = _count(document, response, "total"), _count(document, response, "page")
        where = f"{self.name} #{page}"
        if not fragments and (pages or 0) >= page:
            raise blank_page(where)
        if page == 1 and (pages or 0) > self.declaration.max_pages and self._split(piece, total):
            # Its pieces deliver this page again.
            yield from self._next(piece.query)
            return
        items = list(self.items(fragments))
        yield from items
        self.sightings.note(piece.query, items)
        delivered += len(fragments)
        full = len(fragments) >= self.declaration.count
        if fragments and (page < pages if pages is not None else full):
            yield from self._turn(piece, page, total, delivered)
        elif total is not None and total - delivered >= self.declaration.count:
            raise blank_page(
                where
            )  # totals change while pages are turned; a page and more is a hole
        else:
            yield from self._finish(piece, delivered)

    def _turn(
        self, piece: Piece, page: int, total: int | None, delivered: int
    ) -> Iterator[Request]:
        """The next page of a piece; after the last one that is shown, what could not be reached."""
        if page < self.declaration.max_pages:
            if self._may_ask():
                yield self._ask(piece, page + 1, delivered)
                return
            # Read this page again next time, in case posts before it are deleted until then; but
            # a run of one page must get on, too.
            following = page + 1 if str(page) == (piece.cursor or "1") else page
            self.plan.put_off(piece, replace(piece, cursor=str(following)))
            return
        if not self._split(piece, total):
            self.plan.give_up(piece, total or delivered)
        yield from self._next(piece.query)

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

    def kept(self, fragment: Fragment) -> Any:
        """The fields that are read; the account's name is none of them."""
        if not isinstance(fragment, dict):
            return None
        return {name: fragment[name] for name in _FIELDS if name in fragment}

    def check(self, response: Response) -> None:
        """Raise `SourceBlind`; the vendor's own words say more than the status."""
        if response.status >= 400:
            check_vendor_body(response.body, response.status, self.name)
        super().check(response)

    def _ask(self, piece: Piece, page: int, delivered: int) -> Request:
        declaration = self.declaration
        asked: dict[str, str | int] = {
            "uid": piece.query,
            "page": page,
            "per-page": declaration.count,
            "start_date": _day(piece.start),
            "end_date": _day(piece.end - 1),
        }
        url = f"{declaration.endpoint}?{canonical_query(asked)}"
        key, secret = (os.environ[declaration.credentials[name]] for name in ("app_key", "secret"))
        headers = signed_headers(url, key, secret, self.now())
        headers["Accept"] = "application/json"
        return self.ask(
            url, self.parse, headers=headers, piece=piece, page=page, delivered=delivered
        )


def _day(second: int) -> str:
    return f"{datetime.fromtimestamp(second, SHANGHAI):%Y-%m-%d}"


def _count(document: Any, response: Response, of: Literal["total", "page"]) -> int | None:
    """How many posts or pages there are: in the envelope, in a header, or unsaid (None)."""
    about = document.get("_meta") if isinstance(document, dict) else None
    told = about.get(f"{of}Count") if isinstance(about, dict) else None
    if told is None:
        header = response.headers.get(f"X-Pagination-{of.title()}-Count")
        told = header.decode("latin-1") if header else None
    return whole(told)

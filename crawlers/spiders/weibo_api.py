"""Official search of the Weibo open platform, by queries and windows of time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from crawlers.declared import WeiboSource
from crawlers.documents import check_weibo, check_weibo_body, read_document
from crawlers.failures import bad_body, blank_page
from crawlers.items import RawItem
from crawlers.pieces import Piece
from crawlers.spiders.base import Yield, guarded
from crawlers.spiders.json_fragments import JsonFragments
from crawlers.spiders.planned import PlannedSpider
from crawlers.weibo_status import Status, is_public, read_status, without_account
from domain.posts import Platform, PostKind

#: A status as JSON gives it.
Fragment = Any

#: The interface's code for all cities of a province.
_ANY_CITY = "1000"


class WeiboSpider(JsonFragments, PlannedSpider[WeiboSource, Fragment]):
    """Pages through the pieces of each query's window, newest first."""

    by_region = True

    def _queries(self) -> tuple[str, ...]:
        return self.declaration.queries

    def _page_size(self) -> int:
        return self.declaration.count

    @property
    def _shown(self) -> int:
        """Posts of one search that can be paged through."""
        return self.declaration.max_pages * self.declaration.count

    def _ask_piece(self, piece: Piece) -> Request:
        return self._ask(piece, 1)

    @guarded
    def parse(
        self,
        response: Response,
        piece: Piece,
        page: int = 1,
        delivered: int = 0,
        after_blank: bool = False,
    ) -> Iterator[Yield]:
        """Read one page of a piece.

        Args:
            delivered: statuses of the pages before.
            after_blank: the page before was blank; a filled one now proves a hole.
        """
        document = self._parse_document(response)
        fragments, total = self._parse_items(document, response), _total(document)
        if page == 1 and total is not None and total > self._shown and self._split(piece, total):
            # Its pieces deliver this page again.
            yield from self._next(piece.query)
            return
        where = f"{self.name} #{page}"
        if fragments and after_blank:
            self.note_blind(blank_page(where))
        public = [fragment for fragment in fragments if is_public(fragment)]
        items = list(self.items(public))
        yield from items
        self.sightings.note(piece.query, items)
        delivered += len(fragments)
        if not fragments:
            missing = (total or 0) - delivered
            if after_blank or page == 1:
                # Totals count a few hidden posts; a page and more is a hole.
                if missing >= (self.declaration.count if page > 1 else 1):
                    raise blank_page(where)
                yield from self._finish(piece, delivered if total is None else total)
                return
        elif total is not None and page * self.declaration.count >= total:
            yield from self._finish(piece, total)
            return
        yield from self._turn(piece, page, total, delivered, items, blank=not fragments)

    def _turn(
        self,
        piece: Piece,
        page: int,
        total: int | None,
        delivered: int,
        items: list[Any],
        *,
        blank: bool,
    ) -> Iterator[Request]:
        """The next page of a piece; after the last one, what could not be reached.

        Without a total nothing tells beforehand that a piece is too much: what lies before the
        oldest post is then gone on with as a piece of its own.
        """
        # A blank page is the end only if the next one is blank, too.
        if page < self.declaration.max_pages or blank:
            if self._may_ask():
                yield self._ask(piece, page + 1, delivered, after_blank=blank)
            else:
                self._go_on_from(piece, items, later=True)
        else:
            gone_on = total is None and (self._go_on_from(piece, items) or self._split(piece, None))
            if not gone_on:
                self.plan.give_up(piece, delivered if total is None else total)
            yield from self._next(piece.query)

    def _parse_document(self, response: Response) -> Any:
        """The JSON of an answer; raises `SourceBlind` for everything else."""
        document = read_document(response, self.name)
        check_weibo(document, self.name)
        return document

    def _parse_items(self, document: Any, response: Response) -> list[Fragment]:
        """The array, or the array within the wrapper that ``needcount`` brings."""
        statuses = document.get("statuses") if isinstance(document, dict) else document
        if not isinstance(statuses, list):
            raise bad_body("没有 statuses 列表", self.name)
        return statuses

    def item(self, fragment: Fragment) -> RawItem:
        """Read one status."""
        status = read_status(fragment, self.now())
        self.state.note_busy(status.mid, status.engagement.comments, status.published_at)
        return RawItem(
            source=self.declaration.source,
            native_id=self._parse_id(status),
            platform=Platform.WEIBO,
            kind=PostKind.REPOST if status.is_repost else PostKind.POST,
            text=self._parse_text(status),
            published_at=self._parse_published(status),
            url=self._parse_url(status),
            author_id=status.author_id,
            verified_type=status.verified_type,
            engagement=status.engagement,
            fetched_at=self.now(),
            sample_rate=self.declaration.sample_rate,
        )

    def _parse_id(self, status: Status) -> str:
        return status.mid

    def _parse_text(self, status: Status) -> str:
        """A repost carries what it forwards: alone, "转发微博" says nothing about any case."""
        return f"{status.text}//{status.original}" if status.original else status.text

    def _parse_published(self, status: Status) -> datetime:
        return status.published_at

    def _parse_url(self, status: Status) -> str:
        return f"https://weibo.com/detail/{status.mid}"

    def kept(self, fragment: Fragment) -> Any:
        """The status without its account."""
        return without_account(fragment)

    def check(self, response: Response) -> None:
        """Raise `SourceBlind`; error codes say more than the status they come with."""
        if response.status >= 400:
            check_weibo_body(response.body, self.name)
        super().check(response)

    def _ask(
        self, piece: Piece, page: int, delivered: int = 0, *, after_blank: bool = False
    ) -> Request:
        declaration = self.declaration
        parameters = {
            "q": piece.query,
            "count": declaration.count,
            "page": page,
            "starttime": piece.start,
            "endtime": piece.end,
            "needcount": 1,
            "sort": "time",
            "isGetLongText": 1,
        }
        if piece.province:
            parameters |= {"province": piece.province, "city": piece.city or _ANY_CITY}
        separator = "&" if "?" in declaration.endpoint else "?"
        # In the header, because addresses end up in logs.
        token = os.environ[declaration.credentials["access_token"]]
        return self.ask(
            f"{declaration.endpoint}{separator}{urlencode(parameters)}",
            self.parse,
            headers={"Authorization": f"OAuth2 {token}", "Accept": "application/json"},
            piece=piece,
            page=page,
            delivered=delivered,
            after_blank=after_blank,
        )


def _total(document: Any) -> int | None:
    total = document.get("total_number") if isinstance(document, dict) else None
    return total if isinstance(total, int) and not isinstance(total, bool) else None

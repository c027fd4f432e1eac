"""Hashtag timelines of a Mastodon-compatible server (sources.md G): public statuses only."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawlers.declared import MastodonSource
from crawlers.documents import mapping, read_document, string
from crawlers.failures import bad_body, blank_page
from crawlers.items import RawItem
from crawlers.pieces import Piece
from crawlers.spiders.base import Yield, guarded
from crawlers.spiders.json_fragments import JsonFragments
from crawlers.spiders.planned import PlannedSpider
from domain.posts import Engagement, PostKind
from domain.time import as_utc
from text.dates import parse_moment
from text.normalise import html_to_text

#: A status as JSON gives it.
Fragment = Any

_NEXT = re.compile(r'<([^<>]+)>\s*;[^,]*\brel="?next\b', re.IGNORECASE)
#: The only fields of an account that are looked at, and that the quarantine keeps.
_ACCOUNT = ("id", "url")


class MastodonSpider(JsonFragments, PlannedSpider[MastodonSource, Fragment]):
    """Turns pages of each timeline, newest first, until it stands before the window.

    Pages go by id, so any depth can be reached: what `max_pages` leaves, the next run goes on with.
    """

    id_types = (str,)

    def _queries(self) -> tuple[str, ...]:
        return self.declaration.addresses

    def _page_size(self) -> int:
        return self.declaration.limit

    def _ask_piece(self, piece: Piece) -> Request:
        return self._ask(piece, piece.cursor or piece.query, 1)

    @guarded
    def parse(self, response: Response, piece: Piece, page: int = 1) -> Iterator[Yield]:
        """Read one page of a timeline."""
        fragments = self._parse_items(response)
        following = _next(response)
        if not fragments and following:
            # The end of a timeline has no next page; an empty one before it is a hole.
            raise blank_page(f"{self.name} #{page}")
        items = list(self.items([one for one in fragments if is_public(one)]))
        yield from items
        self.sightings.note(piece.query, items)
        oldest = min((moment for one in fragments if (moment := _moment(one))), default=None)
        if not following or oldest is None or oldest < piece.stretch[0]:
            yield from self._finish(piece, page)
        elif page < self.declaration.max_pages and self._may_ask():
            yield self._ask(piece, response.urljoin(following), page + 1)
        else:
            end = min(math.floor(oldest.timestamp()) + 1, piece.end)
            rest = replace(piece, end=end, cursor=response.urljoin(following))
            self.plan.put_off(piece, rest)

    def _parse_items(self, response: Response) -> list[Fragment]:
        """The array of statuses; raises `SourceBlind` for everything else."""
        document = read_document(response, self.name)
        if not isinstance(document, list):
            raise bad_body("没有嘟文列表", self.name)
        return document

    def item(self, fragment: Fragment) -> RawItem:
        """Read one status."""
        status = mapping(fragment, "status")
        return RawItem(
            source=self.declaration.source,
            native_id=self._parse_id(status),
            platform=self.declaration.platform,
            kind=PostKind.COMMENT if status.get("in_reply_to_id") else PostKind.POST,
            text=self._parse_text(status),
            published_at=self._parse_published(status),
            url=self._parse_url(status),
            author_id=self._parse_author(status),
            engagement=Engagement(
                reposts=_count(status.get("reblogs_count")),
                comments=_count(status.get("replies_count")),
                likes=_count(status.get("favourites_count")),
            ),
            fetched_at=self.now(),
            sample_rate=self.declaration.sample_rate,
            edited_at=self._parse_edited(status),
        )

    def _parse_id(self, status: dict[str, Any]) -> str:
        """The address within the fediverse: the same post has it on every server."""
        return string(status.get("uri") or status.get("id"), "uri")

    def _parse_text(self, status: dict[str, Any]) -> str:
        """Warning and body; both are what the author says to everybody."""
        body = html_to_text(string(status.get("content"), "content"))
        warning = status.get("spoiler_text")
        return f"{warning}\n{body}" if isinstance(warning, str) and warning else body

    def _parse_published(self, status: dict[str, Any]) -> datetime:
        return parse_moment(string(status.get("created_at"), "created_at"), self.now())

    def _parse_url(self, status: dict[str, Any]) -> str:
        url = status.get("url")
        return url if isinstance(url, str) else ""

    def _parse_author(self, status: dict[str, Any]) -> str:
        """The account's address, the same on every server; ids are each server's own."""
        account = mapping(status.get("account"), "account")
        return string(account.get("url") or account.get("id"), "account.url")

    def _parse_edited(self, status: dict[str, Any]) -> datetime | None:
        edited = status.get("edited_at")
        return parse_moment(string(edited, "edited_at"), self.now()) if edited else None

    def kept(self, fragment: Fragment) -> Any:
        """The status without what describes its account."""
        return without_account(fragment)

    def _ask(self, piece: Piece, url: str, page: int) -> Request:
        name = self.declaration.credentials.get("access_token")
        headers = {"Accept": "application/json"}
        if name:
            headers["Authorization"] = f"Bearer {os.environ[name]}"
        return self.ask(url, self.parse, headers=headers, piece=piece, page=page)


def is_public(fragment: Any) -> bool:
    """False for every visibility but "public"; boosts are other posts' business."""
    if not isinstance(fragment, dict):
        return True  # malformed rather than private: reading it will say so
    return fragment.get("visibility") == "public" and not fragment.get("reblog")


def without_account(fragment: Any) -> Any:
    """A fragment for the quarantine: of the account only what makes its token."""
    if not isinstance(fragment, dict):
        return fragment
    kept = {name: value for name, value in fragment.items() if name not in ("account", "mentions")}
    account = fragment.get("account")
    if isinstance(account, dict):
        kept["account"] = {name: account[name] for name in _ACCOUNT if name in account}
    return kept


def _next(response: Response) -> str:
    """Target of the Link header's ``rel="next"``; "" on the last page."""
    header = response.headers.get("Link")
    found = _NEXT.search(header.decode("latin-1")) if header else None
    return found[1] if found else ""


def _moment(fragment: Any) -> datetime | None:
    """When a status was published; None when that can't be read, which `item` reports."""
    created = fragment.get("created_at") if isinstance(fragment, dict) else None
    try:
        return as_utc(datetime.fromisoformat(created)) if isinstance(created, str) else None
    except ValueError:
        return None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

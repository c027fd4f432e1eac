"""Comments on public Weibo posts (sources.md A): those declared, and the busiest of a search.

A comment's id holds the second it was written in, as a post's does; so a window of time is asked
for with ``since_id``. A post that is met for the first time is read from its first comment on: its
history is a piece without ``since_id``.

Comments can't be searched by time, region or page number, only paged through by ``max_id``, newest
first; so nothing is split. What the run's means don't reach is gone on with by the next run, from the
very comment this one stopped at. N comments under P posts cost at most N / count + P requests a pass,
and one more for a history whose list ends before its total, or that several runs read.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from scrapy import Request
from scrapy.http import Response

from crawlers.declared_weibo import WeiboCommentsSource
from crawlers.documents import check_weibo, check_weibo_body, read_document, whole
from crawlers.failures import CodedBlind, bad_body, blank_page
from crawlers.items import RawItem
from crawlers.pieces import Piece
from crawlers.spiders.base import Yield, guarded
from crawlers.spiders.json_fragments import JsonFragments
from crawlers.spiders.planned import PlannedSpider, oldest
from crawlers.state import SourceState
from crawlers.weibo_comment import Stream, is_public, read_comment, without_account
from text.weibo_ids import mint_mid

#: A comment as JSON gives it.
Fragment = Any

#: Codes of the platform for a post that is gone or hidden: no comments, and no failure.
_GONE = {20101, 20112, 20130}
_READ = "read "
#: Of a post's history some is still to be read.
_PART = "part"
#: Parameters that a piece's cursor holds.
_SINCE, _MAX = "since_id", "max_id"
#: A saved page was asked for by nobody.
_NOBODY = Piece("", 0, 1)


class WeiboCommentsSpider(JsonFragments, PlannedSpider[WeiboCommentsSource, Fragment]):
    """Pages through the comments of each post, newest first."""

    looks = frozenset()  # each post has comments of its own, and which are followed changes

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._gone: set[str] = set()
        self._delivered: Counter[str] = Counter()  # comments of each post in this run

    @cached_property
    def _posts(self) -> tuple[str, ...]:
        """Ids of the posts to ask for: the declared ones, then the busiest."""
        declared = self.declaration
        since = self.now() - declared.follow
        found: list[str] = []
        for name in declared.posts_of:
            state = SourceState.load(self.job.places.state / f"{name}.json")
            found += state.followed(declared.least_comments, since)[: declared.most_posts]
        return tuple(dict.fromkeys((*declared.statuses, *found[: declared.most_posts])))

    def _queries(self) -> tuple[str, ...]:
        return self._posts

    def _page_size(self) -> int:
        return self.declaration.count

    def _name(self, piece: Piece) -> str:
        return f"微博 {piece.query} 的评论"

    def _piece(self, query: str, start: int, end: int) -> Piece:
        """The window of a post that is followed, the history of one that is new."""
        if self._is_begun(query):
            since = mint_mid(self.job.window_start, 0)
            return Piece(query, start, end, cursor=urlencode({_SINCE: since}))
        # Read from the first comment on; told, as missing or covered, within the window only.
        return Piece(query, start, end)

    def _is_begun(self, post: str) -> bool:
        """Whether the history was read, or what is missing of it is among what is left."""
        read = self.state.cursors.get(f"{_READ}{post}")
        if read != _PART:
            return read is not None
        return any(one.query == post and _is_history(one) for one in self.job.unfinished.pieces)

    def _given_up(self, piece: Piece) -> str:
        """The history of a post that is followed is read to its end, however old its comments."""
        if _is_history(piece) and piece.query in self._posts:
            return ""
        return super()._given_up(piece)

    def _requests(self) -> Iterator[Request]:
        self.report.unchanged = not self._waiting  # nothing to follow is nothing missed
        yield from super()._requests()

    def _ask_piece(self, piece: Piece) -> Request:
        return self._ask(piece, 1, int(dict(parse_qsl(piece.cursor)).get(_MAX, 0)))

    @guarded
    def parse(
        self,
        response: Response,
        piece: Piece = _NOBODY,
        page: int = 1,
        max_id: int = 0,
    ) -> Iterator[Yield]:
        """Read one page of a post's comments.

        Args:
            max_id: the comment this page was to begin with; 0 for the newest.
        """
        try:
            document = self._parse_document(response)
        except CodedBlind as blind:
            if blind.code not in _GONE:
                raise
            self._gone.add(piece.query)
            yield from self._finish(piece, 0)
            return
        fragments, following = self._parse_items(document), whole(document.get("next_cursor"))
        whole_list = not max_id and _is_history(piece)
        if not fragments and (following or (whole_list and whole(document.get("total_number")))):
            raise blank_page(f"{self.name} {piece.query} #{page}")
        if following and max_id and following >= max_id:
            raise bad_body("next_cursor 停在原处", self.name)
        items = list(self.items([one for one in fragments if is_public(one)]))
        yield from items
        self._delivered[piece.query] += len(fragments)
        if not following and _is_history(piece):
            following = self._before(piece, fragments, whole(document.get("total_number")))
        if not following:
            yield from self._finish(piece, len(items))
        elif page < self.declaration.max_pages and self._may_ask():
            yield self._ask(piece, page + 1, following)
        else:
            rest = _rest(piece, items, following)
            self.plan.put_off(piece, rest)
            self._waiting.setdefault(piece.query, []).append(rest)
            yield from self._next(piece.query)

    def _parse_document(self, response: Response) -> Any:
        """The JSON of an answer; raises `SourceBlind` for everything else."""
        if response.status >= 400:
            check_weibo_body(response.body, self.name)
        super().check(response)
        document = read_document(response, self.name)
        check_weibo(document, self.name)
        return document

    def _parse_items(self, document: Any) -> list[Fragment]:
        comments = document.get("comments") if isinstance(document, dict) else None
        if not isinstance(comments, list):
            raise bad_body("没有 comments 列表", self.name)
        return comments

    def item(self, fragment: Fragment) -> RawItem:
        """Read one comment."""
        stream = Stream(self.declaration.source, self.declaration.sample_rate, self.now())
        return read_comment(fragment, stream)

    def kept(self, fragment: Fragment) -> Any:
        """The comment without accounts."""
        return without_account(fragment)

    def check(self, response: Response) -> None:
        """An error is judged in `parse`, which knows that a post may simply be gone."""

    def _before(self, piece: Piece, fragments: list[Fragment], total: int | None) -> int | None:
        """Where to look once more when a list ends a page and more before its total.

        The total counts hidden comments, so that is no hole; but were it the interface that shows no
        more of one search, the next one, from the oldest comment on, shows what it left out.
        """
        if total is None or total - self._delivered[piece.query] < self.declaration.count:
            return None
        ids = [whole(one.get("id")) for one in fragments if isinstance(one, dict)]
        known = [number for number in ids if number]
        return min(known) - 1 if known else None

    def settle(self) -> None:
        """Note which posts' histories were read; what was left of one is looked for next time."""
        super().settle()
        part = {piece.query for piece in self.plan.open if _is_history(piece)}
        done = {piece.query for piece in self.plan.finished} - self._gone
        for post in self._posts:
            if post in part or post in done:
                read = _PART if post in part else self.now().isoformat()
                self.state.cursors[f"{_READ}{post}"] = read
        wanted = {f"{_READ}{post}" for post in self._posts}
        for name in [one for one in self.state.cursors if one not in wanted]:
            del self.state.cursors[name]

    def _ask(self, piece: Piece, page: int, max_id: int) -> Request:
        declaration = self.declaration
        asked: dict[str, str | int] = {"id": piece.query, "count": declaration.count}
        asked |= dict(parse_qsl(piece.cursor))
        if max_id:
            asked[_MAX] = max_id
        separator = "&" if "?" in declaration.endpoint else "?"
        token = os.environ[declaration.credentials["access_token"]]
        return self.ask(
            f"{declaration.endpoint}{separator}{urlencode(asked)}",
            self.parse,
            headers={"Authorization": f"OAuth2 {token}", "Accept": "application/json"},
            piece=piece,
            page=page,
            max_id=max_id,
        )


def _is_history(piece: Piece) -> bool:
    """Whether a piece reaches back to its post's first comment."""
    return _SINCE not in piece.cursor


def _rest(piece: Piece, items: Iterable[Any], following: int) -> Piece:
    """What is left of a piece that was read down to comment `following`.

    Of a history older than its window one second stays, so that it is still told as left.
    """
    reached = oldest(items)
    end = piece.end if reached is None else min(piece.end, max(reached, piece.start) + 1)
    cursor = urlencode(dict(parse_qsl(piece.cursor)) | {_MAX: following})
    return replace(piece, end=end, cursor=cursor)

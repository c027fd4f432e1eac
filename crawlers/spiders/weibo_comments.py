"""Comments on public Weibo posts (sources.md A): those declared, and the busiest of a search.

A comment's id holds the second it was written in, as a post's does; so a window of time is asked
for with ``since_id``, and no cursor has to be kept. A post that is met for the first time is read
from its first comment on.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from crawlers.declared_weibo import WeiboCommentsSource
from crawlers.documents import check_weibo, check_weibo_body, read_document, whole
from crawlers.failures import CodedBlind, bad_body, blank_page
from crawlers.items import RawItem
from crawlers.spiders.base import SourceSpider, Yield, from_json, guarded
from crawlers.state import SourceState, digest
from crawlers.weibo_comment import Stream, is_public, read_comment, without_account
from text.weibo_ids import mint_mid

#: A comment as JSON gives it.
Fragment = Any

#: Codes of the platform for a post that is gone or hidden: no comments, and no failure.
_GONE = {20101, 20112, 20130}
_READ = "read "


class WeiboCommentsSpider(SourceSpider[WeiboCommentsSource, Fragment]):
    """Pages through the comments of one post after the other, newest first."""

    def _requests(self) -> Iterator[Request]:
        posts = self._posts()
        self._forget_old(posts)
        self.report.unchanged = not posts  # nothing to follow is nothing missed
        for post in posts:
            yield self._ask(post, 1, 0)

    def _posts(self) -> list[str]:
        """Ids of the posts to ask for: the declared ones, then the busiest."""
        declared = self.declaration
        since = self.now() - declared.follow
        found: list[str] = []
        for name in declared.posts_of:
            state = SourceState.load(self.job.places.state / f"{name}.json")
            found += state.followed(declared.least_comments, since)[: declared.most_posts]
        return list(dict.fromkeys((*declared.statuses, *found[: declared.most_posts])))

    @guarded
    def parse(self, response: Response, post: str = "", page: int = 1) -> Iterator[Yield]:
        """Read one page of a post's comments."""
        try:
            document = self._parse_document(response)
        except CodedBlind as blind:
            if blind.code not in _GONE:
                raise
            return
        fragments, following = self._parse_items(document), whole(document.get("next_cursor"))
        where = f"{self.name} {post} #{page}"
        if not fragments and (following or (page == 1 and self._is_hole(document, post))):
            raise blank_page(where)
        items = list(self.items([one for one in fragments if is_public(one)]))
        yield from items
        if following and page < self.declaration.max_pages:
            yield self._ask(post, page + 1, following)
            return
        if following:
            self._cap(items)
        self.state.cursors[f"{_READ}{post}"] = self.now().isoformat()

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

    def key(self, fragment: Fragment) -> str:
        """The comment's id, if it has one."""
        known = fragment.get("id") if isinstance(fragment, dict) else None
        return str(known) if isinstance(known, int) else digest(repr(fragment))

    def raw(self, fragment: Fragment) -> str:
        """The comment without accounts."""
        return json.dumps(without_account(fragment))

    def fragment(self, raw: bytes, where: str) -> Fragment:
        """The comment again, without accounts."""
        return from_json(raw, where)

    def check(self, response: Response) -> None:
        """An error is judged in `parse`, which knows that a post may simply be gone."""

    def _check_answer(self, response: Response) -> None:
        if response.status >= 400:
            check_weibo_body(response.body, self.name)
        super().check(response)

    def _is_hole(self, document: Any, post: str) -> bool:
        """No comments where the interface counts some, and none was asked to be left out."""
        return not self._known(post) and bool(whole(document.get("total_number")))

    def _known(self, post: str) -> bool:
        return f"{_READ}{post}" in self.state.cursors

    def _cap(self, items: list[Any]) -> None:
        """The page limit was met: what lies before the oldest comment read is missing."""
        published: list[datetime] = [one.published_at for one in items if isinstance(one, RawItem)]
        self.report.cut_short(min(published, default=self.job.window_end))

    def _forget_old(self, posts: list[str]) -> None:
        wanted = {f"{_READ}{post}" for post in posts}
        for name in [one for one in self.state.cursors if one not in wanted]:
            del self.state.cursors[name]

    def _ask(self, post: str, page: int, max_id: int) -> Request:
        declaration = self.declaration
        asked: dict[str, str | int] = {"id": post, "count": declaration.count}
        if self._known(post):
            asked["since_id"] = mint_mid(self.job.window_start, 0)
        if max_id:
            asked["max_id"] = max_id
        separator = "&" if "?" in declaration.endpoint else "?"
        token = os.environ[declaration.credentials["access_token"]]
        return self.ask(
            f"{declaration.endpoint}{separator}{urlencode(asked)}",
            self.parse,
            headers={"Authorization": f"OAuth2 {token}", "Accept": "application/json"},
            post=post,
            page=page,
        )

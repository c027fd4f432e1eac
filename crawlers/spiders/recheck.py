"""Asks a source whether posts are still there: deleted at the source means deleted here.

Only a plain answer counts. An outage, a wall, a redirect or a limit says nothing about a post; it
stays until the source answers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.declared import Common, MastodonSource, WeiboSource
from crawlers.declared_weibo import GsdataSource, WeiboCommentsSource, WeiboPushSource
from crawlers.documents import check_weibo, read_document
from crawlers.exceptions import blind_by_exception
from crawlers.failures import SourceBlind, bad_body
from crawlers.jobs import Held
from crawlers.spiders.base import RequestSpider, Yield, guarded
from crawlers.weibo_comment import is_public as is_public_comment
from crawlers.weibo_status import is_public
from domain.sources import GapReason

_GONE = (404, 410)
_MID = re.compile(r"/detail/(\d+)$")
_CID = re.compile(r"/detail/\d+\?cid=(\d+)$")
_STATUS_ID = re.compile(r"/statuses/(\w+)$")
#: After these the run ends: every further request would meet the same.
_WALLS = {
    GapReason.RATE_LIMITED,
    GapReason.CAPTCHA,
    GapReason.LOGIN_PAGE,
    GapReason.TOKEN_EXPIRED,
    GapReason.ROBOTS,
}
#: Ids of one look-up (sources.md A).
_IDS = 50


class RecheckSpider(RequestSpider[Common]):
    """Base: asks for what is held, and notes in `report.gone` and `report.present` what it learns."""

    def note_blind(self, blind: SourceBlind) -> None:
        """Keep the failure; behind a wall, don't knock hundreds of times.

        Raises:
            CloseSpider: the source wants no more requests, or none without a login.
        """
        super().note_blind(blind)
        if blind.reason in _WALLS:
            raise CloseSpider(blind.reason.value)

    def failed(self, failure: Failure) -> None:
        """A request ended without an answer: nothing is known of its posts."""
        self.report.answered += 1
        self.note_blind(blind_by_exception(failure.value))


class PageRecheck(RecheckSpider):
    """Asks for each post's own page."""

    def _requests(self) -> Iterator[Request]:
        for held in self.job.recheck:
            url = self._address(held)
            if url:
                yield self.ask(url, self.parse, headers=self._headers(), held=held)

    def _address(self, held: Held) -> str:
        return held.url if urlsplit(held.url).hostname in self.allowed_hosts else ""

    def _headers(self) -> dict[str, str]:
        return {}

    def check(self, response: Response) -> None:
        """A page that is gone is an answer here."""
        if response.status not in _GONE:
            super().check(response)

    @guarded
    def parse(self, response: Response, held: Held) -> Iterator[Yield]:
        """Gone by status alone: what a page says in words may be a template."""
        if response.status in _GONE:
            self.report.gone.append(held.id)
        else:
            self.report.present += 1
        yield from ()


class MastodonRecheck(PageRecheck):
    """Asks the interface; the page of a status needs no login, but is large."""

    declaration: MastodonSource

    def _address(self, held: Held) -> str:
        found = _STATUS_ID.search(urlsplit(held.url).path)
        if not found or urlsplit(held.url).hostname != urlsplit(self.declaration.instance).hostname:
            return ""  # written on another server, whose ids this one doesn't know
        return f"{self.declaration.instance.rstrip('/')}/api/v1/statuses/{found[1]}"

    def _headers(self) -> dict[str, str]:
        name = self.declaration.credentials.get("access_token")
        token = {"Authorization": f"Bearer {os.environ[name]}"} if name else {}
        return {"Accept": "application/json", **token}


class WeiboRecheck(RecheckSpider):
    """Looks ids up at the official interface, fifty at a time."""

    declaration: WeiboSource | WeiboPushSource | GsdataSource

    def _requests(self) -> Iterator[Request]:
        known = [(held, found[1]) for held in self.job.recheck if (found := _MID.search(held.url))]
        rest = iter(known)
        while batch := list(islice(rest, _IDS)):
            yield self._ask(batch)

    def _ask(self, batch: Sequence[tuple[Held, str]]) -> Request:
        endpoint = self._endpoint()
        token = os.environ[self.declaration.credentials["access_token"]]
        return self.ask(
            f"{endpoint}?{urlencode({'ids': '~'.join(mid for _, mid in batch)})}",
            self.parse,
            headers={"Authorization": f"OAuth2 {token}", "Accept": "application/json"},
            wanted={mid: held.id for held, mid in batch},
        )

    def _endpoint(self) -> str:
        """Address of the look-up: declared where the source itself has none."""
        if not isinstance(self.declaration, WeiboSource):
            return self.declaration.lookup
        endpoint = self.declaration.endpoint.partition("?")[0]
        if not endpoint.endswith("/limited.json"):
            endpoint = endpoint.removesuffix(".json") + "/limited.json"
        return endpoint

    @guarded
    def parse(self, response: Response, wanted: dict[str, str]) -> Iterator[Yield]:
        """Present: returned and public. Gone: a stub, hidden, or left out of a good answer."""
        found = _public(response, self.name)
        for mid, post_id in wanted.items():
            if mid in found:
                self.report.present += 1
            else:
                self.report.gone.append(post_id)
        yield from ()


class CommentRecheck(RecheckSpider):
    """Looks comments up at the official interface (``comments/show_batch``), fifty at a time."""

    declaration: WeiboCommentsSource

    def _requests(self) -> Iterator[Request]:
        known = [(held, found[1]) for held in self.job.recheck if (found := _CID.search(held.url))]
        rest = iter(known)
        while batch := list(islice(rest, _IDS)):
            endpoint = self.declaration.endpoint.partition("?")[0].removesuffix("show.json")
            token = os.environ[self.declaration.credentials["access_token"]]
            yield self.ask(
                f"{endpoint}show_batch.json?{urlencode({'cids': ','.join(cid for _, cid in batch)})}",
                self.parse,
                headers={"Authorization": f"OAuth2 {token}", "Accept": "application/json"},
                wanted={cid: held.id for held, cid in batch},
            )

    @guarded
    def parse(self, response: Response, wanted: dict[str, str]) -> Iterator[Yield]:
        """Present: returned and under a public post. Gone: left out of a good answer."""
        document = read_document(response, self.name)
        check_weibo(document, self.name)
        comments = document.get("comments") if isinstance(document, dict) else document
        if not isinstance(comments, list) or not comments:
            # As for posts: an empty answer to many ids is no news of any of them.
            raise bad_body("没有 comments 列表", self.name)
        found = {_mid(one) for one in comments if isinstance(one, dict) and is_public_comment(one)}
        for cid, post_id in wanted.items():
            if cid in found:
                self.report.present += 1
            else:
                self.report.gone.append(post_id)
        yield from ()


def _public(response: Response, name: str) -> set[str]:
    """Ids of the public statuses in an answer; raises `SourceBlind` for everything else."""
    document = read_document(response, name)
    check_weibo(document, name)
    statuses = document.get("statuses") if isinstance(document, dict) else None
    if not isinstance(statuses, list) or not statuses:
        # An empty list for fifty ids is an interface that doesn't answer, not fifty deletions.
        raise bad_body("没有 statuses 列表", name)
    return {_mid(one) for one in statuses if isinstance(one, dict) and is_public(one)}


def _mid(status: dict[str, Any]) -> str:
    return str(status.get("idstr") or status.get("id") or status.get("mid"))

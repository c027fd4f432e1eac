"""Weibo's subscription stream: JSON lines over a connection that both sides may close.

A run listens for a while. It reads one connection after the other; each begins behind the last
line of the one before (``since_id``), which the platform redelivers for three days. So a broken
connection, a killed run and the pause between two runs lose nothing: the cursor is saved after the
segment, and a line delivered twice has the same id. What can't be made good is a gap: from the
first silence on, if the platform didn't answer again before the run ended.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.declared_weibo import WeiboPushSource
from crawlers.documents import check_weibo, check_weibo_body
from crawlers.exceptions import blind_by_exception
from crawlers.failures import SourceBlind, blind_by_page, login_page
from crawlers.items import RawItem
from crawlers.push_events import (
    Event,
    Line,
    gone_id,
    lines_of,
    post_of,
    read_event,
    without_account,
)
from crawlers.report import Malformed
from crawlers.spiders.base import SourceSpider, Yield, content_type, from_json, guarded
from crawlers.state import CURSOR_AT, digest
from crawlers.weibo_comment import Stream
from domain.errors import BadInput
from domain.sources import GapReason

#: Length of one connection. The platform allows five minutes; a shorter one brings lines to the
#: inbox sooner, and a connection gone silent is given up sooner. Reconnecting loses nothing.
HOLD = timedelta(seconds=60)
#: Share of `max_bytes` that one connection may bring; it is held in memory.
FILLED = 0.8
#: The platform closes a connection after 5 s without a line; one that doesn't for so long is dead.
ALIVE = timedelta(seconds=30)
#: Pauses between failed attempts double from the first to the last.
FIRST_PAUSE, LAST_PAUSE = 1.0, 32.0
#: After these nothing is tried again in this run: it would meet the same, or make it worse.
_WALLS = {
    GapReason.RATE_LIMITED,
    GapReason.CAPTCHA,
    GapReason.LOGIN_PAGE,
    GapReason.TOKEN_EXPIRED,
    GapReason.ROBOTS,
    GapReason.HTTP_ERROR,
    GapReason.TOO_LARGE,
}
_FOREIGN = b"Ip is limited"


class WeiboPushSpider(SourceSpider[WeiboPushSource, Line]):
    """One connection at a time, until the time to listen is over."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._began = self.now()
        self._until = self._began + self.declaration.listen
        self._received = bytearray()
        self._plain, self._accepted = True, False
        self._ended = asyncio.Event()
        self._failures = 0
        self._give_up = False
        self._arrived: datetime | None = None
        self._heard: datetime | None = None
        self._closes = self._until
        self._check_memory()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's way of making a spider; listens to bytes as they arrive."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.hear_head, signal=signals.headers_received)
        crawler.signals.connect(spider.hear, signal=signals.bytes_received)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Connect, wait for the connection's end, and again, with growing pauses after failures."""
        while not self._give_up:
            self._ended.clear()
            yield self._ask()
            await self._ended.wait()
            pause = 0.0
            if self._failures:
                pause = min(FIRST_PAUSE * 2 ** (self._failures - 1), LAST_PAUSE)
            if self.now() + timedelta(seconds=pause) >= self._until:
                return
            await asyncio.sleep(pause)

    def _requests(self) -> Iterator[Request]:
        yield self._ask()

    def hear_head(self, headers: Any, request: Request) -> None:
        """A connection was accepted; its lines begin."""
        if "stream" not in request.meta:
            return
        self._received.clear()
        self._plain = headers.get("Content-Encoding", b"identity") == b"identity"
        if not self._accepted:
            # Listening begins here: a slow start must not eat the time of a short run.
            self._accepted, self._began = True, self.now()
            self._until = self._began + self.declaration.listen
            self._closes = min(self._began + HOLD, self._until)

    def hear(self, data: bytes, request: Request) -> None:
        """Bytes arrived.

        Raises:
            StopDownload: enough for one connection; the next goes on behind its last line.
        """
        if "stream" not in request.meta:
            return
        self._received += data
        if b"\n" in data:
            self._arrived = self.now()
        if self.now() >= self._closes or self._is_full(self._received):
            raise StopDownload(fail=False)

    @guarded
    def parse(self, response: Response) -> Iterator[Yield]:
        """Read a connection that ended well: the platform closed it, or we did."""
        body = response.body
        if body.lstrip().startswith(b"<"):
            raise blind_by_page(body, response.url) or login_page(self.name)
        if self._is_full(body) and b"\n" not in body:
            raise SourceBlind(GapReason.TOO_LARGE, "推送的一条数据超过大小上限，请调整 max_bytes")
        yield from self._parse_items(body, content_type(response))
        if "download_stopped" in response.flags and not body.endswith(b"\n") and self._is_silent():
            raise SourceBlind(GapReason.TIMEOUT, "推送连接久无完整数据，恢复后自动补采")
        self._recover()

    def failed(self, failure: Failure) -> Iterator[Yield]:
        """Read what a connection brought before it broke."""
        self.report.answered += 1
        received, blind = bytes(self._received), blind_by_exception(failure.value)
        if b"\n" in received:
            self._failures = 0  # it worked for a while: no reason to wait longer and longer
        try:
            if self._plain:
                yield from self._parse_items(received, "")
        except SourceBlind as told:
            blind = told
        finally:
            self._ended.set()
        if blind.reason is GapReason.TIMEOUT and not self._is_silent():
            self._recover()
        else:
            self.note_blind(blind)

    def note_blind(self, blind: SourceBlind) -> None:
        """A failure counts until a later connection succeeds; it ends this one."""
        super().note_blind(blind)
        self._failures += 1
        self._give_up = self._give_up or blind.reason in _WALLS
        self._ended.set()

    def check(self, response: Response) -> None:
        """Raise `SourceBlind`; what the platform says of itself goes before the status."""
        if response.status >= 400:
            check_weibo_body(response.body, self.name)
        if _FOREIGN in response.body[:1000]:
            raise SourceBlind(
                GapReason.HTTP_ERROR, "订阅服务只接受登记过的 IP，请向平台登记本机的出口地址"
            )
        super().check(response)

    def _parse_items(self, body: bytes, header: str) -> Iterator[RawItem | Malformed]:
        """Lines in order; the cursor follows, so that a line is behind us once it was handed over."""
        if body and not body.strip():
            self._heard = self._arrived  # signs of life only
        for line in lines_of(body, header):
            if line.document is not None:
                check_weibo(line.document, self.name)
            event = read_event(line.document)
            if event is Event.GONE:
                yield from self._forget(line)
            elif event is not Event.HIDDEN:
                yield from self.items([line])
            if line.number:
                self._heard = self._arrived or self._heard
                self.state.cursors[self.declaration.subid] = line.number
                self.state.cursors[CURSOR_AT] = self.now().isoformat()

    def item(self, fragment: Line) -> RawItem:
        """Read one line."""
        stream = Stream(self.declaration.source, self.declaration.sample_rate, self.now())
        return post_of(fragment.document, stream)

    def key(self, fragment: Line) -> str:
        """The line's number, if it has one."""
        return fragment.number or digest(fragment.text)

    def raw(self, fragment: Line) -> str:
        """The line without accounts; of one that is no JSON nothing, as it may name anybody."""
        return json.dumps(without_account(fragment.document))

    def fragment(self, raw: bytes, where: str) -> Line:
        """The line again, without accounts."""
        return Line(raw.decode("utf-8", "replace"), from_json(raw, where))

    def settle(self) -> None:
        """Say from when and until when the stream was heard."""
        self.report.heard_until = self._heard
        if self._missed and self._heard is not None:
            self.report.cut_short(self._began)

    def _recover(self) -> None:
        """A connection ended well: whatever failed before is made good."""
        self._failures, self.report.blind = 0, None
        self._heard = self.now()
        self._ended.set()

    def _is_full(self, body: bytes | bytearray) -> bool:
        return len(body) >= self.declaration.max_bytes * FILLED

    def _is_silent(self) -> bool:
        return self._arrived is None or self.now() - self._arrived > ALIVE

    def _check_memory(self) -> None:
        """Where a cursor is older than the platform's memory, or of no known age, a stretch is lost."""
        at = self.state.cursors.get(CURSOR_AT, "")
        known = self.state.cursors.get(self.declaration.subid)
        self._missed = not (known and at) or (
            self._began - datetime.fromisoformat(at) > self.declaration.keeps
        )

    def _forget(self, line: Line) -> Iterator[Malformed]:
        try:
            self.report.gone.append(gone_id(line.document, self.declaration.source))
        except BadInput as error:
            yield self._malformed(line, error)

    def _ask(self) -> Request:
        declaration = self.declaration
        asked = {"subid": declaration.subid}
        if cursor := self.state.cursors.get(declaration.subid):
            asked["since_id"] = cursor
        separator = "&" if "?" in declaration.endpoint else "?"
        request = self.ask(
            f"{declaration.endpoint}{separator}{urlencode(asked)}",
            self.parse,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )
        now = self.now()
        # Before the first answer the time to listen hasn't begun, however long the start took.
        left = self._until - now if self._accepted else declaration.listen
        self._closes = now + min(HOLD, left)
        # Only a connection without any sign of life meets the time-out: all others end in `hear`.
        silent = min(HOLD, left).total_seconds() + 2
        request.meta.update(stream=True, dont_retry=True, download_timeout=silent)
        return request

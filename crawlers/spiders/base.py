"""What every spider shares: requests that are counted, failures that are classified.

A spider reads top to bottom: `start` asks, `parse` reads the answer, `_parse_items` cuts it into
fragments, then one small method a field, always in this order: `_parse_id`, `_parse_title`,
`_parse_text`, `_parse_published`, `_parse_url`, and what else the source gives. A field that can't
be read raises `BadInput`; the fragment goes to the quarantine and the rest goes on.
"""

from __future__ import annotations

import functools
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar

import scrapy
from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.deaths import (
    FORGOTTEN,
    MOST_DEATHS,
    Deaths,
    Place,
    deadly,
    item_place,
    page_place,
    place_path,
    words,
)  # fmt: skip
from crawlers.declared import Common
from crawlers.exceptions import blind_by_exception
from crawlers.failures import SourceBlind, blind_by_address, blind_by_status, captcha
from crawlers.items import RawItem
from crawlers.jobs import Job
from crawlers.report import Malformed, Report
from crawlers.robots_notes import RobotsNotes
from crawlers.state import SourceState
from domain.errors import BadInput, CourtpulseError
from domain.sources import GapReason
from domain.time import Clock

if TYPE_CHECKING:
    from crawlers.ingest import Ingest

Kind = TypeVar("Kind", bound=Common)
Fragment = TypeVar("Fragment")
Own = TypeVar("Own", bound="RequestSpider[Any]")
Rest = ParamSpec("Rest")

#: What parsers raise on input nobody thought of. It costs the item or page, not the run.
UNEXPECTED = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
#: What a callback may yield.
Yield = Request | RawItem | Malformed


def guarded(
    callback: Callable[Concatenate[Own, Response, Rest], Iterator[Yield]],
) -> Callable[Concatenate[Own, Response, Rest], Iterator[Yield]]:
    """Turn what a callback meets into a gap: a bad status, a `SourceBlind`, a page no code expected."""

    def read(
        spider: Own, response: Response, /, *args: Rest.args, **kwargs: Rest.kwargs
    ) -> Iterator[Yield]:
        spider.report.answered += 1
        try:
            spider.check(response)
            yield from spider.watched(response, callback(spider, response, *args, **kwargs))
        except SourceBlind as blind:
            spider.note_blind(blind)
        except BadInput as error:
            spider.note_blind(
                SourceBlind(GapReason.BAD_BODY, f"返回内容无法解析（{error.problem}）")
            )
        except CourtpulseError as error:  # ours: a disk, a permission; the run ends with it
            spider.report.fault = error
        except UNEXPECTED as error:
            spider.logger.error("%s: %s", spider.name, type(error).__name__)
            spider.note_blind(
                SourceBlind(GapReason.BAD_BODY, f"解析程序出错（{type(error).__name__}），请反馈")
            )

    functools.update_wrapper(read, callback)
    return read


class RequestSpider(scrapy.Spider, Generic[Kind]):
    """Base of all spiders, also of those whose answers hold no posts."""

    name = "source"

    def __init__(
        self, job: Job, state: SourceState, ingest: Ingest | None, clock: Clock, **kwargs: Any
    ) -> None:
        super().__init__(name=job.declaration.source, **kwargs)
        self.job = job
        self.declaration: Kind = job.declaration  # type: ignore[assignment]
        self.allowed_hosts = self.declaration.allowed_hosts
        self.state = state
        self.ingest = ingest
        self.clock = clock
        self.report = Report()
        collects = ingest is not None and not (job.recheck or job.ask_robots)
        states = job.places.state
        self.place = Place(place_path(states, self.name) if collects else None)
        self.left_out = (
            Deaths.load(states, self.name).left_out(job.now) if collects else frozenset[str]()
        )
        self.robots = RobotsNotes(self.now, self.declaration.addresses)

    async def start(self) -> AsyncIterator[Request]:
        """Ask the declared addresses."""
        for request in self._requests():
            yield request

    def _requests(self) -> Iterator[Request]:
        for url in self.declaration.addresses:
            yield self.ask(url, self.parse)

    def ask(
        self,
        url: str,
        callback: Callable[..., Any],
        /,
        headers: dict[str, str] | None = None,
        **arguments: Any,
    ) -> Request:
        """A request that is counted and whose failure is classified."""
        self.report.asked += 1
        return Request(
            url, callback=callback, errback=self.failed, headers=headers, cb_kwargs=arguments
        )

    def failed(self, failure: Failure) -> Iterator[Yield] | None:
        """A request ended without an answer."""
        self.report.answered += 1
        self.note_blind(blind_by_exception(failure.value))
        return None

    def note_blind(self, blind: SourceBlind) -> None:
        """Keep the first failure and log it; neither holds text of a post."""
        self.logger.warning("%s: %s", self.name, blind.problem)
        self.report.fail(blind)

    def check(self, response: Response) -> None:
        """Raise `SourceBlind` when the answer is not the page we asked for."""
        moved = blind_by_address(response.url) if response.meta.get("redirect_times") else None
        blind = moved or blind_by_status(response.status, response.url)
        if blind is None:
            return
        if response.status == 403 and b"captcha" in response.body[:4096].lower():
            blind = captcha(response.url)
        raise blind

    def watched(self, response: Response, read: Iterator[Yield]) -> Iterator[Yield]:
        """What `read` gives, noting meanwhile which page is read; see `crawlers.deaths`.

        Raises:
            SourceBlind: that page has killed too many processes.
        """
        place = page_place(response.url)
        if place in self.left_out:
            raise SourceBlind(
                GapReason.BAD_BODY,
                f"读 {words(place)} 时采集进程曾 {MOST_DEATHS} 次异常退出，这一页已跳过，其余照常；"
                f"请反馈，{FORGOTTEN.days} 天后再试",
            )
        while True:
            with self.place.at(place):
                try:
                    found = next(read)
                except StopIteration:
                    return
            yield found

    def now(self) -> datetime:
        """The clock's time in UTC."""
        return self.clock().astimezone(UTC)

    def settle(self) -> None:
        """Say, once everything is read, what part of the window was not reached."""


class SourceSpider(RequestSpider[Kind], ABC, Generic[Kind, Fragment]):
    """Base of spiders whose answers are cut into fragments, one a post."""

    def items(
        self, fragments: Iterator[Fragment] | list[Fragment]
    ) -> Iterator[RawItem | Malformed]:
        """Read each fragment; one that can't be read becomes a `Malformed`."""
        for fragment in fragments:
            try:
                yield self._read(fragment)
            except BadInput as error:
                yield self._malformed(fragment, error)
            except UNEXPECTED as error:
                self.logger.error("%s: item: %s", self.name, type(error).__name__)
                unread = BadInput(
                    f"reading the item failed: {type(error).__name__}",
                    remedy="replay it, and report the error with its source",
                )
                yield self._malformed(fragment, unread)

    def _read(self, fragment: Fragment) -> RawItem:
        place = item_place(self.key(fragment))
        if place in self.left_out:
            raise deadly()
        with self.place.at(place):
            return self.item(fragment)

    def _malformed(self, fragment: Fragment, error: BadInput) -> Malformed:
        return Malformed(
            key=self.key(fragment),
            raw=self.raw(fragment),
            problem=error.problem,
            remedy=error.remedy,
            where=error.where or f"{self.name} {self.key(fragment)[:64]}",
        )

    @abstractmethod
    def item(self, fragment: Fragment) -> RawItem:
        """Read one fragment. Raises `BadInput`."""

    @abstractmethod
    def key(self, fragment: Fragment) -> str:
        """What a malformed fragment is remembered and logged by; never its text."""

    @abstractmethod
    def raw(self, fragment: Fragment) -> bytes | str:
        """The fragment as it came, for the quarantine."""

    @abstractmethod
    def fragment(self, raw: bytes, where: str) -> Fragment:
        """The fragment that `raw` came from; `where` is the place noted with it.

        Raises:
            BadInput: `raw` is not this spider's.
        """


def content_type(response: Response) -> str:
    """The header's value, "" when there is none."""
    value = response.headers.get("Content-Type")
    return value.decode("latin-1") if value else ""


def from_json(raw: bytes, where: str) -> Any:
    """What a spider wrote into the quarantine as JSON.

    Raises:
        BadInput: it is none.
    """
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadInput(
            "not what a spider put there", remedy="delete it from the quarantine", where=where
        ) from error

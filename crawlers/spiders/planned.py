"""Spiders of windowed interfaces: each query's pieces one after the other, within the run's means.

Every query is a lane of its own: the pieces of one wait for each other, newest first, and a query
that fails doesn't hold up the others. A run takes up no further page once it has asked
`max_requests` times, once most of its time is gone, or once the source says that we are too fast;
what is then open is remembered and gone on with next time. A query that was left out most often has
the first turn.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from scrapy import Request

from crawlers.covered import RESUMABLE
from crawlers.declared import Windowed
from crawlers.items import RawItem
from crawlers.pieces import Family, Hole, Piece, Plan
from crawlers.sightings import Sightings
from crawlers.spiders.base import Fragment, SourceSpider
from crawlers.unfinished import Parts, Unfinished
from domain.completeness import Looks
from domain.time import as_utc

Kind = TypeVar("Kind", bound=Windowed)

#: Share of the run's time after which no further page is asked for; the rest is for what is under
#: way and for writing.
_TIME_SHARE = 0.6
#: A source that brings more than its runs can read leaves more at every run; what is older than this
#: stays a gap, as segments of then are gone too.
GIVEN_UP = timedelta(days=7)
#: Where the comparison of a source's first run begins, which has no run before it.
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_TOO_MUCH = "帖文多于接口可翻页数，按时间、地区细分后仍未采全"
_TOO_OLD = "积压超过 7 天仍未采完，不再补采"
_LATER = "尚未采完，下次采集继续"


class PlannedSpider(SourceSpider[Kind, Fragment]):
    """Base of spiders that are asked for pieces of a window."""

    #: Whether the interface can be asked by region.
    by_region = False
    #: Whether it is asked for whole days of Asia/Shanghai.
    by_day = False
    #: Which two looks see the same posts. Queries that share none can't be held against each other.
    looks = frozenset(Looks)
    #: What is said of a piece that holds too much and can't be cut any more.
    too_much = _TOO_MUCH

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        job, declaration = self.job, self.declaration
        self.plan = Plan(
            declaration.least_span, self.by_region, self._page_size(), by_day=self.by_day
        )
        self.plan.families = {
            parts.whole: Family(parts.total, parts.found) for parts in job.unfinished.families
        }
        start = math.floor(as_utc(job.window_start).timestamp())
        end = math.ceil(as_utc(job.window_end).timestamp())
        for query in self._queries() if end > start else ():
            self.plan.add(self._piece(query, start, end))
        # What is left from before waits behind the present, but not for ever.
        self._left_out: list[Hole] = []
        for piece in job.unfinished.pieces:
            if why := self._given_up(piece):
                self._left_out.append(Hole(piece, False, why, self._name(piece)))
            else:
                self.plan.add(piece)
        self.sightings = Sightings()
        self._waiting: dict[str, list[Piece]] = {}
        for piece in self.plan.open:
            self._waiting.setdefault(piece.query, []).insert(0, piece)
        self._until = as_utc(job.now) + declaration.timeout * _TIME_SHARE

    @abstractmethod
    def _queries(self) -> tuple[str, ...]:
        """What is searched for; one lane each."""

    @abstractmethod
    def _page_size(self) -> int:
        """Posts a page at most."""

    @abstractmethod
    def _ask_piece(self, piece: Piece) -> Request:
        """The request for a piece's first page."""

    def _piece(self, query: str, start: int, end: int) -> Piece:
        """What a query is asked for at first: the window from `start` to before `end`."""
        return Piece(query, start, end)

    def _name(self, piece: Piece) -> str:
        """What a piece asks for, in the words of the press office."""
        return f"检索“{piece.query}”"

    def _given_up(self, piece: Piece) -> str:
        """Why a piece left from before is not gone on with; "" when it is."""
        oldest = math.floor((as_utc(self.job.now) - GIVEN_UP).timestamp())
        return _TOO_OLD if piece.end <= oldest else ""

    def _requests(self) -> Iterator[Request]:
        for query in sorted(self._waiting, key=lambda one: -len(self._waiting[one])):
            yield from self._next(query)

    def _next(self, query: str) -> Iterator[Request]:
        """The first page of the next piece of a query, if there is one and means are left."""
        waiting = self._waiting.get(query)
        if waiting and self._may_ask():
            yield self._ask_piece(waiting.pop())

    def _may_ask(self) -> bool:
        blind = self.report.blind
        return (
            self.report.asked < self.declaration.max_requests
            and self.now() < self._until
            and (blind is None or blind.reason not in RESUMABLE)
        )

    def _finish(self, piece: Piece, held: int) -> Iterator[Request]:
        """A piece was read to its end."""
        self.plan.finish(piece, held)
        yield from self._next(piece.query)

    def _split(self, piece: Piece, total: int | None) -> bool:
        """Put smaller pieces in the place of one that is too much; False when there are none."""
        parts = self.plan.cut(piece, total)
        self._waiting.setdefault(piece.query, []).extend(reversed(parts))
        return bool(parts)

    def _go_on_from(self, piece: Piece, items: Iterable[Any], later: bool = False) -> bool:
        """Put what lies before the oldest of `items` in the place of a piece; False if nothing does.

        Args:
            later: not in this run.
        """
        reached = oldest(items)
        rest = None if reached is None else self.plan.shorten(piece, reached)
        if rest is not None and not later:
            self._waiting.setdefault(piece.query, []).append(rest)
        return rest is not None

    def settle(self) -> None:
        """Report what is open, what turned out too much, and what two looks saw."""
        self.plan.settle()
        self.report.planned = True
        self.report.holes = [
            *self._left_out,
            *(Hole(one, False, self.too_much, self._name(one)) for one in self.plan.too_much),
            *(Hole(one, True, _LATER, self._name(one)) for one in self.plan.open),
        ]
        self.report.unfinished = Unfinished(
            tuple(self.plan.open),
            tuple(
                Parts(whole, family.total, family.found)
                for whole, family in self.plan.families.items()
            ),
            math.floor(as_utc(self.job.window_end).timestamp()),
        )
        self._compare()

    def _compare(self) -> None:
        """Two looks at the same hours; a run that broke off is no look."""
        job, source = self.job, self.declaration.source
        if self.report.blind is not None or self.plan.open:
            self.state.tail_span, self.state.tail = [], {}
            return
        start, end = as_utc(job.window_start), as_utc(job.window_end)
        fresh = as_utc(job.covered_until) if job.covered_until else start
        if Looks.WINDOWS in self.looks:
            self.report.captures += self.sightings.of_windows(source, self.state, start)
        if Looks.QUERIES in self.looks:
            past = as_utc(job.covered_until or _FIRST)
            self.report.captures += self.sightings.of_queries(source, fresh, past)
        self.sightings.keep_tail(self.state, end, self.declaration.overlap)


def oldest(items: Iterable[Any]) -> int | None:
    """Unix second in which the oldest of `items` was published; None when there are none."""
    published: list[datetime] = [one.published_at for one in items if isinstance(one, RawItem)]
    return math.floor(as_utc(min(published)).timestamp()) if published else None

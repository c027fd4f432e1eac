"""A window in pieces: what an interface that shows only so many posts a search is asked for instead.

A piece that holds more than can be paged through is halved in time, down to a least span, then
narrowed by region: to provinces, then to cities. An interface that is asked for whole days is
halved at midnight, down to a day. What still doesn't fit, or isn't finished when the run must end,
is remembered; see `crawlers.unfinished`.

**Requests.** Let a search show C posts on pages of c, a window of W seconds be cut down to s, and
hold N posts. Of the pieces of one length at most N/C hold more than C, so at most
N/C · ⌈log₂(W/s)⌉ are cut, each at the price of one request and two pieces, and what is read is at
most N/c full pages and one broken page a piece: at most N/c + 1 + 3 · N/C · ⌈log₂(W/s)⌉ requests
with totals, before regions; a piece cut by region costs a request a region more. Asked by days, s is
a day, and W and N are those of all days that the window touches.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from crawlers.regions import cities, provinces, region_name
from domain.time import SHANGHAI


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """A search for a stretch of publication time, and perhaps of one region.

    Attributes:
        query: search words, tag or address, whatever the spider asks with.
        start, end: Unix seconds, start ≤ t < end; an interface that includes `end` only delivers a
            post twice.
        province, city: codes of `crawlers.regions`; "" = all.
        cursor: where to go on, for interfaces that are paged by id; "" = from the newest.
    """

    query: str
    start: int
    end: int
    province: str = ""
    city: str = ""
    cursor: str = ""

    @property
    def stretch(self) -> tuple[datetime, datetime]:
        """First instant and first instant after, UTC."""
        return datetime.fromtimestamp(self.start, UTC), datetime.fromtimestamp(self.end, UTC)

    @property
    def whole(self) -> Piece:
        """The piece that this one is a region of; itself when it is none."""
        return replace(self, city="") if self.city else replace(self, province="")

    @property
    def words(self) -> str:
        """For the press office: which time and region."""
        start, end = (moment.astimezone(SHANGHAI) for moment in self.stretch)
        place = region_name(self.province, self.city)
        until = f"{end:%H:%M:%S}" if start.date() == end.date() else f"{end:%m-%d %H:%M:%S}"
        return f"{start:%m-%d %H:%M:%S}—{until}{place and ' ' + place}"


def halves(piece: Piece, least: timedelta) -> tuple[Piece, ...]:
    """The newer and the older half; () when they would be shorter than `least`."""
    middle = (piece.start + piece.end) // 2
    if middle - piece.start < max(least.total_seconds(), 1) or piece.province:
        return ()
    return replace(piece, start=middle), replace(piece, end=middle)


def days(piece: Piece) -> tuple[Piece, ...]:
    """The newer and the older days by the calendar of Asia/Shanghai; () within one day."""
    first, last = (
        datetime.fromtimestamp(second, SHANGHAI).date() for second in (piece.start, piece.end - 1)
    )
    number = (last - first).days + 1
    if number < 2:
        return ()
    midnight = datetime.combine(first + timedelta(days=number // 2), time(), SHANGHAI)
    middle = int(midnight.timestamp())
    return replace(piece, start=middle, cursor=""), replace(piece, end=middle, cursor="")


def regions(piece: Piece) -> tuple[Piece, ...]:
    """The piece by province, one of a province by city; () when there is nothing smaller."""
    if piece.city:
        return ()
    if piece.province:
        return tuple(replace(piece, city=code) for code in cities(piece.province))
    return tuple(replace(piece, province=code) for code in provinces())


@dataclass(frozen=True, slots=True)
class Hole:
    """What a run did not get of its window, or of an earlier one.

    Attributes:
        piece: what was asked for; later: the next run goes on with it.
        why: one line in Chinese for the press office; name: what was asked, as the office calls it.
    """

    piece: Piece
    later: bool
    why: str
    name: str

    @property
    def words(self) -> str:
        """For the press office: what was asked for, and of which time."""
        return f"{self.name} {self.piece.words}"


@dataclass(slots=True)
class Family:
    """A piece cut by region: what the whole is said to hold, and what its parts held so far."""

    total: int | None
    found: int = 0


@dataclass(slots=True)
class Plan:
    """Which pieces a run has before it, is reading, has finished, or found to be too much.

    A piece is `open` from the moment it is known until it is finished, cut or found too much, so
    whatever ends the run, what is open then is exactly what is left to do.

    Args:
        least: shortest piece of time.
        by_region: whether the interface can be asked by region.
        slack: posts that totals may count and pages not show.
        by_day: whether the interface is asked for whole days only; `least` then says nothing.
    """

    least: timedelta
    by_region: bool
    slack: int
    by_day: bool = False
    open: dict[Piece, None] = field(default_factory=dict)
    finished: list[Piece] = field(default_factory=list)
    too_much: list[Piece] = field(default_factory=list)
    families: dict[Piece, Family] = field(default_factory=dict)

    def add(self, piece: Piece) -> None:
        """Take a piece up."""
        self.open[piece] = None

    def finish(self, piece: Piece, held: int) -> None:
        """A piece was read to its end and held so many posts."""
        self._leave(piece, held)
        self.finished.append(piece)

    def give_up(self, piece: Piece, held: int) -> None:
        """A piece holds more than is shown, and can't be cut any more."""
        self._leave(piece, held)
        self.too_much.append(piece)

    def cut(self, piece: Piece, total: int | None) -> tuple[Piece, ...]:
        """Smaller pieces instead of one that is too much, newest first; () when there are none."""
        parts = days(piece) if self.by_day else halves(piece, self.least)
        if not parts and self.by_region and (parts := regions(piece)):
            self.families[piece] = Family(total)
        if parts:
            self._leave(piece, total or 0)
            for part in parts:
                self.add(part)
        return parts

    def shorten(self, piece: Piece, reached: int) -> Piece | None:
        """What is left of a piece that was read, newest first, down to second `reached`.

        None when nothing was gained by reading.
        """
        rest = replace(piece, end=reached + 1)
        if not piece.start < rest.end < piece.end:
            return None
        self.put_off(piece, rest)
        return rest

    def put_off(self, piece: Piece, rest: Piece) -> None:
        """Put `rest` in the place of a piece that was read in part."""
        self.open.pop(piece, None)
        self.add(rest)

    def settle(self) -> None:
        """Hold the parts of families that are all read against the whole."""
        for whole in sorted(self.families, key=lambda piece: bool(piece.province), reverse=True):
            if any(piece.whole in (whole, *self._parts_cut(whole)) for piece in self.open):
                continue
            family = self.families.pop(whole)
            if family.total is None or family.total - family.found > self.slack:
                self.too_much.append(whole)

    def _parts_cut(self, whole: Piece) -> list[Piece]:
        """Families within `whole`."""
        return [one for one in self.families if one.whole == whole and one != whole]

    def _leave(self, piece: Piece, held: int) -> None:
        self.open.pop(piece, None)
        family = self.families.get(piece.whole) if piece.province else None
        if family is not None:
            family.found += held

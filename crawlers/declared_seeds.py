"""Declarations of sources that deliver no posts: listed hearings, and an outside news index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from crawlers.declared import Common, Duration, Text, Url

#: GDELT asks for at most one request in five seconds; its window is three months.
_GDELT_DELAY = timedelta(seconds=5)
_GDELT_WINDOW = timedelta(days=90)
CourtCode = Annotated[str, Field(pattern=r"^[0-9]{1,10}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingsSource(Common):
    """Hearings that courts list on their openness platform (庭审公开), as JSON (sources.md F).

    They give case numbers and days; nothing of it becomes a post.

    Attributes:
        endpoint: address of ``/search/a/revmor/full``.
        court_codes: codes of courts whose lists are read, each a list of its own; () = one list of
            all courts.
        courts: names of courts whose cases are taken into the registry, unwatched, when a hearing
            of theirs is listed; a hearing elsewhere counts only for a case that is known.
        page_size, max_pages: what is read of each list, newest first.
    """

    kind: Literal["hearings"]
    endpoint: Url
    court_codes: tuple[CourtCode, ...] = ()
    courts: tuple[Text, ...] = ()
    page_size: Annotated[int, Field(ge=1, le=200)] = 50
    max_pages: Annotated[int, Field(ge=1, le=50)] = 3

    def __post_init__(self) -> None:
        if self.robots != "obey":
            raise ValueError("robots: only obey is possible for public pages")

    @property
    def addresses(self) -> tuple[str, ...]:
        """The interface."""
        return (self.endpoint,)


@dataclass(frozen=True, slots=True, kw_only=True)
class GdeltSource(Common):
    """News volume of GDELT DOC 2.0 for a query (sources.md H), to check our own news sources by.

    Attributes:
        endpoint: address of ``/api/v2/doc/doc``.
        query: in GDELT's syntax, e.g. ``法院 sourcecountry:CH``.
        words: what our own news posts are searched for; "" = all of them count.
        compared: names of our sources; () = all declared with platform news.
        window: how far back; up to seven days are counted by the hour, more by the day (UTC).
    """

    kind: Literal["gdelt"]
    endpoint: Url
    query: Text
    words: str = ""
    compared: tuple[Text, ...] = ()
    window: Annotated[Duration, Field(ge=timedelta(days=3), le=_GDELT_WINDOW)] = timedelta(days=28)
    delay: Annotated[Duration, Field(ge=_GDELT_DELAY)] = _GDELT_DELAY

    def __post_init__(self) -> None:
        if self.robots == "granted":
            self._check_grant()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The interface."""
        return (self.endpoint,)

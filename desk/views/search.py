"""The search page: a form's fields to a query, and links to the next page that keep them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from starlette.datastructures import QueryParams

from desk.display import day_start
from desk.services import Services
from domain.errors import BadInput
from domain.protocols import Query

PAGE = 30
#: No list is read further than this by hand; the export is for the rest.
DEEPEST = 10_000
#: Posts among which a page counts different texts; a cluster needs ten requests for so many.
MOST_COUNTED = 100_000
_YEARS = range(2000, 2100)
_FIELDS = ("q", "case", "target", "sentiment", "certainty", "topic", "source", "from", "to")


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody asked for.

    Attributes:
        fields: the form's non-empty fields, to fill it again and to build links.
        page: counted from 1.
    """

    query: Query
    page: int = 1
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def offset(self) -> int:
        """Posts before this page."""
        return (self.page - 1) * PAGE


def read(parameters: QueryParams, case: str = "") -> Search:
    """The search of a request; `case` fixes the case.

    Raises:
        BadInput: a day or page number can't be read.
    """
    fields = {name: parameters.get(name, "").strip() for name in _FIELDS}
    fields = {name: value[:200] for name, value in fields.items() if value}
    if case:
        fields["case"] = case
    until = _day(fields.get("to", ""))
    since = _day(fields.get("from", ""))
    linked = False if fields.get("case") == "none" else None
    query = Query(
        text=fields.get("q", ""),
        cases=_one(fields, "case") if linked is None else (),
        targets=_one(fields, "target"),
        sentiments=_one(fields, "sentiment"),
        certainties=_one(fields, "certainty"),
        topics=_one(fields, "topic"),
        sources=_one(fields, "source"),
        since=day_start(since) if since else None,
        until=day_start(until + timedelta(days=1)) if until else None,
        linked=linked,
    )
    return Search(query, _page(parameters.get("page", "")), fields)


def distinct(desk: Services, asked: Search, total: int) -> int | None:
    """Different texts among all that match; None when there are too many to count for a page."""
    if total > MOST_COUNTED:
        return None
    return sum(cell.distinct or 0 for cell in desk.store.counts(asked.query, (), distinct=True))


def _one(fields: dict[str, str], name: str) -> tuple[str, ...]:
    return (fields[name],) if name in fields else ()


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput("日期无法识别", remedy="按 2026-11-23 这样填写") from error
    if day.year not in _YEARS:
        raise BadInput("日期太早或太晚", remedy=f"填写 {_YEARS[0]} 年至 {_YEARS[-1]} 年之间的日期")
    return day


def _page(text: str) -> int:
    if not text:
        return 1
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= DEEPEST // PAGE:
        raise BadInput("没有这一页", remedy="缩小日期或词语范围再找")
    return int(text)

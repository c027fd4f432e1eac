"""Hearings that courts list: case numbers and days, no posts and no persons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from crawlers.court_hearings import read_hearing, without_persons
from crawlers.declared_seeds import HearingsSource
from crawlers.documents import read_document, whole
from crawlers.failures import bad_body, blank_page
from crawlers.items import RawItem
from crawlers.report import Malformed
from crawlers.spiders.base import SourceSpider, Yield, guarded
from crawlers.spiders.json_fragments import JsonFragments
from domain.errors import BadInput

#: An entry as JSON gives it.
Fragment = Any
#: What the platform calls hearings with a recording; others are other lists of the same shape.
_DATA_TYPE = 2


class HearingsSpider(JsonFragments, SourceSpider[HearingsSource, Fragment]):
    """Reads the newest pages of each list, every time: a case may have become known since."""

    id_field = "caseId"
    id_types = (int, str)

    def _requests(self) -> Iterator[Request]:
        for code in self.declaration.court_codes or ("",):
            yield self._ask(code, 1)

    @guarded
    def parse(self, response: Response, code: str = "", page: int = 1) -> Iterator[Yield]:
        """Read one page of a list."""
        document = read_document(response, self.name)
        entries = self._parse_items(document)
        pages = _pages(document)
        if not entries and (page == 1 or (pages is not None and page < pages)):
            if page == 1 and self.declaration.expect.min_items == 0:
                return
            raise blank_page(f"{self.name} #{page}")
        for entry in entries:
            yield from self._parse_entry(entry)
        last = pages is not None and page >= pages
        if entries and not last and page < self.declaration.max_pages:
            yield self._ask(code, page + 1)

    def _parse_items(self, document: Any) -> list[Fragment]:
        entries = document.get("resultList") if isinstance(document, dict) else None
        if not isinstance(entries, list):
            raise bad_body("没有 resultList 列表", self.name)
        return entries

    def _parse_entry(self, entry: Fragment) -> Iterator[Malformed]:
        """Note one hearing; what can't be read goes to the quarantine, less its persons."""
        try:
            hearing = read_hearing(entry, self.now(), self.declaration.endpoint)
        except BadInput as error:
            yield self._malformed(entry, error)
            return
        self.report.seen += 1
        if hearing is not None:
            self.report.hearings[hearing.link] = hearing

    def item(self, fragment: Fragment) -> RawItem:
        """Refused: what is listed becomes a proposed date, and every run reads the list anew."""
        raise BadInput(
            "a hearing is no post", remedy="none needed: the next run reads the list anew"
        )

    def kept(self, fragment: Fragment) -> Any:
        """The entry without its persons."""
        return without_persons(fragment)

    def _ask(self, code: str, page: int) -> Request:
        declaration = self.declaration
        parameters = {
            "dataType": _DATA_TYPE,
            "pageNumber": page,
            "pageSize": declaration.page_size,
        } | ({"courtCode": code} if code else {})
        separator = "&" if "?" in declaration.endpoint else "?"
        return self.ask(
            f"{declaration.endpoint}{separator}{urlencode(parameters)}",
            self.parse,
            headers={"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"},
            code=code,
            page=page,
        )


def _pages(document: Any) -> int | None:
    paging = document.get("paging") if isinstance(document, dict) else None
    return whole(paging.get("pageTotal")) if isinstance(paging, dict) else None

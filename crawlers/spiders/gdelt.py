"""GDELT's timeline of news volume: one request a run; it gives numbers, never posts."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response

from crawlers.declared_seeds import GdeltSource
from crawlers.documents import read_document
from crawlers.failures import bad_body, blank_page, blind_by_page
from crawlers.news_volume import read_timeline
from crawlers.spiders.base import RequestSpider, Yield, guarded
from domain.errors import BadInput

_FORM = "%Y%m%d%H%M%S"


class GdeltSpider(RequestSpider[GdeltSource]):
    """Asks for the raw counts, so that they can be held against ours."""

    def _requests(self) -> Iterator[Request]:
        declaration, until = self.declaration, self.now()
        parameters = {
            "query": declaration.query,
            "mode": "timelinevolraw",
            "format": "json",
            "startdatetime": (until - declaration.window).strftime(_FORM),
            "enddatetime": until.strftime(_FORM),
        }
        separator = "&" if "?" in declaration.endpoint else "?"
        yield self.ask(f"{declaration.endpoint}{separator}{urlencode(parameters)}", self.parse)

    @guarded
    def parse(self, response: Response) -> Iterator[Yield]:
        """Read the timeline; whether it is complete is not ours to say."""
        if not response.body.lstrip().startswith((b"{", b"\xef\xbb\xbf")):
            # It answers mistakes in the query, and haste, in a sentence of plain text.
            raise blind_by_page(response.body, response.url) or bad_body(
                "不是 JSON，请核对检索式", self.name
            )
        try:
            volumes = read_timeline(read_document(response, self.name))
        except BadInput as error:
            raise bad_body(error.problem, self.name) from error
        if not volumes:
            raise blank_page(self.name)
        self.report.seen += len(volumes)
        self.report.volumes = volumes
        yield from ()

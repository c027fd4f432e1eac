"""A saved page through its spider, without network: for golden tests and for writing selectors.

``python -m crawlers.replay tests/pages/example_news_gbk/article.html`` prints what the spider makes of a
page. When it is right, it goes into ``article.html.golden.json`` beside the page.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import yaml
from pydantic import TypeAdapter
from scrapy import Request
from scrapy.http import Response

from crawlers.declarations import SITES, Declaration, load
from crawlers.items import RawItem
from crawlers.jobs import Job, Places
from crawlers.kinds import spider_class
from crawlers.report import Malformed, Report
from crawlers.state import SourceState
from domain.errors import ConfigurationError
from domain.time import as_utc
from text.normalise import clean

#: File in a folder of saved pages that says where each was found.
INDEX = "pages.yml"
#: A page's golden JSON is called like the page with this behind it.
GOLDEN = ".golden.json"


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page as it was fetched.

    Attributes:
        url: where it was fetched; content_type: the header it came with.
        role: "list", "article", or what else the spider has a ``parse_<role>`` for; a feed or an
            interface has lists only.
        now: the instant of fetching, for "昨天" and the like.
    """

    source: str
    path: Path
    url: str
    content_type: str
    role: str
    now: datetime


def saved_pages(folder: Path) -> list[SavedPage]:
    """The pages that ``pages.yml`` of the folder names; the folder's name is the source.

    Raises:
        ConfigurationError: no or a wrong ``pages.yml``, or a page that it names is missing.
    """
    index = folder / INDEX
    try:
        document = yaml.safe_load(index.read_text(encoding="utf-8"))
        now = as_utc(datetime.fromisoformat(str(document["now"])))
        pages = [
            SavedPage(
                source=folder.name,
                path=folder / name,
                url=about["url"],
                content_type=about["content_type"],
                role=about.get("role", "list"),
                now=now,
            )
            for name, about in document["pages"].items()
        ]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(
            f"can't be used: {type(error).__name__} {error}",
            remedy="it needs now: (with zone) and pages: {file: {url, content_type, role}}",
            where=str(index),
        ) from error
    for page in pages:
        if not page.path.is_file():
            raise ConfigurationError(
                "a page named in pages.yml is missing", remedy="save it there", where=str(page.path)
            )
    return pages


def replay(declaration: Declaration, page: SavedPage, *folders: Path) -> dict[str, Any]:
    """What the spider reads from a page, as JSON values.

    Returns:
        ``items`` (without fetch time), ``rejected`` (problem and place), ``requests`` (addresses
        the spider would ask next) and ``blind`` (reason of a failure, or None); ``hearings`` and
        ``volumes`` where the source tells such.
    """
    spider = spider_class(declaration, *folders)(
        _job(declaration, page.now), SourceState(), None, lambda: page.now
    )
    # Requests are made, not sent: the credentials they name need a value, not a right one.
    stand_ins = dict.fromkeys(declaration.credentials.values(), "replay")
    with mock.patch.dict(os.environ, stand_ins):
        asked = list(spider._requests())
        # A list page answers what the spider asks first, and knows what belongs to that.
        known = asked[0].cb_kwargs if asked and page.role == "list" else {}
        yielded = list(_callback(spider, page)(_response(page), **known))
    return {
        "items": [_plain(one) for one in yielded if isinstance(one, RawItem)],
        "rejected": [
            {"problem": one.problem, "where": one.where}
            for one in yielded
            if isinstance(one, Malformed)
        ],
        "requests": [one.url for one in yielded if isinstance(one, Request)],
        "blind": spider.report.blind.reason.value if spider.report.blind else None,
    } | _besides(spider.report)


def reread(
    declaration: Declaration, raw: bytes, where: str, now: datetime, *folders: Path
) -> RawItem:
    """Read a quarantined fragment of a source again, for instance after its selectors were mended.

    Args:
        raw, where: as `crawlers.quarantine` gives them back.

    Raises:
        BadInput: it still can't be read.
    """
    spider = spider_class(declaration, *folders)(
        _job(declaration, now), SourceState(), None, lambda: now
    )
    item: RawItem = spider.item(spider.fragment(raw, where))
    return item


def find_declaration(source: str, *folders: Path) -> Declaration:
    """The declaration of a source in the folders or among those that ship.

    Raises:
        ConfigurationError: there is none.
    """
    for folder in (*folders, SITES):
        if (folder / f"{source}.yml").is_file():
            return load(folder / f"{source}.yml")
    raise ConfigurationError(
        f"source {source} is not declared",
        remedy=f"the folder of saved pages must be called like a declaration: write {source}.yml",
        where=str(SITES),
    )


def _callback(spider: Any, page: SavedPage) -> Any:
    return spider.parse if page.role == "list" else getattr(spider, f"parse_{page.role}")


def _response(page: SavedPage) -> Response:
    asked: dict[str, dict[str, Any]] = {"list": {"number": 1}, "article": {"url": page.url}}
    return Response(
        page.url,
        headers={"Content-Type": page.content_type},
        body=page.path.read_bytes(),
        request=Request(page.url, cb_kwargs=asked.get(page.role, {})),
    )


def _job(declaration: Declaration, now: datetime) -> Job:
    return Job(
        declaration=declaration,
        places=Places.under(Path()),
        now=now,
        window_start=now - timedelta(days=1),
        window_end=now,
        covered_until=None,
        contact="",
    )


def _besides(report: Report) -> dict[str, Any]:
    """What was told that is no post, as JSON values."""
    told: dict[str, list[Any]] = {
        "hearings": [*report.hearings.values()],
        "volumes": report.volumes,
    }
    return {
        name: TypeAdapter(list[Any]).dump_python(found, mode="json")
        for name, found in told.items()
        if found
    }


def _plain(item: RawItem) -> dict[str, Any]:
    values = {name: value for name, value in asdict(item).items() if name != "fetched_at"}
    for name in ("published_at", "edited_at"):
        values[name] = values[name] and as_utc(values[name]).isoformat()
    for name in ("title", "text"):
        values[name] = clean(values[name])  # as ingest does first of all
    return values


def main(paths: Iterable[str]) -> int:
    """Print what the spiders read from the saved pages named."""
    for name in paths:
        path = Path(name)
        declaration = find_declaration(path.parent.name)
        page = next((one for one in saved_pages(path.parent) if one.path.name == path.name), None)
        if page is None:
            raise ConfigurationError("is not named in pages.yml", remedy="add it", where=name)
        result = json.dumps(replay(declaration, page), ensure_ascii=False, indent=1)
        sys.stdout.write(result + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

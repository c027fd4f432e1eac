"""Which spider reads which declaration."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from crawlers.declarations import SITES, Declaration
from domain.errors import ConfigurationError

#: Kind → module in `crawlers.spiders` and class.
_SPIDERS = {
    "feed": ("feed", "FeedSpider"),
    "site": ("site", "SiteSpider"),
    "weibo_api": ("weibo_api", "WeiboSpider"),
    "weibo_push": ("weibo_push", "WeiboPushSpider"),
    "weibo_comments": ("weibo_comments", "WeiboCommentsSpider"),
    "gsdata": ("gsdata", "GsdataSpider"),
    "mastodon": ("mastodon", "MastodonSpider"),
    "hearings": ("hearings", "HearingsSpider"),
    "gdelt": ("gdelt", "GdeltSpider"),
}


def spider_class(declaration: Declaration, *folders: Path) -> type[Any]:
    """The spider in ``<source>.py`` of the folders or of those that ship, else the kind's.

    Raises:
        ConfigurationError: the file defines no class ``Spider``, or the kind is not crawled.
    """
    for folder in (*folders, SITES):
        path = folder / f"{declaration.source}.py"
        if path.is_file():
            return _own_spider(path)
    return _by_kind(declaration.kind)


def _by_kind(kind: str) -> type[Any]:
    if kind in _SPIDERS:
        module, name = _SPIDERS[kind]
        # Imported one by one: the extractor and the feed parser cost start-up time.
        spider: type[Any] = getattr(importlib.import_module(f"crawlers.spiders.{module}"), name)
        return spider
    raise ConfigurationError(
        f"kind {kind} has no spider", remedy="run an import with courtpulse import", where=kind
    )


def recheck_class(declaration: Declaration) -> type[Any]:
    """The spider that asks whether posts of the source are still there."""
    from crawlers.spiders.recheck import (
        CommentRecheck,
        MastodonRecheck,
        PageRecheck,
        WeiboRecheck,
    )

    own = {
        "weibo_api": WeiboRecheck,
        "weibo_push": WeiboRecheck,
        "gsdata": WeiboRecheck,
        "weibo_comments": CommentRecheck,
        "mastodon": MastodonRecheck,
    }
    return own.get(declaration.kind, PageRecheck)


def _own_spider(path: Path) -> type[Any]:
    spec = importlib.util.spec_from_file_location(f"crawlers.sites.{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ConfigurationError("can't be imported", remedy="is it Python?", where=str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    spider: type[Any] | None = getattr(module, "Spider", None)
    if spider is None:
        raise ConfigurationError(
            "defines no class Spider",
            remedy="derive one from SiteSpider, or delete the file",
            where=str(path),
        )
    return spider

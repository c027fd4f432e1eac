"""Targets of `bench.fuzz` for what sources answer: each body goes through the source's own spider.

The spiders catch what no code expected, so that one page costs one page; here it is a find.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from scrapy import Request
from scrapy.http import Response

import crawlers.spiders.base
from bench.fuzz_inputs import NOW, bytes_input, document_input
from crawlers import push_events
from crawlers.declarations import Declaration, adapter, load
from crawlers.ingest import Ingest
from crawlers.items import RawItem
from crawlers.jobs import Job, Places
from crawlers.kinds import spider_class
from crawlers.state import SourceState
from crawlers.tokens import TokenKeys
from domain.errors import BadInput

crawlers.spiders.base.UNEXPECTED = ()
ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "tests" / "pages"
_HELD = tempfile.TemporaryDirectory()
_FOLDER = Path(_HELD.name)
_TOKENS = TokenKeys(_FOLDER / "tokens", lambda: NOW)


class Nowhere:
    """An inbox and a quarantine that keep nothing: the disk is not under test."""

    def write(self, posts: Any) -> str:
        """Forget the posts."""
        return "segment"

    def add(self, *about: Any, **more: Any) -> str:
        """Forget the item."""
        return ""


def fresh_ingest() -> Ingest:
    """A door with nothing behind it."""
    return Ingest(Nowhere(), _TOKENS, Nowhere(), lambda: NOW)  # type: ignore[arg-type]


class Reader:
    """One source: bodies in, items through ingest."""

    def __init__(
        self, source: Declaration, role: str, url: str, content_type: str, **asked: Any
    ) -> None:
        for name in source.credentials.values():
            os.environ[name] = "fuzz"
        self._class = spider_class(source)
        self._role, self._url, self._content_type, self._asked = role, url, content_type, asked
        self._job = Job(
            declaration=source, places=Places.under(_FOLDER), now=NOW, window_start=NOW - timedelta(days=1),
            window_end=NOW, covered_until=None, contact="",
        )  # fmt: skip

    def read(self, body: bytes) -> None:
        """Let the spider read `body`."""
        ingest = fresh_ingest()
        spider = self._class(self._job, SourceState(), ingest, lambda: NOW)
        # What the spider asks first knows what belongs to an answer, unless it is a later one's turn.
        first = next(iter(spider._requests()), None)
        asked = self._asked or (first.cb_kwargs if first and self._role == "list" else {})
        response = Response(
            self._url,
            body=body,
            headers={"Content-Type": self._content_type},
            request=Request(self._url, cb_kwargs=asked),
        )
        callback = spider.parse if self._role == "list" else getattr(spider, f"parse_{self._role}")
        for read in callback(response, **asked):
            if isinstance(read, RawItem):
                ingest.accept(read)


def shipped(source: str) -> Declaration:
    """A declaration that ships."""
    return load(ROOT / "crawlers" / "sites" / f"{source}.yml")


def declared(kind: str, **keys: Any) -> Declaration:
    """A declaration of the kind; only what it needs beyond the common keys is given."""
    common = {
        "source": "trial", "title": "试验", "kind": kind, "platform": "weibo", "basis": "按合同授权",
        "license_ref": "合同", "owner": "新闻办公室", "schedule": {"every": "5m"},
    }  # fmt: skip
    return adapter().validate_json(json.dumps(common | keys))


_XML = (
    b"<item>", b"</item>", b"<entry>", b"<![CDATA[", b"]]>", b"<!ENTITY a 'b'>", b"&a;", b"&#0;", b"&#xD800;", b"<link href='http://[::1'/>",
    b"<pubDate>99</pubDate>", b"<guid>", b"\xff\xfe", b"\x00", b"<?xml version='1.1' encoding='utf-7'?>", b"xmlns:x='", b"<title type='xhtml'>", b"\xd4\xc6",
)  # fmt: skip
_HTML = (
    b"<div>", b"</div>", b"<a href='http://[::1'>", b"<a href='javascript:'>", b"<script>", b"</script>", b"<table>", b"<!--", b"-->", b"\x00",
    b"&#xD800;", b"<meta charset=utf-7>", b"<meta property='article:published_time' content='99'>", b"<h1>", b"<p>", b"\xd4\xc6", b"{", b'"', b"null",
    b"2026-99-99 99:99", b"<meta http-equiv=refresh content='0;url='>",
)  # fmt: skip


def _site(
    source: str, page: str, role: str, url: str, content_type: str = "text/html", **asked: Any
) -> tuple[Callable[[bytes], object], tuple[bytes, ...]]:
    body = (PAGES / source / page).read_bytes()
    reader = Reader(shipped(source), role, url, content_type, **asked)
    make = bytes_input((body,), _XML if role == "list" and page.endswith("xml") else _HTML)
    return lambda data: reader.read(make(data)), (body,)


def _several(
    *parts: tuple[Callable[[bytes], object], tuple[bytes, ...]],
) -> tuple[Callable[[bytes], object], tuple[bytes, ...]]:
    """Several pages as one target, chosen by the input's length."""
    runs = [run for run, _ in parts]
    return lambda data: runs[len(data) % len(runs)](data), tuple(
        s for _, seeds in parts for s in seeds
    )


def _documents(
    source: Declaration, url: str, samples: tuple[Any, ...], **asked: Any
) -> Callable[[bytes], object]:
    reader = Reader(source, "list", url, "application/json", **asked)
    make = document_input(samples)
    return lambda data: reader.read(make(data))


_STATUS = {
    "created_at": "Fri Nov 20 09:15:32 +0800 2026", "id": 5367257342596743, "mid": "5367257342596743",
    "idstr": "5367257342596743", "text": "云岫区法院开庭", "source": "<a>x</a>", "isLongText": True,
    "longText": {"longTextContent": "全文"}, "visible": {"type": 0}, "deleted": "0", "geo": None,
    "reposts_count": "1.2万", "comments_count": 2, "attitudes_count": 3,
    "user": {"id": 1000000001, "verified_type": 3},
    "retweeted_status": {"id": 1, "user": {"id": 2}, "text": "原文", "visible": {"type": 0}},
}  # fmt: skip
_TOOT = {
    "id": "1", "created_at": "2026-11-20T03:48:33.901Z", "in_reply_to_id": None, "spoiler_text": "注意",
    "visibility": "public", "uri": "https://a.example/1", "url": "https://a.example/@x/1", "replies_count": 1,
    "reblogs_count": 0, "favourites_count": 0, "content": "<p>开庭</p>", "reblog": None, "edited_at": None,
    "account": {"id": "7", "url": "https://a.example/@x"}, "mentions": [], "tags": [],
}  # fmt: skip
_NEWS = "https://news.jianglan.example/news/index.html"
_FEEDS = _several(
    _site("example_court_feed", "rss.xml", "list", "https://court.jianglan.example/rss.xml"),
    _site("example_wechat_bridge", "atom.xml", "list", "http://127.0.0.1:4000/feeds/all.atom"),
)
_LISTS = _several(
    _site("example_news_utf8", "list.html", "list", _NEWS, number=1, first=_NEWS),
    _site("legaldaily_paper", "page.html", "list", "http://epaper.legaldaily.com.cn/fzrb/content/20261123/Page01TB.htm", number=1),
    _site("xinhua", "ds_0123abcd.json", "source", "http://www.news.cn/legal/ds_0123abcd.json", first="x"),
)  # fmt: skip
_ARTICLES = _several(
    _site("example_news_utf8", "article.html", "article", f"{_NEWS}/1"),
    _site("example_news_gbk", "article.html", "article", f"{_NEWS}/2"),
    _site("thepaper", "article.html", "article", "https://www.thepaper.cn/newsDetail_forward_1"),
    _site("legaldaily", "article.html", "article", "http://www.legaldaily.com.cn/1"),
)


def _sample(source: str, page: str) -> Any:
    return json.loads((PAGES / source / page).read_text(encoding="utf-8"))


def _shipped(source: str, *samples: Any) -> Callable[[bytes], object]:
    declaration = shipped(source)
    return _documents(declaration, declaration.addresses[0], samples)


def _push_lines(data: bytes) -> None:
    """The lines of a stream: those whole, and the one that was cut off."""
    stream = push_events.Stream("weibo_push", 0.1, NOW)
    for line in push_events.lines_of(_LINES(data) + b"\r\n" + data[:50], "application/json"):
        push_events.without_account(line.document)
        event = push_events.read_event(line.document)
        try:
            if event is push_events.Event.GONE:
                push_events.gone_id(line.document, "weibo_push")
            else:
                fresh_ingest().accept(push_events.post_of(line.document, stream))
        except BadInput:
            continue


_LINE = {
    "id": 1234567, "text": {"type": "status", "event": "add", "status": _STATUS},
    "match_info": {"keyword": "法院", "uid": 0},
}  # fmt: skip
_COMMENT = _sample("weibo_comments", "show.json")["comments"][0]
_LINES = document_input(
    (_LINE, {**_LINE, "text": {"type": "comment", "event": "update", "comment": _COMMENT}})
)
#: Name → what `bench.fuzz_targets.Target` takes.
TARGETS: dict[str, tuple[Any, ...]] = {
    "feeds": (_FEEDS[0], 6, _FEEDS[1]),
    "list pages": (_LISTS[0], 8, _LISTS[1]),
    "articles": (_ARTICLES[0], 1, _ARTICLES[1]),
    "weibo search": (
        _documents(
            shipped("weibo_official"), "https://api.weibo.com/2/search/statuses/limited.json",
            ([_STATUS], {"statuses": [_STATUS], "total_number": 1}, {"error_code": 10023}, {"ok": -100}),

        ),
        30,
    ),
    "mastodon": (
        _documents(
            declared("mastodon", instance="https://a.example", tags=["法院"]),
            "https://a.example/api/v1/timelines/tag/x", ([_TOOT], {"error": "x"}),
        ),
        30,
    ),
    "weibo push": (_push_lines, 40),
    "weibo comments": (
        _shipped("weibo_comments", _sample("weibo_comments", "show.json"), {"error_code": 20101}), 30,
    ),
    "gsdata": (_shipped("gsdata", _sample("gsdata", "articles.json"), {"status": 401, "name": "x"}), 30),
    "hearings": (_shipped("tingshen", _sample("tingshen", "page.json")), 30),
    "gdelt": (_shipped("gdelt", _sample("gdelt", "timeline.json")), 40),
}  # fmt: skip

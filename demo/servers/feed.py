"""The court's feed, as RSS 2.0 (``/rss.xml``) and Atom (``/atom.xml``), with conditional GET."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape

from demo.model import Notice, Published
from demo.servers.failures import Failure
from demo.servers.http import Answer, Request, Site, not_found

#: Items a feed holds; older ones have scrolled away.
FEED_ITEMS = 30
_LINK = "https://court.jianglan.example"
_TITLE = "江澜法院发布"


def feed_site(world: Published) -> Site:
    """Return the feed of the fictional court."""

    def site(request: Request) -> Answer:
        if request.path == "/robots.txt":
            return Answer(b"User-agent: *\nAllow: /\n", content_type="text/plain")
        makers = {"/rss.xml": _rss, "/atom.xml": _atom}
        if request.path not in makers:
            return not_found()
        notices = list(world.notices(request.now))[-FEED_ITEMS:][::-1]
        if Failure.BLANK_PAGE in request.failures:
            notices = []
        if Failure.DUPLICATES in request.failures:
            notices = [*notices, *notices[:5]]
        body = makers[request.path](notices).encode()
        kind = "rss" if request.path == "/rss.xml" else "atom"
        return _conditional(request, body, notices, f"application/{kind}+xml; charset=utf-8")

    return site


def _conditional(
    request: Request, body: bytes, notices: Sequence[Notice], content_type: str
) -> Answer:
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    changed = max((notice.moment for notice in notices), default=datetime(2026, 1, 1, tzinfo=UTC))
    headers = {"ETag": etag, "Last-Modified": format_datetime(changed.astimezone(UTC), usegmt=True)}
    if _is_known(request, etag, changed):
        return Answer(b"", 304, content_type, headers)
    return Answer(body, 200, content_type, headers)


def _is_known(request: Request, etag: str, changed: datetime) -> bool:
    """ETag first: with both headers, If-Modified-Since does not count (RFC 9110, 13.1.3)."""
    if tag := request.headers.get("if-none-match"):
        return etag in [part.strip().removeprefix("W/") for part in tag.split(",")]
    if since := request.headers.get("if-modified-since"):
        try:
            return changed.replace(microsecond=0) <= parsedate_to_datetime(since)
        except ValueError:
            return False
    return False


def _rss(notices: Sequence[Notice]) -> str:
    items = "".join(
        f"<item><title>{escape(notice.title)}</title><link>{_link(notice)}</link>"
        f'<guid isPermaLink="true">{_link(notice)}</guid>'
        f"<pubDate>{format_datetime(notice.moment)}</pubDate>"
        f"<description><![CDATA[<p>{escape(notice.body)}</p>]]></description></item>\n"
        for notice in notices
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{_TITLE}</title><link>{_LINK}/</link><description>{_TITLE}</description>\n"
        f"{items}</channel></rss>\n"
    )


def _atom(notices: Sequence[Notice]) -> str:
    entries = "".join(
        f'<entry><title>{escape(notice.title)}</title><link href="{_link(notice)}"/>'
        f"<id>{_link(notice)}</id><updated>{notice.moment.isoformat()}</updated>"
        f'<published>{notice.moment.isoformat()}</published><content type="html">'
        f"{escape(f'<p>{escape(notice.body)}</p>')}</content></entry>\n"
        for notice in notices
    )
    updated = notices[0].moment.isoformat() if notices else "2026-01-01T00:00:00+00:00"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f'<title>{_TITLE}</title><id>{_LINK}/</id><link href="{_LINK}/"/>'
        f"<updated>{updated}</updated>\n{entries}</feed>\n"
    )


def _link(notice: Notice) -> str:
    return f"{_LINK}/notice/{notice.number}.html"

"""``courtpulse new source``: declaration, spider, saved page and a test that waits to be filled.

The test is the generic one of ``tests/crawlers/test_pages.py``: a saved page without golden JSON
fails, and says what to look at and what to save.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crawlers.declarations import load
from crawlers.replay import INDEX
from domain.errors import ConfigurationError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")

_HEAD = """\
# Fill in what is 待填写, replace the saved page in {pages} by a real one
# (names replaced, at most 50 KB), and enable the source when its test is green.
title: 待填写
kind: {kind}
platform: {platform}
basis: {basis}
{grant}owner: {owner}
enabled: false
schedule: {{every: 10m}}
"""
_KEYS = {
    "feed": """\
urls:
  - {url}
expect:
  max_silence: 7d
""",
    "site": """\
urls:
  - {url}
selectors:
  link: "ul li a"
expect:
  max_silence: 3d
  min_text_chars: 40
""",
    "weibo_api": """\
endpoint: {url}
queries:
  - 待填写 法院
credentials: {{access_token: {variable}}}
""",
    "weibo_push": """\
endpoint: {url}
subid: "1"
# What the contract says; without an agreement the platform delivers 1 %.
percentage: 1
keywords:
  - 待填写 法院
listen: 90s
""",
    "weibo_comments": """\
endpoint: {url}
posts_of:
  - weibo_official
credentials: {{access_token: {variable}}}
""",
    "gsdata": """\
endpoint: {url}
accounts:
  - "1000000001"
credentials: {{app_key: {variable}_KEY, secret: {variable}_SECRET}}
""",
    "mastodon": """\
instance: {root}
tags:
  - 待填写
expect:
  max_silence: 7d
""",
    "import": """\
files:
  - "{name}*.csv"
mapping: hotline_12368
""",
}
_PLATFORMS = {
    **dict.fromkeys(("weibo_api", "weibo_push", "weibo_comments", "gsdata", "mastodon"), "weibo"),
    "import": "hotline",
}
_GRANTED = ("weibo_api", "weibo_push", "weibo_comments", "gsdata", "import")
_SPIDER = '''\
"""{name}: what differs from `SiteSpider`. Delete this file if nothing does."""

from __future__ import annotations

from parsel import Selector

from crawlers.spiders.site import SiteSpider


class Spider(SiteSpider):
    """Reads {host}."""

    def _parse_title(self, page: Selector) -> str:
        return super()._parse_title(page)
'''
_RSS = """\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>虚构订阅源</title>
<item><title>云岫区法院通报庭审安排</title><guid isPermaLink="false">1</guid>
<pubDate>Fri, 20 Nov 2026 09:15:32 +0800</pubDate>
<description>云岫区人民法院将公开审理一批物业服务合同纠纷案。</description></item>
</channel></rss>
"""
_LIST = """\
<!DOCTYPE html><html><head><meta charset="utf-8"><title>虚构列表页</title></head>
<body><ul><li><a href="/2026/11/20/1.html">云岫区法院通报庭审安排</a></li></ul></body></html>
"""
_ARTICLE = """\
<!DOCTYPE html><html><head><meta charset="utf-8"><title>虚构文章页</title></head>
<body><h1>云岫区法院通报庭审安排</h1><div>2026年11月20日 09:15　来源：虚构</div>
<div><p>云岫区人民法院将于下周公开审理一批物业服务合同纠纷案，庭审同步直播，市民可以预约旁听，
也可以通过诉讼服务热线咨询。</p></div></body></html>
"""
_COMMENTS = '{"comments": [], "next_cursor": 0, "total_number": 0}\n'
_ARTICLES = '{"items": [], "_meta": {"totalCount": 0, "pageCount": 0}}\n'
_STATUSES = '{"statuses": [], "total_number": 0}\n'


@dataclass(frozen=True, slots=True)
class Footing:
    """What nobody else can know: on what legal footing a source is read, and who answers for it."""

    basis: str
    owner: str


def new_source(
    name: str, kind: str, url: str, folder: Path, footing: Footing, *, pages: Path | None = None
) -> list[Path]:
    """Write the files of a new source and return their paths, the declaration first.

    Args:
        name: the source's name; lower-case letters, digits and underscores.
        kind: one of `crawlers.declarations.KINDS`.
        url: feed, list page or interface; "" for an import.
        folder: folder of declarations.
        footing: said in words; a placeholder is refused, as everywhere.
        pages: folder of saved pages; by default ``tests/pages`` beside the room that `folder` is in.

    Raises:
        ConfigurationError: bad name, kind or address, or one of the files exists. Nothing is left.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} can't name a source", remedy="use lower-case letters, digits and _"
        )
    if kind not in _KEYS:
        raise ConfigurationError(f"unknown kind {kind}", remedy=f"use one of {', '.join(_KEYS)}")
    saved = (pages or folder.parent.parent / "tests" / "pages") / name
    files = _files(name, kind, url, folder, saved, footing)
    for path in files:
        if path.exists():
            raise ConfigurationError(
                "exists already", remedy="choose another name, or delete it", where=str(path)
            )
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        load(folder / f"{name}.yml")
    except ConfigurationError:
        for path in files:
            path.unlink(missing_ok=True)
        if saved.is_dir() and not any(saved.iterdir()):
            saved.rmdir()
        raise
    return list(files)


def _files(
    name: str, kind: str, url: str, folder: Path, saved: Path, footing: Footing
) -> dict[Path, str]:
    variable = f"COURTPULSE_{name.upper()}_TOKEN"
    head = _HEAD.format(
        pages=f"tests/pages/{name}",
        kind=kind,
        basis=json.dumps(footing.basis, ensure_ascii=False),
        owner=json.dumps(footing.owner, ensure_ascii=False),
        platform=_PLATFORMS.get(kind, "news"),
        grant="license_ref: 待填写\n" if kind in _GRANTED else "",
    )
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    keys = _KEYS[kind].format(url=url, root=root, name=name, variable=variable)
    files = {folder / f"{name}.yml": head + keys}
    if kind == "site":
        files[folder / f"{name}.py"] = _SPIDER.format(name=name, host=parts.hostname)
    shown = _pages(kind)
    if shown:
        files[saved / INDEX] = _index(url, shown)
    for page, (_, _, text) in shown.items():
        files[saved / page] = text
    return files


def _pages(kind: str) -> dict[str, tuple[str, str, str]]:
    """Saved page → role, content type, text; an import has rows instead of pages."""
    json_pages = {
        "weibo_api": ("search.json", _STATUSES),
        "weibo_push": ("stream.txt", "\r\n"),
        "weibo_comments": ("comments.json", _COMMENTS),
        "gsdata": ("articles.json", _ARTICLES),
        "mastodon": ("timeline.json", "[]\n"),
    }
    if kind == "feed":
        return {"feed.xml": ("list", "application/rss+xml", _RSS)}
    if kind == "site":
        return {
            "list.html": ("list", "text/html", _LIST),
            "article.html": ("article", "text/html", _ARTICLE),
        }
    if kind in json_pages:
        page, text = json_pages[kind]
        return {page: ("list", "application/json", text)}
    return {}


def _index(url: str, pages: dict[str, tuple[str, str, str]]) -> str:
    lines = [
        "# Where and when each page was saved; relative times count from now.",
        'now: "2026-11-23T12:00:00+08:00"',
        "pages:",
    ]
    for page, (role, content_type, _) in pages.items():
        lines += [
            f"  {page}:",
            f"    url: {url}",
            f"    content_type: {content_type}",
            f"    role: {role}",
        ]
    return "\n".join(lines) + "\n"

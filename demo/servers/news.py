"""Two news sites: a UTF-8 one and a GBK one, each with robots.txt, paged lists and articles.

Articles come in three markups each, because an extractor that knows one page knows none. Both
robots.txt forbid ``/internal/``, to which every list page links.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from demo.model import Article, Published, SiteName
from demo.servers.failures import Control, Failure
from demo.servers.http import Answer, Request, Site, not_found
from domain.time import SHANGHAI

PER_PAGE = 10
FORBIDDEN_PATH = "/internal/brief.html"
_ROBOTS = b"User-agent: *\nDisallow: /internal/\n"
_NAMES: dict[SiteName, str] = {"utf8": "江澜法治在线", "gbk": "江澜晚报"}
_LIST: dict[SiteName, re.Pattern[str]] = {
    "utf8": re.compile(r"/news/index(?:_(\d{1,3}))?\.html"),
    "gbk": re.compile(r"/GB/court/index(\d{1,3})\.html"),
}
_ARTICLE: dict[SiteName, re.Pattern[str]] = {
    "utf8": re.compile(r"/news/detail/\d{4}/\d{2}/id/(\d{1,9})\.shtml"),
    "gbk": re.compile(r"/GB/n1/\d{4}/\d{4}/c1024-(\d{1,9})\.html"),
}


def news_site(world: Published, name: SiteName, control: Control) -> Site:
    """Return the site `name` of the fictional city."""

    def site(request: Request) -> Answer:
        if request.path == "/robots.txt":
            return Answer(_ROBOTS, content_type="text/plain")
        if request.path == FORBIDDEN_PATH:
            return _page(name, "内部通讯", "<p>robots.txt 不允许抓取本页。</p>")
        articles = [
            article
            for article in reversed(world.articles(request.now))
            if article.site == name and not _is_gone(article, control, request)
        ]
        if match := _LIST[name].fullmatch(request.path):
            return _list_page(name, articles, int(match[1] or 1), request)
        if match := _ARTICLE[name].fullmatch(request.path):
            for article in articles:
                if article.number == int(match[1]) and article_path(article) == request.path:
                    return _article_page(article, control, request)
        return not_found()

    return site


def list_path(name: SiteName, page: int = 1) -> str:
    """Return the path of list page `page`, from 1."""
    if name == "gbk":
        return f"/GB/court/index{page}.html"
    return "/news/index.html" if page == 1 else f"/news/index_{page}.html"


def article_path(article: Article) -> str:
    """Return the path of an article's page."""
    day = article.moment.astimezone(SHANGHAI)
    if article.site == "gbk":
        return f"/GB/n1/{day:%Y}/{day:%m%d}/c1024-{article.number}.html"
    return f"/news/detail/{day:%Y}/{day:%m}/id/{article.number}.shtml"


def _is_gone(article: Article, control: Control, request: Request) -> bool:
    deleted = Failure.DELETIONS in request.failures and article.number % 5 == 0
    return deleted or control.is_deleted(article.number)


def _list_page(name: SiteName, articles: Sequence[Article], page: int, request: Request) -> Answer:
    pages = max(-(-len(articles) // PER_PAGE), 1)
    if not 1 <= page <= pages:
        return not_found()
    start = (page - 1) * PER_PAGE
    if Failure.DUPLICATES in request.failures and page > 1:
        start -= 3
    shown = articles[start : (page - 1) * PER_PAGE + PER_PAGE]
    if Failure.BLANK_PAGE in request.failures and (page == 2 or pages == 1):
        shown = []
    items = "\n".join(_list_item(name, article) for article in shown)
    turn = [f'<a class="prev" href="{list_path(name, page - 1)}">上一页</a>'] if page > 1 else []
    if page < pages:
        turn.append(f'<a class="next" href="{list_path(name, page + 1)}">下一页</a>')
    body = (
        f'<div id="articleList"><ul class="news-list">\n{items}\n</ul></div>'
        f'<div class="pages">{" ".join(turn)}</div>'
        f'<p class="more"><a href="{FORBIDDEN_PATH}">内部通讯</a></p>'
    )
    return _page(name, f"{_NAMES[name]} 法院频道", body)


def _list_item(name: SiteName, article: Article) -> str:
    day = article.moment.astimezone(SHANGHAI)
    link = f'<a href="{article_path(article)}">{escape(article.title)}</a>'
    if name == "gbk":
        return f"<li>{link} <em>[{day:%m月%d日 %H:%M}]</em></li>"
    return f'<li><span class="left">{link}</span><span class="right">{day:%Y-%m-%d}</span></li>'


def _article_page(article: Article, control: Control, request: Request) -> Answer:
    paragraphs = list(article.paragraphs)
    if (edited := control.edited(article.number)) is not None:
        paragraphs = [edited]
    if Failure.EDITS in request.failures and article.number % 5 == 1:
        paragraphs.append("（本稿有更新：补充了庭审时间。）")
    makers = _UTF8_MARKUPS if article.site == "utf8" else _GBK_MARKUPS
    body = makers[article.number % len(makers)](article, paragraphs)
    return _page(article.site, article.title, body, _meta(article))


def _meta(article: Article) -> str:
    day = article.moment.astimezone(SHANGHAI)
    if article.site == "utf8":
        return f'<meta property="article:published_time" content="{day.isoformat()}">'
    return f'<meta name="publishdate" content="{day:%Y-%m-%d %H:%M}">'


def _plain_markup(article: Article, paragraphs: Sequence[str]) -> str:
    day = article.moment.astimezone(SHANGHAI)
    return (
        f'<div class="detail_bt"><h1>{escape(article.title)}</h1></div>'
        f'<div class="detail_time"><span>{day:%Y-%m-%d %H:%M:%S}</span> 来源：江澜法治在线</div>'
        f'<div id="detail" class="detail_txt">{_joined(paragraphs)}</div>'
    )


def _article_markup(article: Article, paragraphs: Sequence[str]) -> str:
    day = article.moment.astimezone(SHANGHAI)
    return (
        f'<article><header><h1 class="title">{escape(article.title)}</h1>'
        f'<time datetime="{day.isoformat()}">{day:%Y年%m月%d日 %H:%M}</time></header>'
        f'<div class="content"><div class="TRS_Editor">{_joined(paragraphs)}</div></div></article>'
    )


def _break_markup(article: Article, paragraphs: Sequence[str]) -> str:
    day = article.moment.astimezone(SHANGHAI)
    text = "<br/><br/>　　".join(escape(paragraph) for paragraph in paragraphs)
    return (
        f'<div class="main"><h2>{escape(article.title)}</h2>'
        f'<p class="info">发布时间：{day:%Y年%m月%d日 %H:%M}　编辑：法院频道</p>'
        f'<div class="text">　　{text}</div></div>'
    )


def _paper_markup(article: Article, paragraphs: Sequence[str]) -> str:
    day = article.moment.astimezone(SHANGHAI)
    return (
        f'<div class="text_title"><h1>{escape(article.title)}</h1>'
        f'<div class="box01"><div class="fl">{day:%Y年%m月%d日%H:%M}　来源：江澜晚报</div></div>'
        f'</div><div class="rm_txt_con cf">{_joined(paragraphs)}</div>'
    )


def _table_markup(article: Article, paragraphs: Sequence[str]) -> str:
    day = article.moment.astimezone(SHANGHAI)
    return (
        f"<table><tr><td><h1>{escape(article.title)}</h1></td></tr>"
        f"<tr><td>{day:%Y年%m月%d日%H:%M}</td></tr>"
        f'<tr><td class="show_text">{_joined(paragraphs)}</td></tr></table>'
    )


def _joined(paragraphs: Sequence[str]) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs)


_UTF8_MARKUPS = (_plain_markup, _article_markup, _break_markup)
_GBK_MARKUPS = (_paper_markup, _table_markup, _plain_markup)


def _page(name: SiteName, title: str, body: str, meta: str = "") -> Answer:
    charset = "utf-8" if name == "utf8" else "gbk"
    page = (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="{charset}">{meta}'
        f"<title>{escape(title)}-{_NAMES[name]}</title></head><body>\n"
        f'<div class="nav"><a href="{list_path(name)}">法院频道</a></div>\n{body}\n'
        f'<div class="footer">{_NAMES[name]} 版权所有（虚构）</div></body></html>\n'
    )
    return Answer(
        page.encode(charset, "xmlcharrefreplace"), content_type=f"text/html; charset={charset}"
    )

"""What stands around an article and is not it: comments, related links, rankings, advertising.

An extractor weighs text against links, which readers' comments, footers and advertisements in
running text survive; comments are other people's words, and would be counted as the medium's. So
what a page itself calls by such a name is taken out first, and lines that only such places hold are
taken out after. Names are those that Chinese content systems use, in English and in pinyin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import tostring

#: Comments; related and recommended articles; rankings; advertising, sharing, other ways to read;
#: the frame of the site. Not ``gg``, which is 广告 (advertising) here and 公告 (notice) there.
_NAMES = frozenset(
    (
        "comment", "comments", "pinglun", "plq", "liuyan", "reply", "related", "relate", "recommend",
        "recommended", "tuijian", "xgyd", "xgxw", "xiangguan", "ranking", "rank", "phb", "paihang",
        "hotlist", "hotnews", "ad", "ads", "advert", "advertisement", "guanggao", "share", "fenxiang",
        "bdsharebuttonbox", "app", "download", "print", "dayin", "foot", "footer", "copyright",
        "banquan", "nav", "navigation", "menu", "daohang", "crumb", "crumbs", "breadcrumb", "sidebar",
        "side", "aside", "bjr", "bianji", "zebian", "like",
    )
)  # fmt: skip
_TAGS = frozenset(("nav", "aside", "footer", "form", "button", "noscript", "template"))
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
#: What holds this share of a page's text is the page, whatever it is called.
_MOST = 0.5
#: A cell with so many characters is a column of a layout, not of a table.
_LAYOUT_CELL = 100
#: A list of so many links, with so much of its text within them, leads elsewhere.
_FEW_LINKS, _LINKED = 4, 0.8
_HAN = re.compile(r"[\u3400-\u9fff]")
_MOMENT = r"20\d\d ?[年/.-] ?\d{1,2} ?[月/.-] ?\d{1,2}日?(?:[ T　]*\d{1,2}:\d{2}(?::\d{2})?)?"
#: Whole lines; what they begin like is allowed in running text.
_LINES = re.compile(
    r"(?:版权所有|责任编辑|责编|编辑[:：]|举报电话|举报邮箱|备案号|[^。]{0,12}ICP备|关于我们|网站声明|友情链接|"
    r"分享到|【打印】|打印本页|相关链接|相关阅读|热点排行|上一篇|下一篇|【广告】|广告[:：]|阅读 ?\d|点击下方名片|"
    r"扫一扫|原标题[:：]|当前位置).{0,80}"
)
_DATELINE = re.compile(
    rf"(?:[^。！？]{{0,20}}[:： ])?{_MOMENT}(?:\s*(?:来源|稿源|作者|字号|[^。！？]{{0,12}})[^。！？]{{0,40}})?"
)
_LONGEST_DATELINE = 60
#: A shorter beginning of the title may be a word of the story.
_SHORTEST_TITLE = 6


def without_clutter(html: str) -> str:
    """`html` without the places that are called by such names, and layout tables as blocks.

    What the parser can't make a page of comes back as it was.
    """
    try:
        root = etree.fromstring(
            html.encode("utf-8", "replace"), etree.HTMLParser(encoding="utf-8", huge_tree=True)
        )
    except (etree.ParserError, etree.XMLSyntaxError):
        return html
    if root is None:
        return html
    whole = _weight(root)
    for element in list(_clutter(root)):
        parent = element.getparent()
        if parent is not None and _weight(element) <= whole * _MOST:
            _take_out(element, parent)
    for table in root.iter("table"):
        if _is_layout(table):
            for part in list(table.iter("table", "tbody", "tr", "td", "th")):
                part.tag = "div"
    written: str = tostring(root, encoding="unicode")
    return written


def without_stray_lines(text: str, title: str) -> str:
    """`text` without lines that belong to the page: its title, its dateline, its imprint."""
    lines = text.split("\n")
    kept = [
        line for line in lines if not _is_stray(" ".join(line.replace("|", " ").split()), title)
    ]
    return "\n".join(kept).strip()


def _is_stray(line: str, title: str) -> bool:
    if not line:
        return False
    short = len(line) <= _LONGEST_DATELINE and _DATELINE.fullmatch(line) is not None
    is_title = len(line) >= _SHORTEST_TITLE and title.startswith(line)
    return short or is_title or _LINES.fullmatch(line) is not None


def _clutter(root: etree._Element) -> Iterator[etree._Element]:
    for element in root.iter(etree.Element):
        if element.tag in ("html", "body", "head"):
            continue
        hidden = element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "")
        if element.tag in _TAGS or hidden or _is_named(element) or _is_link_list(element):
            yield element


def _is_named(element: etree._Element) -> bool:
    names = f"{element.get('class') or ''} {element.get('id') or ''}"[:300]
    return any(part.lower() in _NAMES for part in _NAME_PARTS.findall(names))


def _is_link_list(element: etree._Element) -> bool:
    if element.tag not in ("ul", "ol", "dl"):
        return False
    links = list(element.iter("a"))
    return len(links) >= _FEW_LINKS and sum(map(_weight, links)) >= _LINKED * _weight(element)


def _weight(element: etree._Element) -> int:
    """Han characters a reader sees in it."""
    return sum(
        len(_HAN.findall(text))
        for part in element.iter(etree.Element)
        for text in (
            part.text if part.tag not in ("script", "style") else "",
            part.tail if part is not element else "",
        )
        if text
    )


def _is_layout(table: etree._Element) -> bool:
    return table.find(".//table") is not None or any(
        _weight(cell) > _LAYOUT_CELL for cell in table.iter("td")
    )


def _take_out(element: etree._Element, parent: etree._Element) -> None:
    """Remove an element, not the text that follows it."""
    tail = element.tail or ""
    before = element.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(element)

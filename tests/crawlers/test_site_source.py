"""List → article over a real server: paging, holes in the list, charsets, single lost articles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.sources import GapReason
from domain.time import SHANGHAI

NOW = datetime.now(UTC)
BODY = "<p>云岫区人民法院公开审理一批物业服务合同纠纷案，庭审同步直播，旁听群众五十余人。</p>" * 2


def article(number: int, age: float, charset: str = "utf-8") -> bytes:
    day = (NOW - timedelta(hours=age)).astimezone(SHANGHAI)
    return (
        f"<html><head><meta charset='{charset}'><title>第{number}号新闻</title></head><body>"
        f"<h1>第{number}号新闻</h1><div class=t>{day:%Y年%m月%d日 %H:%M}</div>"
        f"<div class=c>{BODY}</div></body></html>"
    ).encode(charset)


def listing(*numbers: int, more: str = "") -> bytes:
    links = "".join(f"<li><a href='/a/{n}.html'>{n}</a></li>" for n in numbers)
    return f"<html><meta charset=utf-8><ul class=news>{links}</ul>{more}</html>".encode()


class Paper:
    """A site whose list pages and articles a test changes."""

    def __init__(self, crawl: Any, local_site: Any, page: Any) -> None:
        self.crawl, self.site, self.page = crawl, local_site, page

    def publish(self, number: int, age: float, charset: str = "utf-8", header: str = "") -> None:
        headers = {"Content-Type": header or f"text/html; charset={charset}"}
        self.site.pages[f"/a/{number}.html"] = self.page(
            article(number, age, charset), 200, headers
        )

    def show(self, number: int, *articles: int, more: str = "") -> None:
        self.site.pages[f"/list_{number}.html"] = self.page(listing(*articles, more=more))

    def declare(self, **keys: Any) -> Any:
        selectors = {"link": "ul.news a", "published": "div.t", "text": "div.c p", "title": "h1"}
        return self.crawl.declare(
            "site", urls=[f"{self.site.url}/list_1.html"],
            **({"selectors": selectors, "pages": f"{self.site.url}/list_{{page}}.html"} | keys),
        )  # fmt: skip


def paper(crawl: Any, local_site: Any, page: Any, pages: dict[int, list[int]]) -> Paper:
    made = Paper(crawl, local_site, page)
    for number, articles in pages.items():
        made.show(number, *articles)
        for one in articles:
            made.publish(one, age=20 - one)
    return made


def test_the_list_is_walked_to_its_end_and_later_only_to_the_known(
    crawl: Any, local_site: Any, page: Any
) -> None:
    news = paper(crawl, local_site, page, {1: [6, 5], 2: [4, 3], 3: [2, 1]})
    source = news.declare(max_pages=5)
    first = crawl.run(source)
    assert (first.seen, first.new, first.gap) == (6, 6, None)
    assert {post.title for post in crawl.posts} == {f"第{n}号新闻" for n in range(1, 7)}
    assert "/list_4.html" in local_site.paths, "the 404 after the last page is the list's end"
    local_site.asked.clear()
    news.show(1, 7, 6)
    news.publish(7, age=0.1)
    second = crawl.run(source)
    assert (second.seen, second.new, second.gap) == (2, 1, None)
    assert local_site.paths == ["/list_1.html", "/a/7.html"]
    assert crawl.log.past == []


def test_an_article_pinned_to_the_top_does_not_hide_the_next_page(
    crawl: Any, local_site: Any, page: Any
) -> None:
    news = paper(crawl, local_site, page, {1: [9, 1]})
    source = news.declare(max_pages=3)
    crawl.run(source)
    for number in (10, 11, 12):
        news.publish(number, age=1)
    news.show(1, 9, 12, 11)
    news.show(2, 9, 10, 1)
    run = crawl.run(source)
    assert (run.new, run.gap) == (3, None)


def test_a_blank_page_in_mid_list_is_a_gap(crawl: Any, local_site: Any, page: Any) -> None:
    news = paper(crawl, local_site, page, {1: [6, 5], 2: [], 3: [2, 1]})
    run = crawl.run(news.declare(max_pages=5))
    assert run.gap is GapReason.BLANK_PAGE
    assert run.new == 4, "what could be read is kept"


def test_a_blank_page_reached_by_a_link_is_a_gap(crawl: Any, local_site: Any, page: Any) -> None:
    news = Paper(crawl, local_site, page)
    news.show(1, 5, more="<a class=next href='list_2.html'>下一页</a>")
    news.publish(5, age=1)
    news.show(2)
    selectors = {"link": "ul.news a", "next": "a.next"}
    run = crawl.run(news.declare(selectors=selectors, pages=""))
    assert (run.gap, run.new) == (GapReason.BLANK_PAGE, 1)


def test_an_empty_or_walled_list_is_a_gap(crawl: Any, local_site: Any, page: Any) -> None:
    news = paper(crawl, local_site, page, {1: []})
    assert crawl.run(news.declare()).gap is GapReason.BLANK_PAGE
    local_site.pages["/list_1.html"] = page(b"<html><input type='password'></html>")
    assert crawl.run(news.declare()).gap is GapReason.LOGIN_PAGE


def test_more_new_articles_than_pages_leave_a_gap(crawl: Any, local_site: Any, page: Any) -> None:
    news = paper(crawl, local_site, page, {1: [1]})
    source = news.declare(max_pages=1, pages="")
    crawl.run(source)
    crawl.log.runs[0] = replace(crawl.log.runs[0], window_end=NOW - timedelta(hours=9))
    news.show(1, 8, 7)
    news.publish(8, age=1)
    news.publish(7, age=2)
    run = crawl.run(source)
    assert (run.gap, run.new) == (None, 2)
    [gap] = crawl.log.past
    assert (gap.reason, gap.start) == (GapReason.PAGE_CAP, NOW - timedelta(hours=9))
    assert abs(gap.end - (NOW - timedelta(hours=2))) <= timedelta(minutes=1)
    assert run.window_start == gap.end


def test_lost_articles_are_rejected_once_and_the_rest_goes_on(
    crawl: Any, local_site: Any, page: Any
) -> None:
    news = paper(crawl, local_site, page, {1: [9, 8, 7, 6, 5, 4]})
    local_site.pages["/robots.txt"] = page(b"User-agent: *\nDisallow: /a/8.html\n")
    local_site.pages["/a/7.html"] = page(b"", 404)
    local_site.pages["/a/6.html"] = page(b"<html><h1>x</h1><div class=t>tomorrow</div></html>")
    source = news.declare(pages="")
    run = crawl.run(source)
    assert (run.seen, run.new, run.rejected, run.gap) == (6, 3, 3, None)
    again = crawl.run(source)
    assert (again.seen, again.new, again.rejected, again.gap) == (6, 0, 0, None)


def test_an_article_that_fails_for_now_is_a_gap_and_is_read_later(
    crawl: Any, local_site: Any, page: Any
) -> None:
    news = paper(crawl, local_site, page, {1: [2, 1]})
    good = local_site.pages["/a/2.html"]
    local_site.pages["/a/2.html"] = page(b"", 503)
    source = news.declare(pages="")
    run = crawl.run(source)
    assert (run.gap, run.new) == (GapReason.DOWN, 1)
    local_site.pages["/a/2.html"] = good
    back = crawl.run(source)
    assert (back.gap, back.new) == (None, 1)


def test_a_page_whose_articles_all_became_unreadable_is_a_gap(
    crawl: Any, local_site: Any, page: Any
) -> None:
    news = paper(crawl, local_site, page, {1: [4, 3, 2, 1]})
    for number in (4, 3, 2, 1):
        local_site.pages[f"/a/{number}.html"] = page(b"<html><p>redesigned</p></html>")
    assert crawl.run(news.declare(pages="")).gap is GapReason.BAD_BODY


def test_charset_comes_from_the_bytes_when_the_header_is_wrong(
    crawl: Any, local_site: Any, page: Any
) -> None:
    news = paper(crawl, local_site, page, {1: [3, 2, 1]})
    news.publish(1, age=3, charset="gbk", header="text/html; charset=utf-8")
    news.publish(2, age=2, charset="utf-8", header="text/html; charset=gbk")
    news.publish(3, age=1, charset="gb18030", header="text/html")
    assert crawl.run(news.declare(pages="")).gap is None
    assert all(post.text.startswith("云岫区人民法院公开审理") for post in crawl.posts)
    assert len(crawl.posts) == 3


def test_an_own_spider_beside_the_declaration_is_used(
    crawl: Any, local_site: Any, page: Any
) -> None:
    news = paper(crawl, local_site, page, {1: [1]})
    source = news.declare(pages="")
    (crawl.folder / "sites" / "trial_site.py").write_text(
        "from crawlers.spiders.site import SiteSpider\n\n\n"
        "class Spider(SiteSpider):\n"
        "    def _parse_title(self, page):\n"
        "        return '【通报】' + super()._parse_title(page)\n",
        encoding="utf-8",
    )
    assert crawl.run(source).new == 1
    assert crawl.posts[0].title == "【通报】第1号新闻"

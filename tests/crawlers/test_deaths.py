"""A page or post that kills the spider's process costs three runs, not every one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from crawlers.deaths import (
    FORGOTTEN,
    MOST_DEATHS,
    Deaths,
    Place,
    item_place,
    page_place,
    place_path,
    take_place,
    words,
)
from crawlers.quarantine import Quarantine
from domain.errors import CourtpulseError, StoreFailure
from domain.sources import GapReason
from domain.time import system_clock

NOW = datetime.now(UTC)
#: Dies where the word stands: while an entry is read, while it is taken in, while a page is read.
DEADLY = {
    "item": """
import os
from crawlers.spiders.feed import FeedSpider

class Spider(FeedSpider):
    def item(self, fragment):
        item = super().item(fragment)
        if "致命" in item.text:
            os._exit(9)
        return item
""",
    "ingest": """
import os
import crawlers.ingest
from crawlers.spiders.feed import FeedSpider as Spider
sound = crawlers.ingest.redact

def redact(text):
    if "致命" in text:
        os._exit(9)
    return sound(text)

crawlers.ingest.redact = redact
""",
    "page": """
import os
from crawlers.spiders.feed import FeedSpider

class Spider(FeedSpider):
    def _parse_items(self, response):
        if "致命" in response.text:
            os._exit(9)
        return super()._parse_items(response)
""",
}


def rss(*texts: str) -> bytes:
    items = "".join(
        f"<item><guid isPermaLink='false'>{text}</guid><title>通报</title><pubDate>"
        f"{format_datetime(NOW - timedelta(hours=1))}</pubDate>"
        f"<description>云岫区法院{text}通报。</description></item>"
        for text in texts
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()


def source_of(crawl: Any, local_site: Any, page: Any, where: str) -> Any:
    local_site.pages["/bad"] = page(rss("第一", "致命", "第三"))
    local_site.pages["/good"] = page(rss("第四", "第五"))
    (crawl.folder / "sites").mkdir()
    path = crawl.folder / "sites" / "trial_feed.py"
    path.write_text(DEADLY[where], encoding="utf-8")
    urls = [f"{local_site.url}/bad?key=hush", f"{local_site.url}/good"]
    return crawl.declare("feed", urls=urls)


@pytest.mark.parametrize("where", ["item", "ingest"])
def test_a_deadly_post_goes_to_the_quarantine_and_the_others_come_in(
    crawl: Any, local_site: Any, page: Any, where: str
) -> None:
    source = source_of(crawl, local_site, page, where)
    for number in range(1, MOST_DEATHS + 1):
        with pytest.raises(CourtpulseError, match="ended with code 9"):
            crawl.run(source)
        assert (
            f"其中一条（编号 {item_place('致命')[1:]}）（第 {number} 次）"
            in crawl.log.runs[-1].detail
        )
    assert "下次起跳过它" in crawl.log.runs[-1].detail
    run = crawl.run(source)
    assert (run.gap, run.new, run.rejected) == (None, 4, 1)
    [held] = Quarantine(crawl.data / "quarantine", system_clock).list()
    assert "ended the process 3 times" in held.error
    assert (crawl.run(source).rejected, len(crawl.posts)) == (0, 4)


def test_a_deadly_page_is_left_out_and_the_source_says_that_it_is_blind(
    crawl: Any, local_site: Any, page: Any
) -> None:
    source = source_of(crawl, local_site, page, "page")
    for _ in range(MOST_DEATHS):
        with pytest.raises(CourtpulseError, match="ended with code 9"):
            crawl.run(source)
    run = crawl.run(source)
    assert (run.gap, run.new) == (GapReason.BAD_BODY, 2)
    assert "127.0.0.1/bad 时采集进程曾 3 次异常退出，这一页已跳过" in run.detail
    kept = b"".join(path.read_bytes() for path in (crawl.data / "state" / "deaths").iterdir())
    assert b"hush" not in kept + run.detail.encode(), "a query may hold a token"
    local_site.pages["/bad"] = page(rss("第一", "第三"))
    late = crawl.run(source, clock=lambda: datetime.now(UTC) + FORGOTTEN)
    assert (late.gap, late.new) == (None, 2), "mended, it is read again"


def test_a_death_that_took_the_caller_along_is_counted_by_the_next_run(
    crawl: Any, local_site: Any, page: Any
) -> None:
    source = source_of(crawl, local_site, page, "item")
    Place(place_path(crawl.data / "state", source.source)).note(item_place("致命"))
    with pytest.raises(CourtpulseError, match="ended with code 9"):
        crawl.run(source)
    assert "（第 2 次）" in crawl.log.runs[-1].detail


def test_a_place_that_cannot_be_noted_is_an_error_and_a_gap(
    crawl: Any, local_site: Any, page: Any
) -> None:
    source = source_of(crawl, local_site, page, "item")
    (crawl.data / "state").mkdir(parents=True)
    (crawl.data / "state" / "deaths").touch()
    with pytest.raises(StoreFailure, match="can't be noted"):
        crawl.run(source)
    assert crawl.log.open[source.source].reason is GapReason.NOT_RUN


def test_where_the_process_is_outlives_it_and_goes_back_to_where_it_was(tmp_path: Path) -> None:
    place = Place(place_path(tmp_path, "trial"))
    assert take_place(tmp_path, "trial") == ""
    with place.at(page_place("https://news.example/法院?token=hush")):
        with place.at(item_place("n1")):
            pass
        noted = take_place(tmp_path, "trial")
    assert words(noted) == "news.example/法院"
    assert take_place(tmp_path, "trial") == "", "asked once"
    account = page_place("https://social.example/@wanghua/1137000911?a=1")
    assert words(account) == "social.example/statuses/1137000911", "no account lies at rest"
    longest = page_place(f"https://{'a' * 250}/{'法' * 5000}")
    with Place(place_path(tmp_path, "trial")).at(longest):
        assert take_place(tmp_path, "trial") == longest, "as long as a place gets"
    (tmp_path / "file").touch()
    with pytest.raises(StoreFailure), Place(tmp_path / "file" / "a.at").at("x"):
        pass


def test_deaths_are_forgotten_when_a_run_gets_past_or_after_a_week(tmp_path: Path) -> None:
    deaths = Deaths.load(tmp_path, "trial")
    assert [deaths.add("a", NOW) for _ in range(MOST_DEATHS)] == [1, 2, 3]
    deaths.add("b", NOW)
    deaths.survived()
    again = Deaths.load(tmp_path, "trial")
    assert list(again.counts) == ["a"]
    assert again.left_out(NOW) == {"a"}
    assert again.left_out(NOW + FORGOTTEN) == frozenset()
    assert again.add("a", NOW + FORGOTTEN) == 1
    for broken in ('{"a": 3', '{"a": [3, "soon"]}', "[]"):
        again.path.write_text(broken, encoding="utf-8")
        assert Deaths.load(tmp_path, "trial").counts == {}

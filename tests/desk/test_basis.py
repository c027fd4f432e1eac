"""A figure on a page names n, window, sources and gaps; the hours come from the coverage records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from desk.views import basis
from domain.hours import HOUR
from domain.ledger import LedgerEntry
from domain.protocols import Query
from domain.sources import Gap, GapReason
from records.runs import SourceInfo

_SEED = "hearings"


def _alert(desk: Any) -> Any:
    return next(one for one in desk.services.records.alerts.open() if one.case_id == "liang")


def _card(page: str) -> str:
    return page.split("依据与缺口")[1].split("</section>")[0]


def _with_a_silent_seed(desk: Any, now: Any) -> None:
    records = desk.services.records
    kept = [
        SourceInfo(one.source, one.title, one.platform, 5 * HOUR / 60, one.sample_rate)
        for one in records.runs.statuses()
    ]
    records.runs.register([*kept, SourceInfo(_SEED, "庭审公开", "news", HOUR)])
    entry = LedgerEntry(_SEED, "庭审公开", "news", "hearings", "公开页面", "新闻办公室")
    records.ledger.register([*records.ledger.entries(), entry])
    records.runs.open_gap(Gap(_SEED, now - 2 * HOUR, None, GapReason.DOWN))


def test_the_strip_links_to_each_source_and_says_what_was_seen_of_the_day(ledger: Any) -> None:
    strip = ledger.text("/").split('id="strip"')[1].split("</section>")[0]
    news, wechat = (
        next(item for item in strip.split("<li") if f'href="/sources/{name}"' in item)
        for name in ("news", "wechat")
    )
    assert "近 24 小时覆盖 100.0%（23 小时）" in news
    assert "近 24 小时覆盖 65.2%（23 小时）" in wechat, "eight of 23 hours were blind"
    assert ledger.text("/sources/news").count("新闻")


def test_an_alert_names_posts_window_sources_and_gaps(ledger: Any, seed: ModuleType) -> None:
    alert = _alert(ledger)
    # Something of the hours the window touches was not seen.
    first = alert.why.window_start.replace(minute=0, second=0, microsecond=0)
    (hour,) = [one for one in ledger.services.records.hours.at({first}) if one.source == "news"]
    ledger.services.records.hours.save(
        [replace(hour, settled=True, covered=0.25, blind=0.75, reason=GapReason.DOWN)]
    )
    page = ledger.text(f"/alerts/{alert.id}")
    card = _card(page)
    assert f"n={alert.why.posts} 帖" in card
    news = card.split('href="/sources/news"')[1].split("</tr>")[0]
    assert "失联 0.8 小时，未能补采" in news
    assert dict(alert.why.sources)["news"] == 6
    assert '<span class="key">帖</span>6<' in news
    hotline = card.split('href="/sources/hotline"')[1].split("</tr>")[0]
    assert '<span class="key">帖</span>0<' in hotline, "watched, and had none"
    assert '<a href="/sources/wechat">公众号</a> 13:34 起失联至今（要求登录）' in card
    evidence = page.split('id="evidence-head"')[1].split("</p>")[0]
    assert f"n={alert.why.posts} 帖" in evidence
    assert "5 个信息源" in evidence
    assert '<a href="#r-gaps">缺口 1 段</a>' in evidence


@pytest.mark.parametrize("span", ["24h", "7d"])
def test_a_case_names_posts_window_sources_and_gaps(ledger: Any, span: str) -> None:
    card = _card(ledger.text(f"/cases/liang?span={span}"))
    assert "5 个信息源" in card
    assert ("覆盖 93.3%（120 小时）" in card) is (span == "24h")
    assert '<a href="/sources/weibo_push">微博推送</a>（抽样 10%）' in card
    assert '<a href="/sources/weibo_push">微博推送</a> 10:12–10:42 失联（超时）' in card


def test_a_seed_holds_no_posts_and_is_no_gap_of_theirs(desk: Any, seed: ModuleType) -> None:
    _with_a_silent_seed(desk, seed.NOW)
    for path in (f"/alerts/{_alert(desk).id}", "/cases/liang"):
        assert "庭审公开" not in _card(desk.text(path))
    feed = desk.text("/")
    assert "庭审公开" in feed.split('id="strip"')[1].split("</section>")[0]
    assert "庭审公开" not in feed.split('class="since"')[1].split("</section>")[0]
    assert "庭审公开" in desk.text("/sources").split("7 天内的缺口")[1].split("</section>")[0]


def test_without_hours_coverage_is_unknown_not_whole(empty: Any, seed: ModuleType) -> None:
    seed.sources(empty.services.records, seed.NOW)
    empty.services.records.hours.delete_before(seed.NOW + timedelta(days=1))
    page = empty.text("/")
    assert "近 24 小时" not in page.split('id="strip"')[1].split("</section>")[0]


@pytest.mark.parametrize(
    ("path", "place"), [("/candidates", "/cases"), ("/operations", "/operations")]
)
def test_a_page_marks_its_place_in_the_navigation(desk: Any, path: str, place: str) -> None:
    assert f'<a href="{place}" aria-current="page"' in desk.text(path)


def test_every_n_stands_beside_its_different_texts(desk: Any, seed: Any) -> None:
    services = desk.services
    [case] = [one for one in services.records.cases.all() if one.id == "liang"]
    since = seed.NOW - timedelta(days=7)
    found = basis.of_case(services, case, since, seed.NOW)
    query = Query(cases=("liang",), since=since, until=seed.NOW)
    posts = services.store.search(query, limit=1000).posts
    assert (found.n, found.distinct) == (len(posts), len({one.copies for one in posts}))
    assert found.distinct < found.n
    for line in found.sources:
        own = [one for one in posts if one.post.source == line.source]
        assert (line.posts, line.distinct) == (len(own), len({one.copies for one in own}))
    page = desk.text("/cases/liang?span=7d")
    assert f"n={found.n} 帖（去重后 {found.distinct} 帖）" in page
    alert = services.records.alerts.open()[0]
    told = f"{alert.why.posts} 帖（去重后 {alert.why.distinct} 帖）"
    assert desk.text(f"/alerts/{alert.id}").count(told) >= 3

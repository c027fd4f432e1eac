"""首发 and 传播 on pages: both numbers, times, sources; the level stays as it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from desk.views.alert import travelled


def part(page: str) -> str:
    return page.split('aria-labelledby="r-families"')[1].split("</section>")[0]


def test_alert_and_case_say_where_it_began_and_how_it_spread(desk: Any) -> None:
    alert = desk.services.records.alerts.open()[0]
    level = alert.level
    for path in (f"/alerts/{alert.id}", f"/cases/{alert.case_id}?span=7d"):
        shown = part(desk.text(path))
        assert "首发：" in shown
        assert "去重后" in shown
        assert "不代表其反映的问题不真实，也不影响级别" in shown
    assert desk.services.records.alerts.get(alert.id).level is level


def test_two_moments_of_an_alert_are_named_when_they_differ(desk: Any) -> None:
    """What the alert counted, and what the index holds now: one number where they are one."""
    alert = desk.services.records.alerts.open()[0]
    why, now = alert.why, travelled(desk.services, alert).spread
    assert (why.posts, why.distinct) != (now.posts, now.distinct), "the seed's alert is made up"
    shown = part(desk.text(f"/alerts/{alert.id}"))
    assert f"最近一次计数时是原始 {why.posts} 帖，去重后 {why.distinct} 帖" in shown
    assert f"原始 {now.posts} 帖，去重后 {now.distinct} 帖" in shown
    same = replace(why, posts=now.posts, distinct=now.distinct)
    desk.services.records.alerts.refresh(replace(alert, why=same))
    shown = part(desk.text(f"/alerts/{alert.id}"))
    assert "最近一次计数时" not in shown
    assert shown.count("去重后") == 1


def test_every_page_that_counts_posts_counts_texts(desk: Any) -> None:
    for path in ("/", "/cases", "/cases/liang", "/posts?q=法院"):
        page = desk.text(path)
        assert "去重后" in page, path
        # Each sum of a chart, too: its words are what a screen reader says of it.
        for words in re.findall(r"；共 [^<”\"]*人次", page):
            assert re.fullmatch(r"；共 [\d,]+ 帖（去重后 [\d,]+ 帖，[\d,]+ 人次", words), words

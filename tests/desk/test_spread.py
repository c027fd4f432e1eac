"""首发 and 传播 on pages: both numbers, times, sources; the level stays as it is."""

from __future__ import annotations

from typing import Any


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


def test_every_page_that_counts_posts_counts_texts(desk: Any) -> None:
    for path in ("/", "/cases", "/cases/liang", "/posts?q=法院"):
        page = desk.text(path)
        assert "去重后" in page, path

"""What two looks say of what was missed, as the page of sources shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from domain.completeness import Capture, Looks
from domain.overlap import overlap_lines


def test_the_page_shows_the_estimate_its_numbers_and_its_caveat(desk, seed) -> None:
    hour = seed.NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    assert 'id="overlap"' not in desk.text("/sources")
    desk.services.records.captures.add(
        [
            Capture("weibo_search", hour, Looks.WINDOWS, 90, 80, 72),
            Capture("weibo_search", hour, Looks.QUERIES, 6, 5, 5),
        ]
    )
    page = desk.text("/sources")
    assert "采到 98 条，估计还漏 2 条（95% 区间 0—9）" in page
    assert "n₁=90，n₂=80，m=72" in page
    assert "不可估计：两次都采到的只有 5 条，至少要 7 条" in page
    assert page.count("假定") >= 2


def test_looks_that_agree_missed_nothing() -> None:
    hour = datetime(2026, 11, 23, tzinfo=UTC)
    [line] = overlap_lines([Capture("x", hour, Looks.WINDOWS, 30, 30, 30)], {"x": "微博"})
    assert line.sentence == "采到 30 条，估计没有遗漏"

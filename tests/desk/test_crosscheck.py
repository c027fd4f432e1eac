"""The page of sources says when our news sources may be blind, and nothing when nobody compares."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.seeds import CrossCheck


def test_a_verdict_stands_on_the_page_of_sources(desk: Any) -> None:
    assert "新闻量核对" not in desk.text("/sources")
    now = desk.services.clock()
    check = CrossCheck(
        "gdelt",
        "外部<新闻库>",
        now,
        now - timedelta(hours=24),
        now,
        40,
        0,
        12.0,
        1e-5,
        True,
        skipped=2,
    )
    desk.services.records.cross_checks.save(check)
    page = desk.text("/sources")
    assert "新闻来源可能失明" in page
    assert "收录 40 篇" in page
    assert "2 个时段未计入" in page
    assert "外部&lt;新闻库&gt;" in page

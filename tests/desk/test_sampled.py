"""Counts of sampled sources are marked, and stand beside what they stand for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

from alerts.compose import facts
from desk.views.case import numbers
from records.runs import SourceInfo

MARK = "抽样，推算全量约"


def _sample(services: Any, source: str, rate: float) -> None:
    """Declare `source` as one that delivers a sample; the others as before."""
    found = services.records.runs.statuses()
    five = timedelta(minutes=5)
    services.records.runs.register(
        [
            SourceInfo(
                one.source, one.title, one.platform, five,
                rate if one.source == source else one.sample_rate,
            )
            for one in found
        ]
    )  # fmt: skip


def test_every_count_of_a_sampled_source_is_marked_on_the_pages(
    desk: Any, seed: ModuleType
) -> None:
    services = desk.services
    [case] = [one for one in services.records.cases.all() if one.id == "liang"]
    assert MARK not in desk.text("/cases/liang"), "nothing of this case came from a sample"
    assert [one.whole for one in numbers(services, case)] == [None] * 3
    _sample(services, "weibo_search", 0.01)
    day = numbers(services, case)[1]
    assert day.count is not None
    assert day.whole is not None
    assert day.whole > 2 * day.count.posts
    page = desk.text("/cases/liang?span=7d")
    assert page.count(MARK) >= 3, "numbers and chart"
    assert f"推算全量约 {day.whole:,} 帖" in page
    assert MARK in desk.text("/"), "the last hour on the feed"
    assert MARK in desk.text("/cases")


def test_an_alert_keeps_the_share_of_its_time(desk: Any) -> None:
    services = desk.services
    alert = next(one for one in services.records.alerts.open() if one.case_id == "liang")
    assert MARK not in dict(facts(alert))["本轮"]
    posts = dict(alert.why.sources)["weibo_search"]
    sampled = replace(alert, why=replace(alert.why, sampled=(("weibo_search", 0.1),)))
    assert alert.why.whole is None
    assert sampled.why.whole is not None
    assert abs(sampled.why.whole - (posts * 10 + alert.why.posts - posts)) < posts
    services.records.alerts.save(sampled, "test")
    assert services.records.alerts.get(alert.id).why.sampled == (("weibo_search", 0.1),)
    page = desk.text(f"/alerts/{alert.id}")
    assert MARK in page
    assert "（抽样 10.00%）" in page
    assert f"推算全量约 {sampled.why.whole:,} 帖" in dict(facts(sampled))["本轮"]

"""Where an episode of the weekly began and how it spread, and different texts beside posts."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.alerts import Level
from domain.annotation import Family
from domain.posts import Platform
from domain.protocols import Query
from domain.time import SHANGHAI
from reports.aggregates import Issue, ModelCard, recompute
from reports.check import check, texts
from reports.figures import read
from reports.html import render
from reports.model import Heading, Paragraph, Picture, WeeklyModel
from reports.period import Week
from reports.suppression import count, share
from reports.weekly import build_weekly, model_of


@pytest.fixture
def model(world: Any, topics: Any, clock: Any, issue: Issue, card: ModelCard) -> WeeklyModel:
    return build_weekly(world.store, world.records, topics, clock, issue, card=card)


def words(model: WeeklyModel, heading: str) -> str:
    section = next(part for part in model.sections if part.heading == heading)
    return "\n".join(
        block.shown if isinstance(block, Paragraph) else block.text
        for block in section.blocks
        if isinstance(block, Paragraph | Heading)
    )


def test_an_event_says_where_it_began_and_how_it_spread(
    world: Any, make_alert: Any, topics: Any, clock: Any, issue: Issue, week: Week
) -> None:
    why = make_alert("liang", Level.ORANGE, week).why
    episode = Query(cases=("liang",), since=why.window_start, until=why.window_end)
    here = world.store.search(episode, limit=1000).posts
    copied = [
        replace(
            one,
            post=replace(
                one.post, id=f"{number:032x}", source="news", platform=Platform.NEWS,
                published_at=one.post.published_at + timedelta(minutes=1),
            ),
            family=Family(one.copies, one.copies),
        )
        for number, one in enumerate(here * 3)
    ]  # fmt: skip
    world.store.upsert(copied)
    model = build_weekly(world.store, world.records, topics, clock, issue, week=week)
    told = words(model, "重点舆情")
    posts = world.store.search(episode, limit=1000).posts
    at = min(one.post.published_at for one in posts).astimezone(SHANGHAI)
    assert f"首发：{at.month}月{at.day}日 {at:%H:%M}，微博搜索（微博），" in told
    assert "传播：见于 2 个信息源、2 个平台（" in told
    news = [one for one in posts if one.post.source == "news"]
    assert len(posts) - len(news) < 10
    assert "（有的不足 10 帖，各来源帖数未列）；" in told, "the total would give the small one away"
    distinct = count(len({one.copies for one in posts}))
    assert f"该时段有 {len(posts)} 帖，去重后 {distinct} 帖" in told
    assert f"与别的帖文内容几乎相同：{share(len(posts), len(posts))}" in told
    assert check(texts(model)) == []
    assert recompute(world.store, model.aggregates) == []
    frozen = json.dumps(model.aggregates, ensure_ascii=False)
    assert not any(one.post.id in frozen for one in posts), "a report points at no single post"


@pytest.mark.parametrize(
    ("posts", "listed"),
    [
        ((40, 30), "：新闻 40 帖（去重后 20 帖）、论坛 30 帖（去重后 15 帖）"),
        ((40, 30, 4), "：新闻 40 帖（去重后 20 帖），其余 2 个来源未列"),
        ((40, 30, 8, 7), "：新闻 40 帖（去重后 20 帖）、论坛 30 帖（去重后 15 帖），其余 2 个来源未列"),
        ((40, 4), "（有的不足 10 帖，各来源帖数未列）"),
    ],
)  # fmt: skip
def test_no_source_is_told_by_what_the_others_leave_of_the_total(
    posts: tuple[int, ...], listed: str, world: Any, model: WeeklyModel
) -> None:
    old = copy.deepcopy(model.aggregates)
    titles = [("n", "新闻"), ("f", "论坛"), ("w", "公众号"), ("h", "热线")]
    old["sources"] = [
        {"source": name, "title": title, "platform": "news", "sample_rate": 1.0}
        for name, title in titles
    ]
    cells = {
        "reach": [
            [name, "news", many // 2, many] for (name, _), many in zip(titles, posts, strict=False)
        ],
        "copies": [["distinct", sum(posts) // 2], ["copied", sum(posts)], ["posts", sum(posts)]],
    }
    for answer in old["answers"]:
        answer["cells"] = cells.get(answer["name"].rpartition(":")[2], answer["cells"])
    told = words(model_of(old), "重点舆情")
    assert f"传播：见于 {len(posts)} 个信息源、1 个平台{listed}；" in told


def test_eight_weeks_carry_different_texts(world: Any, model: WeeklyModel) -> None:
    picture = next(block for block in model.blocks() if isinstance(block, Picture))
    figures = read(model.aggregates)
    row = picture.spec["data"]["values"][-1]
    assert row["distinct"] == figures.distinct == figures.now.distinct
    assert f"379 帖（去重后 {figures.distinct} 帖）" in picture.alt
    assert "柱内横线：去重后" in picture.spec["title"]["subtitle"]


def test_a_report_frozen_before_spread_was_counted_still_reads(model: WeeklyModel) -> None:
    old = copy.deepcopy(model.aggregates)
    old["answers"] = [
        answer for answer in old["answers"]
        if not answer["name"].startswith("episode:")
        and answer["name"] not in {f"week:{number}:distinct" for number in range(8)}
    ]  # fmt: skip
    again = model_of(old)
    assert check(texts(again)) == []
    told = words(again, "重点舆情")
    assert "首发：" not in told
    assert "传播：" not in told
    picture = next(block for block in again.blocks() if isinstance(block, Picture))
    assert "去重后" not in picture.alt + picture.spec["title"]["subtitle"]
    assert render(again).count("<svg") == render(model).count("<svg")


def test_few_posts_have_no_first_appearance_in_a_report(
    world: Any, make_alert: Any, week: Week, topics: Any, clock: Any, issue: Issue
) -> None:
    """A first post of fewer than ten would be found at once."""
    small = make_alert("liang", Level.RED, week)
    start = small.why.window_start
    quiet = replace(small.why, window_start=start, window_end=start + timedelta(minutes=1))
    world.records.alerts.save(replace(small, why=quiet, id="f" * 32), "raised", "red")
    model = build_weekly(world.store, world.records, topics, clock, issue, week=week)
    assert "首发：" not in words(model, "重点舆情")

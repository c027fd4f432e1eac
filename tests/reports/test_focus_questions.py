"""焦点问题 of 重点舆情: counted, with few posts left out, and never in somebody's own words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from reports.model import Paragraph
from reports.weekly import build_weekly

WORDING = "撞死一个人凭什么才判缓刑啊"


def _told(world: Any, topics: Any, clock: Any, issue: Any, gist: Any) -> tuple[str, str]:
    alert = world.records.alerts.open("liang")[0]
    asked = ((WORDING, 37), ("检察院会不会抗诉", 4))
    world.records.alerts.refresh(replace(alert, why=replace(alert.why, questions=asked)))
    model = build_weekly(world.store, world.records, topics, clock, issue, gist=gist)
    section = next(part for part in model.sections if part.heading == "重点舆情")
    paragraphs = [block.text for block in section.blocks if isinstance(block, Paragraph)]
    [line] = [text for text in paragraphs if text.startswith("焦点问题：")]
    return line, json.dumps(model.aggregates, ensure_ascii=False)


def test_a_question_is_told_by_its_gist(world: Any, topics: Any, clock: Any, issue: Any) -> None:
    line, kept = _told(world, topics, clock, issue, lambda words: f"问原因：{words[-3:-1]}")
    assert line == "焦点问题：问原因：缓刑（37 帖）。"
    assert WORDING not in kept


def test_without_a_gist_nothing_is_kept(world: Any, topics: Any, clock: Any, issue: Any) -> None:
    line, kept = _told(world, topics, clock, issue, None)
    assert line == "焦点问题：没有 10 帖以上提出的相同问题。"
    assert WORDING not in kept


def test_different_texts_stand_beside_the_posts(
    world: Any, topics: Any, clock: Any, issue: Any
) -> None:
    alert = world.records.alerts.open("liang")[0]
    why = replace(alert.why, question_texts=(21, 3))
    world.records.alerts.refresh(replace(alert, why=why))
    line, _ = _told(world, topics, clock, issue, lambda words: f"问原因：{words[-3:-1]}")
    assert line == "焦点问题：问原因：缓刑（37 帖，去重后 21 帖）。"

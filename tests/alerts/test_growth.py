"""What is worth an event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts.growth import growth, opening
from domain.alerts import Alert, AlertState, Level, Score, Share, Why

NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)
NAMES = {"trial_delay": "审理拖延"}


def alert(score: float = 6.0, level: Level = Level.BLUE, posts: int = 40, topics=()) -> Alert:
    why = Why(
        NOW, NOW, NOW, Score(score, 60, 38, 3.14), "all", posts, posts, 38,
        Share(0, posts), Share(0, 0), topics=topics,
    )  # fmt: skip
    return Alert("a", "liang", AlertState.PROPOSED, level, NOW, NOW, NOW, why)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [(6.0, 7.9, False), (6.0, 8.1, True), (8.1, 11.9, False), (11.9, 12.0, True),
     (12.0, 17.9, False), (18.0, 26.9, False), (18.0, 27.0, True), (40.0, 9.0, False)],
)  # fmt: skip
def test_a_peak_is_told_on_rungs_half_again_apart(old, new, told):
    assert bool(growth(alert(old), alert(new), [], NAMES)) is told


def test_a_higher_level_is_told_a_lower_one_is_not():
    blue, orange = alert(), alert(level=Level.ORANGE)
    assert growth(blue, orange, [], NAMES) == "建议级别 一般→重大"
    assert growth(orange, blue, [], NAMES) == ""


def test_a_topic_is_named_once():
    before, after = alert(), alert(topics=(("trial_delay", 12), ("court_work", 7)))
    words = growth(before, after, ["建议级别 一般"], NAMES)
    assert words == "新话题 审理拖延（12 条）"
    assert growth(after, replace(after, level=Level.BLUE), [words], NAMES) == ""
    assert growth(before, after, [opening(Level.BLUE, after.why, NAMES)], NAMES) == ""


@pytest.mark.parametrize(("posts", "of"), [(9, 20), (12, 61)])
def test_a_small_topic_is_not_told(posts, of):
    after = alert(posts=of, topics=(("trial_delay", posts),))
    assert growth(alert(), after, [], NAMES) == ""


def test_the_first_words():
    assert opening(Level.YELLOW, alert().why, NAMES) == "建议级别 较大；1 小时 38 人，平日 3.1"

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import display
from desk.highlight import cut, pieces
from domain.alerts import Count, Share

NOW = datetime(2026, 11, 23, 6, 12, tzinfo=UTC)  # 14:12 in Shanghai


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(minutes=7), "14:05（7 分钟前）"),
        (timedelta(seconds=20), "14:11（刚刚）"),
        (timedelta(hours=14, minutes=11), "00:01（14 小时前）"),
        (timedelta(hours=14, minutes=13), "11月22日 23:59（14 小时前）"),
        (timedelta(hours=49), "11月21日 13:12（2 天前）"),
        (timedelta(days=400), "2025年10月19日 14:12（400 天前）"),
        (-timedelta(minutes=5), "14:17（时间在未来）"),
    ],
)
def test_times_read_in_shanghai_with_their_age(ago: timedelta, words: str) -> None:
    moment = NOW - ago
    assert f"{display.clock_time(moment, NOW)}（{display.age(moment, NOW)}）" == words


def test_a_time_tag_carries_the_instant_for_machines() -> None:
    tag = str(display.time_tag(NOW, NOW))
    assert tag.startswith('<time datetime="2026-11-23T06:12:00+00:00">14:12<span class="age">')


def test_a_span_never_hides_that_it_crosses_midnight() -> None:
    start = NOW - timedelta(hours=20)
    assert display.span(start, NOW, NOW) == "11月22日 18:12–11月23日 14:12"
    assert display.span(NOW - timedelta(hours=4), NOW, NOW) == "10:12–14:12"


def test_a_percentage_has_its_n_and_nothing_of_nothing_is_unknown() -> None:
    assert display.percent(Share(80, 131)) == "61%（n=131）"
    assert display.percent(Share(0, 0)) == "未知"
    assert display.percent(Share(0, 12)) == "0%（n=12）"


def test_counts_have_units() -> None:
    assert display.heat(Count((), None, 1234, 987)) == "1,234 帖（987 人）"
    assert display.heat(Count((), None, 3, None)) == "3 帖"
    assert display.heat(Count((), None, 46, 38, 31)) == "46 帖（去重后 31 帖，38 人）"
    assert display.heat(None) == "0 帖"
    assert display.window(15) == "15 分钟"
    assert display.window(360) == "6 小时"


@given(st.text(max_size=60), st.lists(st.text(max_size=4), max_size=5), st.integers(1, 70))
def test_underlining_and_folding_lose_no_character(text: str, spans: list[str], fold: int) -> None:
    parts = pieces(text, spans)
    assert "".join(part.text for part in parts) == text
    head, tail = cut(parts, fold)
    assert "".join(part.text for part in (*head, *tail)) == text
    assert sum(len(part.text) for part in head) == min(fold, len(text))


def test_every_occurrence_is_underlined_and_overlaps_become_one_run() -> None:
    marked = [part.text for part in pieces("太轻了，真的太轻了", ["太轻", "轻了"]) if part.marked]
    assert marked == ["太轻了", "太轻了"]

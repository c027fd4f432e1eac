"""No small cell can be read off what is shown, not even by subtraction."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.concerns import negative_rate
from reports.figures import Stance, TopicFigures
from reports.suppression import THRESHOLD, change, count, protect, share

cells = st.lists(st.integers(0, 60), min_size=2, max_size=8)


@given(cells)
def test_no_cell_below_the_threshold_is_shown(row: list[int]) -> None:
    for n, cell in zip(row, protect(row), strict=True):
        assert cell.n in (None, n)
        if n < THRESHOLD:
            assert (cell.n, cell.text) == (None, "<10")


@given(cells)
def test_the_total_gives_no_hidden_cell_away(row: list[int]) -> None:
    hidden = [n for n, cell in zip(row, protect(row), strict=True) if cell.n is None]
    if hidden and len(hidden) < len(row):
        assert len(hidden) > 1
        assert sum(hidden) >= THRESHOLD


@given(st.permutations([0, 1, 2]))
def test_further_cells_are_given_up_in_the_order_asked(order: list[int]) -> None:
    shown = protect((5, 40, 30), first=order)
    given_up = next(index for index in order if index != 0)
    assert shown[given_up].text == "未列"
    assert sum(cell.n is None for cell in shown) == 2


@pytest.mark.parametrize(
    ("k", "n", "text"),
    [
        (3, 9, "<10，不计算占比"),
        (4, 40, "<10（n=40）"),
        (80, 131, "80 帖，占 61%（n=131）"),
        (36, 40, "不低于 77%（n=40）"),
        (40, 40, "不低于 77%（n=40）"),
        (0, 0, "<10，不计算占比"),
    ],
)
def test_share_in_words(k: int, n: int, text: str) -> None:
    assert share(k, n) == text


@given(st.integers(0, 500), st.integers(0, 500))
def test_share_never_shows_a_small_part(k: int, rest: int) -> None:
    text = share(k, k + rest)
    if rest < THRESHOLD:
        assert f"{k:,} 帖" not in text
    bound = re.match(r"不低于 (\d+)%", text)
    if bound:
        assert int(bound[1]) <= 100 * k / (k + rest)


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (80, 58, "+38%（n=58→80）"),
        (40, 80, "−50%（n=80→40）"),
        (1000, 1001, "持平（n=1,001→1,000）"),
        (5, 80, "本周 <10，不计算"),
        (80, 9, "上周 <10，不计算"),
        (1, 0, "两周均 <10，不计算"),
    ],
)
def test_change_in_words(now: int, before: int, text: str) -> None:
    assert change(now, before) == text


def test_count() -> None:
    assert [count(n) for n in (0, 9, 10, 1204)] == ["<10", "<10", "10", "1,204"]


def topic(negative: int, neutral: int, elsewhere: int) -> TopicFigures:
    stance = Stance(negative=negative, neutral=neutral, elsewhere=elsewhere)
    return TopicFigures("t", "话题", "concern", (1,), "部门", stance, 0, 7, ())


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((20, 20, 20), "20／50%（n=40）"),
        ((56, 8, 6), "56／不低于 86%（n≤65）"),
        ((5, 30, 30), "<10"),
        ((40, 30, 4), "40／不低于 54%（n≤74）"),
        ((60, 3, 2), "不低于 86%（n=65）"),
    ],
)
def test_negative_rate_in_words(parts: tuple[int, int, int], text: str) -> None:
    assert negative_rate(topic(*parts)) == text


@given(st.integers(10, 200), st.integers(0, 200), st.integers(0, 200))
def test_bounds_of_the_negative_rate_hold(negative: int, neutral: int, elsewhere: int) -> None:
    text = negative_rate(topic(negative, neutral, elsewhere))
    bound = re.search(r"不低于 (\d+)%", text)
    if bound:
        assert int(bound[1]) <= 100 * negative / (negative + neutral)

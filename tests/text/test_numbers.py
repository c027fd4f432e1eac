"""Counts as platforms print them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from text.numbers import parse_count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0), ("34", 34), ("3,400", 3400), ("3，400", 3400), ("1,234,567", 1234567), ("1.2万", 12000),
        ("１.２万", 12000), ("100万+", 1000000), ("10万+", 100000), ("1.5亿", 150000000), ("3.4w", 34000),
        ("2.5k", 2500), ("999+", 999), ("1.23456万", 12345), ("1.1万", 11000), (" 56 ", 56), ("2 万", 20000),
    ],
)  # fmt: skip
def test_forms(text: str, expected: int) -> None:
    assert parse_count(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "转发",
        "赞",
        "-3",
        "--",
        "1.5",
        "3,40",
        "1,2345",
        "1e3",
        "nan",
        "万",
        "٣",
        "1.2万万",
        "9" * 10**6,
        "0x1",
    ],
)
def test_what_is_no_count(text: str) -> None:
    with pytest.raises(BadInput) as error:
        parse_count(text)
    assert error.value.remedy


@given(st.integers(0, 10**12))
def test_plain_and_grouped_round_trip(number: int) -> None:
    assert parse_count(str(number)) == parse_count(f"{number:,}") == number


@given(st.integers(0, 9999), st.integers(0, 9))
def test_wan_is_exact(whole: int, tenth: int) -> None:
    assert parse_count(f"{whole}.{tenth}万") == whole * 10000 + tenth * 1000

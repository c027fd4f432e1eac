"""Weibo ids: number, base 62 and the second inside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from text.weibo_ids import bid_to_mid, mid_time, mid_to_bid, mint_mid

moments = st.datetimes(datetime(2009, 8, 15), datetime(2099, 12, 31))  # noqa: DTZ001


def test_the_examples_of_the_source_description() -> None:
    assert mid_time(5367257342596743) == datetime(2026, 11, 20, 1, 15, 32, tzinfo=UTC)
    assert mid_time("5367269056060902") == datetime(2026, 11, 20, 2, 2, 5, tzinfo=UTC)
    assert mid_to_bid(5367269056060902) == "RsdYtpqIu"
    assert bid_to_mid("RsdYtpqIu") == 5367269056060902


@given(moments, st.integers(0, 2**22 - 1))
def test_round_trip_against_time(naive: datetime, sequence: int) -> None:
    moment = naive.replace(tzinfo=UTC)
    mid = mint_mid(moment, sequence)
    assert mid_time(mid) == moment.replace(microsecond=0)
    assert bid_to_mid(mid_to_bid(mid)) == mid


@given(moments, st.integers(0, 2**22 - 2))
def test_later_posts_have_larger_ids(naive: datetime, sequence: int) -> None:
    moment = naive.replace(tzinfo=UTC)
    assert mint_mid(moment, sequence) < mint_mid(moment, sequence + 1)
    assert mint_mid(moment, 2**22 - 1) < mint_mid(moment + timedelta(seconds=1), 0)


@given(st.integers(0, 10**18))
def test_bid_round_trip_of_any_number(mid: int) -> None:
    assert bid_to_mid(mid_to_bid(mid)) == mid


@pytest.mark.parametrize(
    "mid", ["", "abc", "-1", 0, 1000000001, 10**19, "１２３", "9" * 10**6, "5367269056060902x"]
)
def test_what_is_no_post_id(mid: int | str) -> None:
    with pytest.raises(BadInput):
        mid_time(mid)


@pytest.mark.parametrize("bid", ["", "R-dYtpqIu", "法院", "RsdYZZZZZ", "a" * 13, "RsdYtpqIu "])
def test_what_is_no_bid(bid: str) -> None:
    with pytest.raises(BadInput):
        bid_to_mid(bid)


@pytest.mark.parametrize("sequence", [-1, 2**22])
def test_a_sequence_out_of_range(sequence: int) -> None:
    with pytest.raises(BadInput):
        mint_mid(datetime(2026, 1, 1, tzinfo=UTC), sequence)


def test_a_moment_before_weibo() -> None:
    with pytest.raises(BadInput):
        mint_mid(datetime(2008, 1, 1, tzinfo=UTC), 0)

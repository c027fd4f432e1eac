"""What counts of a sample stand for, and when they stand for themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sampling import whole


@pytest.mark.parametrize(
    ("posts", "rates", "expected"),
    [
        ([], {}, None),
        ([("a", 7)], {}, None),
        ([("a", 7)], {"a": 1.0, "b": 0.1}, None),
        ([("a", 7), ("b", 0)], {"b": 0.1}, None),
        ([("b", 12)], {"b": 0.01}, 1200),
        ([("a", 30), ("b", 12)], {"b": 0.01}, 1200),
        ([("b", 1)], {"b": 0.5}, 2),
        ([("b", 127)], {"b": 0.1}, 1300),
        ([("b", 95)], {"b": 0.095}, 1000),
    ],
)
def test_posts_are_scaled_by_the_share_of_their_source(
    posts: list[tuple[str, int]], rates: dict[str, float], expected: int | None
) -> None:
    assert whole(posts, rates) == expected


@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers(1, 10**6), min_size=1),
    st.dictionaries(st.sampled_from("abcd"), st.floats(0.0001, 1)),
)
def test_an_estimate_is_near_and_never_less_than_two_digits_allow(
    posts: dict[str, int], rates: dict[str, float]
) -> None:
    found = whole(posts.items(), rates)
    if found is not None:
        exact = sum(count / rates.get(source, 1.0) for source, count in posts.items())
        assert abs(found - exact) <= max(exact * 0.05, 0.5) + 1e-6

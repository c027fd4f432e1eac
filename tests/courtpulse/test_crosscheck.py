"""The rule of the cross-check: when our news sources may be blind, and when nothing can be said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from scipy.stats import binom

from courtpulse.crosscheck import binomial_tail, judge
from desk.views.crosscheck import sentence
from domain.seeds import CrossCheck, Volume

NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST = datetime(2026, 10, 26, tzinfo=UTC)


def days(outside: list[int], ours: list[int], blind: tuple[int, ...] = ()) -> CrossCheck:
    """A window of whole days that ends at the last midnight before `NOW`."""
    start = NOW.replace(hour=0, minute=0) - len(outside) * DAY
    volumes = [Volume(start + n * DAY, DAY, count) for n, count in enumerate(outside)]
    own = {start + n * DAY: count for n, count in enumerate(ours) if count}
    dark = [(start + n * DAY, start + n * DAY + HOUR) for n in blind]
    return judge("gdelt", "外部新闻库", volumes, own, dark, NOW)


@pytest.mark.parametrize(
    ("outside", "ours", "blind"),
    [
        ([40] * 28, [12] * 28, False),
        ([40] * 28, [12] * 27 + [0], True),
        ([40] * 28, [12] * 27 + [2], True),
        ([40] * 28, [12] * 27 + [7], False),
        ([40] * 27 + [400], [12] * 27 + [12], True),  # much happened, and we saw an ordinary day
        ([40] * 27 + [4], [12] * 27 + [0], False),  # little was to be expected: nothing is said
        ([40] * 28, [0] * 28, False),  # no past of ours to compare with
        ([400] * 28, [120] * 27 + [70], False),  # unlikely, but more than half: news is clumpy
        ([0] * 28, [12] * 28, False),
    ],
)
def test_the_rule(outside: list[int], ours: list[int], blind: bool) -> None:
    found = days(outside, ours)
    assert found.blind is blind
    assert ("可能失明" in sentence(found)) is blind
    assert str(found.ours) in sentence(found)


def test_what_is_known_to_have_been_blind_is_neither_past_nor_present() -> None:
    found = days([40] * 28, [12] * 20 + [0] * 8, blind=(20, 21, 22, 23, 24, 25, 26))
    assert (found.skipped, found.blind) == (7, True)
    assert found.expected == pytest.approx(12)
    known = days([40] * 28, [12] * 27 + [0], blind=(27,))
    assert (known.blind, known.outside, known.expected) == (False, 0, 0)


def test_a_bucket_that_is_not_over_is_left_out() -> None:
    volumes = [Volume(FIRST + n * HOUR, HOUR, 10) for n in range(24 * 28 + 5)]
    ours = {volume.start: 3 for volume in volumes}
    found = judge("gdelt", "外部新闻库", volumes, ours, [], NOW)
    assert found.until == NOW.replace(minute=0)
    assert (found.outside, found.ours, found.blind) == (240, 72, False)


@pytest.mark.parametrize(
    ("k", "n", "p"), [(0, 30, 0.2), (7, 324, 0.03), (50, 3000, 0.02), (9, 9, 0.5)]
)
def test_the_tail_is_the_binomials(k: int, n: int, p: float) -> None:
    assert binomial_tail(k, n, p) == pytest.approx(binom.cdf(k, n, p), rel=1e-9)

"""What is labelled as similar content said in step, what isn't, and that the label does nothing."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import levels
from alerts.campaigns import Said, concentration, examine, find, variety
from bench.campaign_streams import Maker, Source
from bench.campaigns import CAMPAIGNS, HONEST, examples
from domain.alerts import Campaign

START = datetime(2026, 3, 16, 2, tzinfo=UTC)
COPY = "青崖县法院执行局收了我家的申请以后三百天没有任何动静，工程款一分没有到账，希望院长过问"


def wave(n: int, text: str = COPY, first: bool = True) -> list[Said]:
    """`n` posts, twelve within half a minute, every ten minutes."""
    return [
        Said(text, START + timedelta(minutes=10 * (k // 12), seconds=2 * (k % 12)), first)
        for k in range(n)
    ]


def spread(n: int, text: str = COPY, minutes: float = 55) -> list[Said]:
    """`n` posts at the pace of people: gaps that swing widely (squares of a fixed fraction)."""
    moments = sorted((k * 0.618 % 1) ** 2 * minutes for k in range(n))
    return [Said(text, START + timedelta(minutes=moment)) for moment in moments]


def test_copies_in_waves_are_labelled_with_both_figures():
    campaign = find(wave(48))
    assert campaign is not None
    assert (campaign.alike.k, campaign.alike.n, campaign.distinct) == (48, 48, 1)
    assert "集中在同一分钟内" in campaign.signs


def test_copies_by_a_few_who_say_it_over_and_over_are_labelled():
    posts = [Said(one.text, one.at, first=k % 5 == 0) for k, one in enumerate(spread(50))]
    assert "少数账号反复发布" in find(posts).signs


def test_copies_at_the_beat_of_a_machine_are_labelled():
    posts = [Said(COPY, START + timedelta(seconds=70 * k)) for k in range(50)]
    assert find(posts).signs == ("间隔过于均匀",)


def test_the_same_words_at_the_pace_of_people_are_not():
    assert find(spread(50)) is None


@pytest.mark.parametrize(
    "text",
    [
        "#还小禾一个公道##等一个结果#！！！",
        "[蜡烛][蜡烛][蜡烛]一路走好",
        f"求扩散！{COPY}",
        f"转：{COPY}",
    ],
)
def test_chants_and_forwards_are_not_even_in_waves(text):
    assert find(wave(60, text)) is None


def test_forwards_by_the_platforms_button_are_not():
    posts = [Said(one.text, one.at, one.first, forward=True) for one in wave(60)]
    assert find(posts) is None


def test_too_few_are_not():
    assert find(wave(24)) is None
    assert find([]) is None


@settings(max_examples=20)
@given(st.lists(st.tuples(st.text(max_size=60), st.floats(0, 5e5), st.booleans(), st.booleans())))
def test_whatever_was_said_the_shares_are_shares(rows):
    posts = [
        Said(text, START + timedelta(seconds=second), first, forward)
        for text, second, first, forward in rows
    ]
    signs = examine(posts)
    assert 0 <= signs.copies <= signs.own <= signs.posts == len(posts)
    assert 0 <= signs.alike <= signs.own
    assert 0 <= signs.authors <= 1
    assert 0 <= concentration(posts) <= 1 + 1e-9
    assert 0 <= variety(posts) <= 1
    find(posts)


def test_the_label_decides_nothing():
    """The level is proposed from facts that know no label, and the label names no account."""
    assert "campaign" not in {field.name for field in fields(levels.Facts)}
    named = {field.name for field in fields(Campaign)}
    assert not named & {"author", "authors", "accounts", "ids", "users", "tokens"}


@pytest.mark.parametrize("kind", CAMPAIGNS)
def test_most_campaigns_are_labelled(kind):
    """A few on every run; `python -m bench.campaigns` does eighty a kind."""
    found = [find(posts) for posts in examples("read", kind, 4, Source())]
    assert sum(campaign is not None for campaign in found) >= 3


@pytest.mark.parametrize("kind", HONEST)
def test_honest_people_are_not(kind):
    found = [find(posts) for posts in examples("read", kind, 3, Source())]
    assert found == [None] * 3


def test_examples_are_the_same_each_time():
    first, second = (Maker("read", Source(), 7).campaign("slot_filled") for _ in range(2))
    assert first == second

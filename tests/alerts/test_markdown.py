"""Words from outside stay words, and nothing is cut inside a character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.markdown import cut, messages, neutral
from domain.errors import NotifyFailure

MARKUP = set("*_`#<>[]()!~|\\@$&")


@given(st.text())
def test_nothing_is_left_that_a_robot_would_act_on(words):
    said = neutral(words)
    assert not MARKUP & set(said)
    assert "\n" not in said
    assert neutral(said) == said


def test_it_reads_as_before():
    assert neutral("[点这里](http://x.example) <@all> **重**\n大") == (
        "［点这里］（http://x.example） ＜＠all＞ ＊＊重＊＊ 大"
    )


def test_directions_of_writing_are_taken_out():
    assert neutral("梁某\u202e案\u200b件") == "梁某 案 件"


@given(st.text(), st.integers(min_value=40, max_value=200))
def test_pieces_fit_and_join_to_the_whole(text, limit):
    pieces = cut(text, limit)
    assert "".join(pieces) == text
    assert all(len(piece.encode()) <= limit for piece in pieces)


def test_a_family_and_an_accent_stay_whole():
    family = "👨\u200d👩\u200d👧"
    text = "审" * 10 + family + "e\u0301" * 3
    for limit in range(30, 60):
        pieces = cut(text, limit)
        assert "".join(pieces) == text
        assert all(not piece.startswith(("\u200d", "\u0301")) for piece in pieces)
        assert all(not piece.endswith("\u200d") for piece in pieces)


@given(
    st.lists(st.text(max_size=300), max_size=30),
    st.integers(min_value=400, max_value=4096),
)
def test_every_message_fits_and_carries_head_and_foot(lines, limit):
    said = messages("### 标题", lines, "[在系统中查看](http://127.0.0.1:8000/alerts/a)", limit)
    assert all(len(message.encode()) <= limit for message in said)
    assert all(message.startswith("### 标题") for message in said)
    assert all(message.endswith("/alerts/a)") for message in said)
    if len(said) > 1:
        assert [f"（{n}/{len(said)}）" in message for n, message in enumerate(said, 1)]


def test_a_title_that_leaves_no_room_is_said():
    with pytest.raises(NotifyFailure, match="too long"):
        messages("题" * 2000, ["a" * 9000], "f", 4096)

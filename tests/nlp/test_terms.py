"""Standing-out words: what leads, what never appears, and that order doesn't matter."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from nlp.terms import LogOddsTerms

FINDER = LogOddsTerms()
BACKGROUND = [
    "云岫区法院今天开庭审理一起合同纠纷",
    "判决书收到了，准备上诉",
    "法院的窗口排队很久",
    "等判决等了半年，法院还没有消息",
    "合同纠纷一审判决维持",
    "法院开放日活动报名开始",
] * 5


def test_the_new_matter_leads_and_common_words_stay_out() -> None:
    texts = [
        "幼儿园食堂的事，法院什么时候开庭？",
        "云岫幼儿园食堂中毒，孩子们还在住院",
        "食堂承包合同在哪里，幼儿园给个说法",
        "幼儿园家长在法院门口等判决",
    ]
    words = [word for word, _ in FINDER.terms(texts, BACKGROUND)]
    assert words[:2] in (["幼儿园", "食堂"], ["食堂", "幼儿园"])
    assert "法院" not in words
    assert "什么" not in words


def test_a_legal_term_is_one_word() -> None:
    assert FINDER.words("终结本次执行之后我申请恢复执行") == ["终结本次执行", "申请", "恢复执行"]


def test_placeholders_and_digits_are_no_words() -> None:
    assert FINDER.words("〔手机号〕打 13 次 12368 都不通") == ["12368", "不通"]


def test_a_repeated_word_in_one_text_is_no_pattern() -> None:
    texts = ["西瓜" * 30, "冬瓜汤好喝", "冬瓜价格上涨"]
    words = [word for word, _ in FINDER.terms(texts, BACKGROUND)]
    assert "西瓜" not in words


def test_without_background_the_most_frequent_words_lead() -> None:
    found = FINDER.terms(["食堂中毒", "食堂停业", "食堂中毒赔偿"], [])
    assert [word for word, _ in found][:2] == ["食堂", "中毒"]


def test_nothing_stands_out_of_nothing() -> None:
    assert FINDER.terms([], BACKGROUND) == []
    assert FINDER.terms([], []) == []
    assert FINDER.terms(BACKGROUND, BACKGROUND) == []


@given(st.lists(st.text(alphabet="法院判决执行食堂中毒幼儿园 abc", max_size=30), max_size=8))
def test_the_order_of_texts_does_not_matter(texts: list[str]) -> None:
    shuffled = random.Random(1).sample(texts, len(texts))
    assert FINDER.terms(texts, BACKGROUND) == FINDER.terms(shuffled, BACKGROUND)

"""What is compared of reposts and comments: their own words, not what they carry."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.posts import Platform, Post, PostKind
from text.near_duplicates import clusters
from text.quoting import compared, own_words

NOW = datetime(2026, 11, 23, tzinfo=UTC)
POST = (
    "云岫区人民法院今天公开宣判夜市伤人案，被告人被判处有期徒刑三年，庭审全程直播，旁听席坐满了人。法院在通报中说，"
    "合议庭综合考虑了伤情鉴定、现场监控、证人证言和被告人的认罪态度，并当庭说明了没有采纳量刑建议上限的理由，"
    "当事人在法定期限内可以提出上诉，判决书将在生效后依照规定上网公开。"
)


def made(text: str, kind: PostKind = PostKind.COMMENT) -> Post:
    return Post(text, "weibo", Platform.WEIBO, kind, text, NOW, NOW)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("判得太轻了", "判得太轻了"),
        (f"判得太轻了//{POST}", "判得太轻了"),
        (f"讲得清楚//为什么还不开庭//{POST}", "讲得清楚"),
        (f"转发微博//{POST}", POST),
        (f"//@某人:转//@〔用户〕:说得对//{POST}", "@〔用户〕:说得对"),
        (f"[赞][赞]！//{POST}", POST),
        (f"@云岫区法院 //{POST}", POST),
        (f"看 https://a.example/b//{POST}", "看 https://a.example/b"),
        ("https://a.example/b", "https://a.example/b"),
        ("转发//[怒]//", "转发//[怒]//"),
    ],
)
def test_own_words_are_the_first_that_say_something(text: str, own: str) -> None:
    assert own_words(text) == own


def test_comments_of_one_post_are_no_copies_of_each_other() -> None:
    said = ("判得太轻了", "支持法院依法判决", "什么时候公布判决书全文", "判得太轻了")
    posts = [made(f"{words}//{POST}") for words in said]
    assert clusters([post.full_text for post in posts]) == [0, 0, 0, 0], (
        "by the whole text they were"
    )
    assert clusters([compared(post) for post in posts]) == [0, 1, 2, 0]


def test_a_bare_repost_is_a_copy_and_one_with_words_is_not() -> None:
    posts = [
        made(POST, PostKind.POST),
        made(f"转发微博//{POST}", PostKind.REPOST),
        made(f"盗窃案判了五年，这个怎么才三年//{POST}", PostKind.REPOST),
        made(f"[怒]//@某人:转//{POST}", PostKind.REPOST),
    ]
    assert clusters([compared(post) for post in posts]) == [0, 0, 2, 0]


def test_only_what_carries_another_text_is_cut() -> None:
    article = "聚焦//云岫区法院发布白皮书，去年审结劳动争议案件一千二百件"
    for kind in set(PostKind) - {PostKind.REPOST, PostKind.COMMENT}:
        assert compared(made(article, kind)) == article


@given(st.text(alphabet="判/@: 转〔用户〕[赞]a。", max_size=60))
def test_something_is_always_left_to_compare(text: str) -> None:
    own = own_words(text)
    assert own in text
    assert bool(own) == bool(text)

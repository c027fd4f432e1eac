"""Addresses: one form per page, no account in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from text.urls import canonical_url, without_account


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://News.Example.CN:80/a?utm_source=x&b=2&a=1#f", "http://news.example.cn/a?a=1&b=2"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example:8443/x", "https://a.example:8443/x"),
        ("https://u:p@a.example/x", "https://a.example/x"),
        ("https://a.example./x?", "https://a.example/x"),
        ("https://a.example/x?from=timeline&id=3", "https://a.example/x?id=3"),
        ("https://a.example/x?from=2026", "https://a.example/x?from=2026"),
        (
            "https://a.example/新闻?标=题",
            "https://a.example/%E6%96%B0%E9%97%BB?%E6%A0%87=%E9%A2%98",
        ),
        (
            "https://mp.weixin.qq.com/s?__biz=Mz==&mid=22&idx=1&sn=ab&chksm=99&scene=21#wechat_redirect",
            "https://mp.weixin.qq.com/s?__biz=Mz%3D%3D&idx=1&mid=22&sn=ab",
        ),
        (
            "https://a.example/x?rid=1&version=2&lang=zh",
            "https://a.example/x?lang=zh&rid=1&version=2",
        ),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
    ],
)
def test_canonical(url: str, expected: str) -> None:
    assert canonical_url(url) == expected
    assert canonical_url(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "", "example.cn/a", "//a.example/x", "javascript:alert(1)", "ftp://a.example/x", "http://", "http:///x",
        "http://a.example:99999/", "http://[::1", "https://a.example/" + "x" * 3000, "data:text/html,x",
    ],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    for function in (canonical_url, without_account):
        with pytest.raises(BadInput) as error:
            function(url)
        assert error.value.remedy


@pytest.mark.parametrize(
    "url",
    [
        "https://weibo.com/1000000001/RsdYtpqIu",
        "https://weibo.com/1000000001/RsdYtpqIu?refer_flag=1#comment",
        "http://www.weibo.com/1000000001/5367269056060902",
        "https://weibo.com/detail/5367269056060902",
        "https://m.weibo.cn/status/5367269056060902",
        "https://m.weibo.cn/status/RsdYtpqIu",
        "https://m.weibo.cn/detail/5367269056060902",
        "https://m.weibo.cn/1000000001/5367269056060902",
        "https://weibo.cn/comment/RsdYtpqIu?uid=1000000001",
    ],
)
def test_all_links_to_one_weibo_post_are_one(url: str) -> None:
    assert without_account(url) == "https://weibo.com/detail/5367269056060902"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://weibo.com/u/1000000001", "https://weibo.com/"),
        ("https://weibo.com/1000000001", "https://weibo.com/"),
        ("https://weibo.com/n/示例用户", "https://weibo.com/"),
        ("https://weibo.com/ttarticle/p/show?id=230", "https://weibo.com/ttarticle/p/show?id=230"),
        ("https://social.example/@someone/109", "https://social.example/statuses/109"),
        (
            "https://social.example/@someone@other.example/109",
            "https://social.example/statuses/109",
        ),
        (
            "https://social.example/users/someone/statuses/109",
            "https://social.example/statuses/109",
        ),
        ("https://social.example/@someone", "https://social.example/"),
        ("https://x.com/someone/status/12?s=20", "https://x.com/i/status/12"),
        ("https://forum.example/thread/7?uid=9&page=2", "https://forum.example/thread/7?page=2"),
        ("https://forum.example/user/9", "https://forum.example/"),
        (
            "https://news.example/detail/2026/11/id/5.shtml",
            "https://news.example/detail/2026/11/id/5.shtml",
        ),
    ],
)
def test_accounts_go(url: str, expected: str) -> None:
    assert without_account(url) == expected
    assert without_account(expected) == expected


paths = st.text(alphabet="abc/@%?&=#.:~新 1", max_size=40)


@given(
    st.sampled_from(["http", "https"]),
    st.sampled_from(["a.example", "weibo.com", "m.weibo.cn", "A.例.cn"]),
    paths,
)
def test_once_is_enough(scheme: str, host: str, path: str) -> None:
    for function in (canonical_url, without_account):
        try:
            once = function(f"{scheme}://{host}/{path}")
        except BadInput:
            continue
        assert function(once) == once
        assert "#" not in once
        assert once.isascii()

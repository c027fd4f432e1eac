"""Only the courts' own pages, over https, without anybody's account."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.openness import check_link, platform_of


@pytest.mark.parametrize(
    ("address", "platform"),
    [
        ("https://wenshu.court.gov.cn/website/index.html?docId=1", "裁判文书"),
        (" https://tingshen.court.gov.cn/live/1 ", "庭审公开"),
        ("https://splcgk.court.gov.cn/gzfwww/", "审判流程公开"),
        ("https://zxgk.court.gov.cn:443/", "执行信息公开"),
        ("https://jlzy.99.court.gov.cn/a/1", "jlzy.99.court.gov.cn"),
    ],
)
def test_a_court_s_page_is_kept(address: str, platform: str) -> None:
    assert platform_of(check_link(address)) == platform


@pytest.mark.parametrize(
    "address",
    [
        "http://wenshu.court.gov.cn/", "https://wenshu.court.gov.cn.example.org/", "https://court.gov.cn:8443/",
        "https://fakecourt.gov.cn/", "https://u:p@wenshu.court.gov.cn/", "https://wenshu.court.gov.cn@example.org/",
        "https://wenshu.court.gov.cn/?token=1", "https://wenshu.court.gov.cn/#/a?user_id=1",
        "https://wenshu.court.gov.cn/a;jsessionid=1", "https://wenshu.court.gov.cn/?open-id=1", "javascript:alert(1)",
        "https://wenshu.court.gov.cn/a b", "https://[", "", "https://wenshu.court.gov.cn:99999/", "https://ｃourt.gov.cn/",
    ],
)  # fmt: skip
def test_anything_else_is_refused(address: str) -> None:
    with pytest.raises(BadInput):
        check_link(address)


@given(st.text(max_size=80))
def test_no_text_breaks_the_check(text: str) -> None:
    try:
        kept = check_link("https://wenshu.court.gov.cn/" + text)
    except BadInput:
        return
    assert kept.startswith("https://wenshu.court.gov.cn/")

"""Redaction as properties: it is final, hides what it promises, and leaves the rest alone."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases import Litigant
from domain.errors import BadInput
from text import redaction
from text.case_numbers import find
from text.identifiers import valid_id, valid_luhn
from text.redaction import PLACEHOLDERS, redact, redact_names

anything = st.text(max_size=30)
#: Pieces that meet each other in every order, so that one's end is another's context.
pieces = st.sampled_from(
    [
        "13800001234",
        "339901199001011234",
        "6222029900123456789",
        "浙A12345",
        "@小明",
        "a@b.example",
        "和平路12号",
        "3幢2单元501室",
        "桂花小区",
        "柳溪村三组",
        "（2024）浙01民终1234号",
        "女童王小丽",
        "9岁",
        "小学三年级2班",
        "微信：abc12345",
        "0599-8123456",
        "https://weibo.com/1000000001/",
        "http://a.example/",
        "〔手机号〕",
        "〔",
        "〕",
        "138",
        "1234",
        "5678",
        "****",
        "-",
        "*",
        ".",
        ":",
        "，",
        "。",
        "1",
        "A",
        "家住",
        "地址：",
        "第",
        "号",
        "在",
        "X",
        "\n",
    ]
)
soup = st.lists(pieces | anything, max_size=14).map("".join)


def identity(region: int, birth: date, order: int) -> str:
    body = f"{region:06}{birth:%Y%m%d}{order:03}"
    return next(body + check for check in "0123456789X" if valid_id(body + check))


def card(prefix: str, rest: int, length: int) -> str:
    body = (prefix + str(rest).zfill(length))[: length - 1]
    return next(body + check for check in "0123456789" if valid_luhn(body + check))


identities = st.builds(
    identity,
    st.integers(110000, 659999).filter(
        lambda n: re.match("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]", str(n))
    ),
    st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    st.integers(0, 999),
)
cards = st.builds(
    card,
    st.sampled_from(["62", "60", "4", "51", "55", "35"]),
    st.integers(0, 10**18),
    st.integers(16, 19),
)


@given(soup, st.booleans())
def test_redacting_twice_is_redacting_once(text: str, minors: bool) -> None:
    once = redact(text, minors=minors)
    again = redact(once.text, minors=minors)
    assert (again.text, again.counts) == (once.text, {})


@given(soup)
def test_counts_are_the_placeholders_put_in(text: str) -> None:
    result = redact(text)
    assert set(result.counts) <= set(PLACEHOLDERS)
    assert all(count > 0 for count in result.counts.values())
    added = result.text.count("〔") - text.count("〔")
    assert added <= sum(result.counts.values())


@given(anything, identities, anything)
def test_no_valid_identity_number_stays(before: str, number: str, after: str) -> None:
    result = redact(before + number + after)
    assert number not in result.text
    assert result.counts["id_card"] >= 1


@given(st.text("0123456789Xx ab，", max_size=90))
def test_no_window_of_digits_is_a_valid_identity_number(text: str) -> None:
    left = redact(text).text
    for start in range(len(left) - 17):
        window = left[start : start + 18]
        if re.fullmatch(r"[1-6]\d{5}(?:19|20)\d{9}[\dXx]", window) and valid_id(window):
            with pytest.raises(ValueError, match=r"month|day|year"):
                date(int(window[6:10]), int(window[10:12]), int(window[12:14]))


@given(anything, cards, anything)
def test_no_valid_card_number_stays(before: str, number: str, after: str) -> None:
    around = f"{before}，{number}，{after}"
    assert number not in redact(around).text
    grouped = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    assert grouped not in redact(f"{before}，{grouped}，{after}").text


@given(anything, st.integers(13000000000, 19999999999), anything)
def test_no_mobile_number_stays(before: str, number: int, after: str) -> None:
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    for written in (str(number), wide, f"{str(number)[:3]}-{str(number)[3:7]}-{str(number)[7:]}"):
        assert written not in redact(f"{before}，{written}，{after}").text


@given(
    st.integers(1990, 2049),
    st.sampled_from(["浙01民终", "浙0106民初", "最高法知民终"]),
    st.integers(1, 9999999),
    soup,
)
def test_case_numbers_are_never_touched(year: int, code: str, number: int, after: str) -> None:
    written = f"（{year}）{code}{number}号"
    result = redact(f"{written}。{after}")
    assert result.text.startswith(written)
    assert find(result.text)[0].normal == written


@pytest.mark.parametrize(
    "text",
    [
        "江澜市中级人民法院于2026年11月20日09:15公开开庭审理（2024）浙01民终1234号一案",
        "云岫区人民法院第三法庭，旁听请走3号门",
        "判决赔偿13800001234元，诉讼费1380元",
        "法发〔2013〕9号第十二条，法释〔2016〕19号",
        "拨打12368或96110",
        "@江澜市中级人民法院 @白榆县人民检察院 请回应",
        "〔手机号〕〔身份证号〕〔用户〕〔地址〕",
    ],
)
def test_what_must_stay(text: str) -> None:
    result = redact(text, minors=False)
    assert (result.text, result.counts) == (text, {})


def test_all_kinds_in_one_complaint() -> None:
    result = redact(
        "我叫甲某，身份证339901199001011234，手机138-0000-1234，家住江澜市云岫区和平路12号3幢501室，"
        "卡号6222 0299 0012 3456 789，车浙AD12345，邮箱a@b.example，微信：abc12345，座机0599-8123456，@小明"
    )
    assert result.text == (
        "我叫甲某，身份证〔身份证号〕，手机〔手机号〕，家住江澜市云岫区〔地址〕，"
        "卡号〔银行卡号〕，车〔车牌号〕，邮箱〔邮箱〕，微信：〔账号〕，座机〔电话〕，〔用户〕"
    )
    assert set(result.counts) == set(PLACEHOLDERS) - {"minor"}


def test_a_page_number_in_a_link_is_no_card_even_when_it_passes_luhn() -> None:
    mid = next(str(n) for n in range(5367257342596743, 5367257342596843) if valid_luhn(str(n)))
    text = f"见 https://weibo.com/detail/{mid}"
    assert redact(text).text == text
    linked = redact(f"见 https://weibo.com/1000000001/{mid} 。")
    assert linked.text == f"见 https://weibo.com/〔用户〕/{mid} 。"


@pytest.mark.parametrize(
    ("link", "redacted"),
    [
        ("https://weibo.com/u/1000000001", "https://weibo.com/u/〔用户〕"),
        ("https://x.com/somebody/status/1234567", "https://x.com/〔用户〕/status/1234567"),
        ("https://space.bilibili.com/12345678", "https://space.bilibili.com/〔用户〕"),
        (
            "https://www.zhihu.example.com/people/lin-mu",
            "https://www.zhihu.example.com/people/〔用户〕",
        ),
        ("https://a.example.com/user/MS4wLjAB?a=1", "https://a.example.com/user/〔用户〕?a=1"),
        ("https://a.example.com/?x=1&uid=12345#top", "https://a.example.com/?x=1&uid=〔用户〕#top"),
        (
            "https://a.example.com/home?un=林木木&uid=77",
            "https://a.example.com/home?un=〔用户〕&uid=〔用户〕",
        ),
    ],
)
def test_a_link_to_an_account_loses_the_account(link: str, redacted: str) -> None:
    assert redact(f"见 {link} ，已经说过").text == f"见 {redacted} ，已经说过"
    assert redact(redacted).text == redacted


@pytest.mark.parametrize(
    "link",
    [
        "https://x.com/i/status/1234567",
        "https://www.court.example.com/2026/11/23/a1.html?id=77&page=2",
        "https://weibo.com/detail/5367257342596743",
        "https://www.court.example.com/article/space.html",
    ],
)
def test_a_link_to_a_page_stays(link: str) -> None:
    assert redact(f"见 {link} ").text == f"见 {link} "


def test_minors_only_when_someone_is_a_minor() -> None:
    text = "青崖中学门口，父亲王大山说"
    assert redact(text).text == text
    assert redact(text, minors=True).text == "〔未成年人信息〕门口，父亲〔未成年人信息〕说"


def test_a_text_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_MOST_PASSES", 1)
    with pytest.raises(BadInput, match="each redaction") as error:
        redact("13800001234")
    assert "138" not in str(error.value)


YU = Litigant("余大鹏", "被告人")
LI = Litigant("李小红", "被害人")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("余大鹏案今天宣判", "被告人案今天宣判"),
        ("被告人余大鹏称", "被告人称"),
        ("余 大 鹏和余·大·鹏", "被告人和被告人"),
        ("余某案", "被告人案"),
        (
            "余某某、余某鹏、余大某、余××、余xx、余×鹏",
            "被告人、被告人、被告人、被告人、被告人、被告人",
        ),
        ("余某甲与余某乙另案", "余某甲与余某乙另案"),
        ("李小红的母亲", "被害人的母亲"),
        ("余额不足，余下大鹏", "余额不足，余下大鹏"),
        ("", ""),
    ],
)
def test_names_give_way_to_roles(text: str, expected: str) -> None:
    assert redact_names(text, [YU, LI]) == expected


def test_masked_names_stay_when_two_litigants_share_the_surname() -> None:
    both = [YU, Litigant("余小红", "被害人")]
    assert redact_names("余大鹏、余小红、余某", both) == "被告人、被害人、余某"


def test_the_longest_name_goes_first_and_latin_names_at_word_borders() -> None:
    people = [
        Litigant("云桥", "第三人"),
        Litigant("江澜云桥物业有限公司", "被告"),
        Litigant("Ann", "原告"),
        Litigant("欧阳小明", "证人"),
    ]
    text = "江澜云桥物业有限公司与云桥，Ann和Annie，ANN，欧阳某某"
    assert redact_names(text, people) == "被告与第三人，原告和Annie，原告，证人"


def test_a_minor_litigant_takes_school_and_village_along() -> None:
    child = Litigant("王小丽", "未成年被害人", minor=True)
    assert redact_names("王小丽在青崖中学读书", [child]) == "未成年被害人在〔未成年人信息〕读书"


names = st.text(alphabet="余大鹏李小红某案", min_size=2, max_size=4)


@given(st.text(alphabet="余大鹏李小红某案× 的", max_size=40), st.lists(names, max_size=4))
def test_no_litigants_name_stays_and_once_is_enough(text: str, given_names: list[str]) -> None:
    people = [Litigant(name, "当事人") for name in given_names]
    once = redact_names(text, people)
    assert redact_names(once, people) == once
    assert not any(name in once for name in given_names)

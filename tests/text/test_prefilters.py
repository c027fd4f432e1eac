"""What lets most texts pass the finders quickly loses nothing: with it and without, the same spans."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text import addresses, case_numbers, disguised, identifiers, respelt
from text.redaction import marks, redact

ALWAYS = re.compile("")
PIECES = st.sampled_from(
    [
        "13800138000", "138-0013-8000", "一三八零零一三八零零零", "幺三九〇〇一三八零零零", "9岁女童",
        "330102199001011234", "3301**********1234", "身份证是12345", "6222 0200 1234 5678 12", "@",
        "622202 0200112233", "卡号", "座机", "010-62345678", "浙A12345", "浙A", "a@b.example", ".",
        "@路人甲", "@江澜法院", "weibo.com/u/1234567890", "?uid=abc", "微信：abc_12345", "QQ", "=x",
        "和平路12号3幢501室", "云岫村三组", "望川小区五号", "3幢2单元501", "住址：青崖县白榆小区",
        "户籍", "家住", "青崖小学三年级2班", "（2026）浙9901民初12号", "２０２６", "〔手机号〕", "号",
        "138📱0000📱8846", "137 000 09 118", "339901.1982.1111.331X", "护照号", "E00000417", "扣扣",
        "3300 9187 21", "（+86）138", "191、1535、1720件", "零五九零八一零零四一一", "竹坞村后山组", "23-2-501",
        "+86 590 8100774", "分机215", "5#楼", "138****5678", "来电", "加卫星：", "lan_9981", "339901199001〇一一二三4",
        "https://court.example/a/13800138000", "幺五六 〇〇〇〇 八八三二", "l5OOOOO6148", "O549-51OO226", "05495100219", "510-0288", "、5100251", "浙 M 0 0 A 1 2",
        "a [at] b [dot] org", "a艾特b点com", "V我lan99x", "扣扣群9900001234", "向阳路3号", "婚生女冉一诺", "弟冉远航刚满15",
        "单元", "第", " ", "。", "甲", "A", "Ⅻ", "٣", "８",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
def test_the_prefilters_lose_nothing(text: str) -> None:
    quick = (marks(text), marks(text, minors=True), case_numbers.find(text))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_ANY_DIGIT", "_ANY_SPELT", "ANY_ACCOUNT", "ANY_CHARACTER", "ANY_PHONE"):
            patch.setattr(identifiers, name, ALWAYS)
        for name in ("_ANY_SIGN", "_ANY_PARTED", "_ANY_GROUPED", "_ANY_SPELT", "_ANY_LONG"):
            patch.setattr(disguised, name, ALWAYS)
        for name in ("ANY_CHARACTER", "ANY_PHONE"):
            patch.setattr(disguised, name, ALWAYS)
        for name in (
            "_ANY_GROUPED",
            "_ANY_SPELT",
            "_ANY_LETTERED",
            "_ANY_LONG",
            "_ANY_GAPS",
            "_ANY_WORDED",
        ):
            patch.setattr(respelt, name, ALWAYS)
        for name in ("ANY_PHONE", "ANY_ACCOUNT"):
            patch.setattr(respelt, name, ALWAYS)
        for name in ("_ANY_DOOR", "_ANY_LABEL", "_ANY_VILLAGE"):
            patch.setattr(addresses, name, ALWAYS)
        patch.setattr(case_numbers, "_YEAR", ALWAYS)
        assert (marks(text), marks(text, minors=True), case_numbers.find(text)) == quick


@pytest.mark.parametrize("behind", ["@x", "号码", "--", "٣x", ""])
def test_what_stands_behind_a_grouped_card_number_is_not_taken_for_digits(behind: str) -> None:
    assert "0200112233" in redact(f"622202 0200112233{behind}").text

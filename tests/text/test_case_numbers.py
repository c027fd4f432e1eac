"""Case numbers: written by the rule, by the public, masked, joined; never document numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from text.case_numbers import find, normalise


def normals(text: str) -> list[str]:
    return [number.normal for number in find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（2024）浙01民终1234号", "（2024）浙01民终1234号"),
        ("(2024)浙01民终1234号", "（2024）浙01民终1234号"),
        ("〔2024〕浙01民终1234号", "（2024）浙01民终1234号"),
        ("［2024］浙01民终1234号", "（2024）浙01民终1234号"),
        ("【2024】浙01民终1234号", "（2024）浙01民终1234号"),
        ("（２０２４）浙０１民终１２３４号", "（2024）浙01民终1234号"),
        ("（2024） 浙 01 民终 1234 号", "（2024）浙01民终1234号"),
        ("[2024浙0106执1851号]", "（2024）浙0106执1851号"),
        ("2024浙0106执1851号", "（2024）浙0106执1851号"),
        ("（2024）浙0106民初0012号", "（2024）浙0106民初12号"),
        ("（2024）最高法知民终9号", "（2024）最高法知民终9号"),
        ("（2024）浙民申5号", "（2024）浙民申5号"),
        ("（2024）兵01民终7号", "（2024）兵01民终7号"),
        ("（2024）京73民初8号", "（2024）京73民初8号"),
        ("（2024）沪7101行初3号", "（2024）沪7101行初3号"),
        ("（2024）浙0106民诉前调77号", "（2024）浙0106民诉前调77号"),
        ("（2024）浙01破申2号", "（2024）浙01破申2号"),
        ("（2024）浙01司惩复4号", "（2024）浙01司惩复4号"),
        ("（2024）浙01委赔6号", "（2024）浙01委赔6号"),
        ("（2024）浙0106执恢8号之一", "（2024）浙0106执恢8号之一"),
        ("（2024）浙0106执8号之2", "（2024）浙0106执8号之二"),
        ("（2024）浙0106执8-1号", "（2024）浙0106执8号之一"),
        ("（2024）浙0106执8号之十二", "（2024）浙0106执8号之十二"),
        ("（2011）云刑初字第45号", "（2011）云刑初字第45号"),
        ("(2012)江中法民二终字第277号", "（2012）江中法民二终字第277号"),
        ("（2009）云执字第0031号", "（2009）云执字第31号"),
        ("（2013）江中法立民申字第20号", "（2013）江中法立民申字第20号"),
        ("（2008）浙行终字第3号", "（2008）浙行终字第3号"),
        ("（2024）浙01民终×××号", "（2024）浙01民终×××号"),
        ("（2024）浙01民终××号", "（2024）浙01民终×××号"),
        ("（2024）浙01民终某号", "（2024）浙01民终×××号"),
        ("（2024）浙01民终xx号", "（2024）浙01民终×××号"),
        ("（2024）浙01民终***号", "（2024）浙01民终×××号"),
        ("（2024）浙01民终12××号", "（2024）浙01民终12××号"),
        ("（2024）×01刑初3号", "（2024）×01刑初3号"),
    ],
)
def test_one_number_in_canonical_form(text: str, expected: str) -> None:
    assert normalise(text) == expected
    assert normalise(normalise(text)) == expected
    (number,) = find(f"据悉，{text}一案")
    assert (number.start, number.end) == (3, 3 + len(text))
    assert number.masked == ("×" in expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "（2024）浙01民终1234、1235号",
            ["（2024）浙01民终1234号", "（2024）浙01民终1235号"],
        ),
        (
            "（2024）浙01民终1234号、1235号",
            ["（2024）浙01民终1234号", "（2024）浙01民终1235号"],
        ),
        (
            "（2024）浙01民终1234、（2024）浙01民终1235号",
            ["（2024）浙01民终1234号", "（2024）浙01民终1235号"],
        ),
        (
            "（2024）浙01民终1234号、（2024）浙0106执9号之一",
            ["（2024）浙01民终1234号", "（2024）浙0106执9号之一"],
        ),
        (
            "(2011)江中民初字第1778、1779、1838号判决",
            [
                "（2011）江中民初字第1778号",
                "（2011）江中民初字第1779号",
                "（2011）江中民初字第1838号",
            ],
        ),
        (
            "（2024）浙0106民初101-103号",
            ["（2024）浙0106民初101号", "（2024）浙0106民初102号", "（2024）浙0106民初103号"],
        ),
        (
            "（2024）浙0106民初101号至103号",
            ["（2024）浙0106民初101号", "（2024）浙0106民初102号", "（2024）浙0106民初103号"],
        ),
    ],
)
def test_joined_numbers(text: str, expected: list[str]) -> None:
    assert normals(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "法发〔2013〕9号",
        "国办发〔2016〕61号",
        "法释〔2016〕19号",
        "法〔2015〕137号",
        "江人社劳字〔2020〕11号",
        "江工伤认字[2015]1097号",
        "（2020）江东证民字第12号",
        "（2021）江仲裁字第7号",
        "（2024年修订，试行）",
        "（2024）江澜市云岫区人民法院1号公告",
        "2024年1号文件",
        "（2024）第3号令",
        "2024京A12345",
        "（2024）浙江高院工作报告",
        "",
    ],
)
def test_what_is_no_case_number(text: str) -> None:
    assert find(text) == []
    with pytest.raises(BadInput) as error:
        normalise(text)
    assert error.value.remedy


def test_a_date_after_a_number_is_not_taken_in() -> None:
    text = "（2024）浙0106民初1234号，12号开庭"
    assert normals(text) == ["（2024）浙0106民初1234号"]


def test_two_numbers_are_not_one() -> None:
    with pytest.raises(BadInput):
        normalise("（2024）浙01民终1234、1235号")


def test_a_document_and_a_case_in_one_sentence() -> None:
    text = "依照法发〔2013〕9号，（2024）浙01行初5号和(2023)浙0106执7号之二已公开"
    assert normals(text) == ["（2024）浙01行初5号", "（2023）浙0106执7号之二"]
    assert [text[n.start : n.end] for n in find(text)] == [
        "（2024）浙01行初5号",
        "(2023)浙0106执7号之二",
    ]


courts = st.one_of(
    st.just("最高法"),
    st.builds(
        "{}{}".format,
        st.sampled_from("京浙沪粤新兵苏川"),
        st.sampled_from(["", "01", "73", "0106", "7101", "2525"]),
    ),
)
codes = st.sampled_from(
    [
        "刑初",
        "刑终",
        "刑更",
        "民初",
        "民终",
        "民申",
        "民再",
        "民辖终",
        "民特",
        "行初",
        "行终",
        "行审",
        "行赔初",
        "法赔",
        "委赔",
        "司惩复",
        "财保",
        "执保",
        "执",
        "执恢",
        "执异",
        "执复",
        "执监",
        "破申",
        "强清",
    ]
)
brackets = st.sampled_from(["（{}）", "({})", "〔{}〕", "［{}］", "【{}】", "[{}]"])


@given(
    st.integers(1990, 2049), courts, codes, st.integers(1, 9_999_999), brackets,
    st.sampled_from(["", "之一", "之二", "之十一"]), st.text(max_size=20), st.booleans(),
)  # fmt: skip
def test_whatever_is_written_is_read_back(
    year: int,
    court: str,
    code: str,
    number: int,
    bracket: str,
    suffix: str,
    around: str,
    wide: bool,
) -> None:
    canonical = f"（{year}）{court}{code}{number}号{suffix}"
    digits = str(number)
    if wide:
        digits = "".join(chr(ord(digit) + 0xFEE0) for digit in digits)
    written = f"{bracket.format(year)}{court}{code}{digits}号{suffix}"
    assert normalise(written) == canonical
    found = find(f"{around}。{written}。")
    assert found[-1].normal == canonical
    assert (found[-1].start, found[-1].end) == (len(around) + 1, len(around) + 1 + len(written))


@given(st.text(alphabet="（）()〔〕2024浙01民终初执字第1号、-之一×某 ", max_size=60))
def test_spans_are_ordered_and_canonical_forms_stable(text: str) -> None:
    found = find(text)
    assert all(0 <= number.start < number.end <= len(text) for number in found)
    assert [number.start for number in found] == sorted(number.start for number in found)
    for number in found:
        assert normalise(number.normal) == number.normal

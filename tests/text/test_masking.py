"""Names of other peoples, which are as long as a company's: with a dot, without, and in running text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text.masking import DOTS, TRANSCRIBED, TRANSCRIBING, mask_person

LONG = [
    "阿依古丽", "阿布都热合曼", "努尔买买提", "古丽巴哈尔", "呼格吉勒图", "乌云其木格", "娜仁图雅",
    "扎西次仁", "格桑卓玛", "旦增贡布", "吉克曲且", "阿牛伍呷", "叶尔江别克", "呼和巴特尔",
]  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_a_long_name_that_writes_sounds_is_a_persons(name: str) -> None:
    assert mask_person(name) == f"{name[0]}某"
    assert mask_person(f"{name}等3人") == f"{name[0]}某等3人"


@pytest.mark.parametrize("dot", DOTS)
def test_every_dot_people_type_parts_a_name(dot: str) -> None:
    assert mask_person(f"阿依古丽{dot}买买提") == "阿某"
    assert mask_person(f"买买提 {dot} 艾力") == "买某"


@pytest.mark.parametrize(
    "name",
    ["青崖实业", "江澜商贸", "望川物流集团", "白榆置业", "云岫湖物业", "阿依古丽餐饮店", "巴特尔牧业合作社",
     "乌兰图雅市", "扎西次仁中心", "星海·云岫酒店管理公司", "格桑·卓玛集团", "阿某", "买某某"],
)  # fmt: skip
def test_companies_offices_and_masked_names_stay(name: str) -> None:
    assert mask_person(name) == name


def test_a_short_name_may_end_like_a_place() -> None:
    assert mask_person("李云州") == "李某"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("关注阿依古丽案的进展", ["阿依古丽"]),
        ("江澜中院审理买买提·艾力案，网友议论", ["买买提·艾力"]),
        ("呼格吉勒图、扎西次仁：没有收到通知", ["呼格吉勒图", "扎西次仁"]),
        ("执行法官说明天开庭，大家在等结果", []),
    ],
)
def test_names_are_found_in_running_text(text: str, names: list[str]) -> None:
    assert re.findall(TRANSCRIBED, text) == names


@given(st.text(alphabet=TRANSCRIBING + DOTS + "梁砚岚某公司等人（）", max_size=24))
def test_masking_twice_is_masking_once(name: str) -> None:
    once = mask_person(name)
    assert mask_person(once) == once

"""Causes: the catalogues hold together, and people's ways of writing are understood."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text import causes
from text.masking import mask_person


@pytest.mark.parametrize(
    ("written", "name", "family"),
    [
        ("危险驾驶", "危险驾驶罪", "刑事·危害公共安全罪"),
        ("危险驾驶、交通肇事", "危险驾驶罪", "刑事·危害公共安全罪"),
        ("离婚纠纷一案", "离婚纠纷", "民事·婚姻家庭、继承纠纷"),
        ("生命权,身体权,健康权纠纷", "生命权、身体权、健康权纠纷", "民事·人格权纠纷"),
        ("政府信息公开", "政府信息公开", "行政·行政行为"),
        ("首次执行", "首次执行", "执行·执行实施"),
    ],
)
def test_a_cause_is_found_as_people_write_it(written: str, name: str, family: str) -> None:
    found = causes.find(written)
    assert found.cause is not None
    assert (found.cause.name, found.family, found.renamed) == (name, family, False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("居间合同纠纷", "中介合同纠纷"),
        ("偷税罪", "逃税罪"),
        ("隐私权纠纷", "隐私权、个人信息保护纠纷"),
    ],
)
def test_an_old_name_is_what_it_is_called_now(old: str, new: str) -> None:
    found = causes.find(old)
    assert found.cause is not None
    assert (found.cause.name, found.renamed, found.written) == (new, True, old)


def test_an_unknown_cause_is_kept_and_the_nearest_named() -> None:
    found = causes.find("民间借代纠纷")
    assert (found.written, found.cause, found.nearest, found.family) == (
        "民间借代纠纷", None, "民间借贷纠纷", causes.UNKNOWN,
    )  # fmt: skip
    assert causes.find("").family == ""


def test_the_catalogues_say_what_they_are() -> None:
    named = {one.id: one for one in causes.catalogues()}
    assert set(named) == {
        "civil-2021", "criminal-2021", "administrative-2021", "enforcement-2015", "compensation",
    }  # fmt: skip
    assert all(
        one.rule and one.coverage and isinstance(one.valid_from, date) for one in named.values()
    )
    assert "法〔2025〕226号" in named["civil-2021"].successor
    families = Counter(family.partition("·")[0] for family in causes.families())
    assert families == {"民事": 11, "刑事": 10, "行政": 1, "执行": 2, "国家赔偿": 1}
    assert len(causes.members("刑事·侵犯财产罪")) > 5


@given(st.text(max_size=60))
def test_no_text_breaks_the_lookup(text: str) -> None:
    found = causes.find(text)
    assert found.written == text.strip()


@pytest.mark.parametrize(
    ("name", "masked"),
    [("梁砚岚", "梁某"), ("邬启", "邬某"), ("欧阳砚秋", "欧阳某"), ("梁某", "梁某"), ("澜栖物业", "澜栖物业"),
     ("望川县医院", "望川县医院"), ("云岫村", "云岫村"), ("Li Lei", "L某"),
     ("Lan Qi Property Co. Ltd", "Lan Qi Property Co. Ltd"), ("阿里木·澜", "阿某"), ("梁砚岚等12人", "梁某等12人"),
     ("梁砚岚（曾用名邬启崧）", "梁某"), ("梁 砚岚", "梁某"), ("澜栖物业（江澜）有限公司", "澜栖物业（江澜）有限公司")],
)  # fmt: skip
def test_only_persons_are_masked(name: str, masked: str) -> None:
    assert mask_person(name) == masked

"""What is written around the programs is found; what only looks like it stays."""

from __future__ import annotations

import pytest

from text.redaction import marks, redact

HIDDEN = [
    ("id_card", "339901/19860714/3312", "申请人是339901/19860714/3312，请核对"),
    ("id_card", "EB1234567", "护照号码：EB1234567"),
    ("id_card", "H12345678", "持港澳居民来往内地通行证H12345678入境"),
    ("mobile", "159🌸0000🌸7731", "加159🌸0000🌸7731，非诚勿扰"),
    ("mobile", "1🔥8🔥6🔥0🔥0🔥0🔥0🔥2🔥2🔥4🔥7", "1🔥8🔥6🔥0🔥0🔥0🔥0🔥2🔥2🔥4🔥7"),
    ("mobile", "135 00 00 47 12", "手机 135 00 00 47 12，晚上打"),
    ("mobile", "158、0000、3321", "打158、0000、3321找我"),
    ("landline", "零五四九八一零零二二七", "有事拨零五四九八一零零二二七"),
    ("landline", "八一零零三三六", "座机号码八一零零三三六"),
    ("landline", "0549-8100227分机12", "0549-8100227分机12"),
    ("landline", "0549 810 0227", "电话0549 810 0227没人接"),
    ("account", "lanlan_fa77", "微信搜lanlan_fa77"),
    ("minor", "关关", "12岁的女儿关关不敢出门"),
    ("account", "2200 5541 09", "QQ：2200 5541 09"),
    ("account", "lan_fang77", "加薇❤lan_fang77进群"),
    ("account", "yunxiu2044", "抖音ID：yunxiu2044"),
    ("minor", "庾小朵", "七岁女孩庾小朵走失后被找到"),
    ("minor", "鲍一鸣", "九年级学生鲍一鸣说他不想转学"),
    ("minor", "佟心", "我女儿佟心，今年才六岁"),
    ("minor", "朵朵", "女儿朵朵在幼儿园受了伤"),
    ("minor", "欧阳小北", "8岁男孩欧阳小北被同学打伤"),
    ("address", "银杏苑5#楼1单元302", "就在银杏苑5#楼1单元302"),
    ("address", "听松里小区3-1-402", "楼下听松里小区3-1-402又漏水"),
    ("address", "石坎村上屋组", "白榆县石坎村上屋组的晒谷场"),
    ("address", "江滨路8號雲水苑2棟", "江滨路8號雲水苑2棟的業主"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "part", "text"), HIDDEN)
def test_what_is_hidden_is_found(kind: str, part: str, text: str) -> None:
    found = [mark for mark in marks(text) if mark.kind == kind]
    start = text.index(part)
    assert any(mark.start <= start and mark.end >= start + len(part) for mark in found)
    assert all(mark.end - mark.start <= len(part) + 3 for mark in found)


@pytest.mark.parametrize(
    "text",
    [
        "三个月分别审结191、1535、1720件",
        "各庭收案 138 204 317 96 40",
        "1⃣立案 2⃣开庭 3⃣宣判",
        "版本 3.3.9.9.0.1.1.9.8.6.0.7.1.4.3.3.1.9",
        "零七年立案，一五年宣判，二〇二六年还在执行",
        "村工作组和村调解组都来过，村民小组开了会",
        "卫星电视转播了庭审，微信公众号有回放",
        "女生应聘被拒，男生高考失利，女孩常常哭，女儿慢慢好起来",
        "孩子叫什么名字不能公开，六年级学生家长到庭旁听",
        "#青城123# 话题下吵起来了",
        "QQ群1200 人都在问",
        "护照丢了还能出庭吗",
        "男孩某某（化名）的母亲到庭",
        "收费标准150-200-300-50元，电话咨询",
        "卷宗号码 15-2026-11-24-1，联系档案室",
        "案号：13701.2026.11，联系承办人",
        "第137 000 09 118项，来电请说明",
        "2026.11.24 13:50:26 来电称执行不力",
        "民法典第1165 1166 1167条，致电法院",
        "罚款150~1000~2000元不等，收案 150~2000~3000件",
        "标的一五〇·一〇〇〇·二〇〇〇万元，传真第300-5000页",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert redact(text).text == text

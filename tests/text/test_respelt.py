"""Numbers respelt to pass a filter go; what only looks alike stays."""

from __future__ import annotations

import pytest

from text.redaction import redact


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("回我：幺三九 〇〇〇〇 四四一二", "mobile"),
        ("回我：一 三 九 零 零 零 零 四 四 一 二", "mobile"),
        ("回我：拾叁玖零零零零肆肆壹贰", "mobile"),
        ("回我：l39OOOO4412", "mobile"),
        ("回我：I39 oooo 4412", "mobile"),
        ("电话一三九 0000 四四一二", "mobile"),
        ("回我：139～0000～4412", "mobile"),
        ("回我：139-零零零零-4412", "mobile"),
        ("回我：(139)00004412", "mobile"),
        ("回我：1*3*9*0*0*0*0*4*4*1*2", "mobile"),
        ("加我薇lan99x01", "account"),
        ("小红书 lan99x01", "account"),
        ("扣1234567890", "account"),
        ("座机O549-51OO331", "landline"),
        ("来电显示05495100331", "landline"),
        ("座机是直拨的，510-0331", "landline"),
        ("六二二八四八零零零零零零零五一零", "bank_card"),
        ("车是浙 M 0 0 X 1 2", "plate"),
        ("车是浙Ⓜ00X12", "plate"),
        ("写给 qi_luo [at] example [dot] org", "email"),
        ("写给qiluo艾特example点com", "email"),
        ("V我lan99x01", "account"),
        ("抖音搜yunxiu0412就有", "account"),
        ("他的UID：9900001234", "account"),
        ("加“微信”lan_99x01", "account"),
        ("进扣扣群9900001234", "account"),
    ],
)
def test_what_was_respelt_goes(text: str, kind: str) -> None:
    assert redact(text).counts == {kind: 1}


def test_every_line_of_a_row_goes() -> None:
    said = redact("举报电话：0549-5100331、5100332、5100333，十二点前")
    assert said.text == "举报电话：〔电话〕、〔电话〕、〔电话〕，十二点前"


@pytest.mark.parametrize(
    "text",
    [
        "电话里说2019-2023年的案子都在这里",
        "型号IO2O-l1OI，序号Il0Ol1OlI",
        "第138-0000-5678号文件",
        "小红书 2024-01-05发的",
        "扣1234567890元货款",
        "三八线 一二三四 五六七八九，从头再来",
        "六二二八四八零零零零零零零五一一",
        "QQ群200000人，微信群10个",
        "编号05495100331",
        "案款300-5000元，电话通知",
        "九点dot十点，a点b点",
        "A B C D E F，浙A B C",
        "老地方V我50看看实力",
    ],
)
def test_what_only_looks_alike_stays(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("住白榆县向阳路3号", "住白榆县"),
        ("住白榆县县府路6号2幢", "住白榆县"),
        ("住望川区红旗大街9号", "住望川区"),
        ("住云溪街道前进社区学府路9号", "住云溪街道"),
        ("寄到青崖县溪山天地6栋2单元1703", "寄到青崖县"),
        ("寄到青崖县中山路壹佰贰拾号", "寄到青崖县"),
        ("寄到青崖县学府路9号观澜府3幢201室", "寄到青崖县"),
        ("寄到青崖县清溪苑五栋二单元三〇一", "寄到青崖县"),
    ],
)
def test_doors_of_roads_and_compounds_go_whole(text: str, stays: str) -> None:
    assert redact(text).text == f"{stays}〔地址〕"


@pytest.mark.parametrize(
    "text", ["幼儿园2栋教学楼", "邻居3幢都拆了", "国际3座大桥", "公园内3栋老房子"]
)
def test_buildings_without_a_door_stay(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("婚生女冉一诺，2017年出生", "冉一诺"),
        ("未成年被害人冉星辰的代理人", "冉星辰"),
        ("未成年人冉嘉禾诉其父抚养费纠纷", "冉嘉禾"),
        ("其中冉小北只有13岁", "冉小北"),
        ("我弟冉远航刚满15，被骗了", "冉远航"),
        ("打人的初中生就是冉一鸣，我同学", "冉一鸣"),
        ("孩子冉小棠（2015年3月生）随母亲生活", "冉小棠"),
        ("双方育有一子冉小棠，现年六岁", "冉小棠"),
        ("被告人冉小棠犯罪时未满16周岁", "冉小棠"),
        ("继子冉小棠9岁", "冉小棠"),
        ("幼儿园中班的冉可可被烫伤", "冉可可"),
        ("原告冉小棠（未成年）由其母代理", "冉小棠"),
        ("9岁女童冉小棠到庭，庭上都叫冉小棠宝贝", "冉小棠"),
        ("外孙女苗苗才两岁半", "苗苗"),
    ],
)
def test_a_child_is_known_by_what_stands_beside_its_name(text: str, name: str) -> None:
    assert redact(text).text == text.replace(name, "〔未成年人信息〕")


@pytest.mark.parametrize(
    "text",
    [
        "其中冉小北只有33岁",
        "我弟冉远航刚满25，被骗了",
        "利用未成年人牟利的，从重处罚",
        "强奸未成年人是严重的犯罪",
        "满12周岁不满14周岁的",
        "未成年人案，刚接班的冉律和我们班的冉可可都在",
        "工龄不满3年，罚款未满5万",
    ],
)
def test_adults_and_statutes_stay(text: str) -> None:
    assert redact(text).text == text


def test_of_a_case_about_a_child_the_whole_family_goes_and_the_countryside_stays() -> None:
    said = redact("被害人冉鸣的母亲杜青萍说，农村和全村都知道", minors=True).text
    assert "冉鸣" not in said
    assert "杜青萍" not in said
    assert said.endswith("农村和全村都知道")

"""Case linking: how names, numbers and litigants are written, and what is taught about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.cases import Case, Litigant, MatchFormula
from nlp.linking import Linker


def make_case(identifier: str = "yu", **fields: Any) -> Case:
    defaults: dict[str, Any] = {"title": identifier, "court": "江澜市云岫区人民法院"}
    watched = datetime(2026, 1, 1, tzinfo=UTC)
    return Case(id=identifier, watched_since=watched, **(defaults | fields))


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("苏9903刑初77号什么时候判", True),
        ("听说苏9903刑初77排期了", True),
        ("（2024）苏9903刑初77号", False),
        ("2024年苏9903刑初77号", False),
        ("（20××）苏9903刑初77号", False),
        ("苏9903刑初77×号", False),
        ("苏9903刑初771号", False),
    ],
)
def test_a_number_may_lack_its_year_where_one_case_has_it(text: str, linked: bool) -> None:
    case = make_case(numbers=("（2025）苏9903刑初77号",))
    assert bool(Linker([case]).link(text)) == linked
    older = make_case("older", numbers=("（2023）苏9903刑初77号",))
    assert Linker([case, older]).link(text) == ()


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("余某一案昨天开庭", True),
        ("余某上诉一案昨天开庭", True),
        ("余某盗窃一案昨天开庭", False),
        ("余某案板上的肉", False),
        ("余某案几个被告都来了", True),
        ("这就是下一个余某案吗", False),
        ("又一个余某案的证人说话了", True),
        ("跟余某案如出一辙", False),
        ("和余某案没有任何关系", False),
        ("北汀市也出了个余某案", False),
        ("北汀市网友在问余某案", True),
        ("余某案在北汀市上了热搜", True),
        ("餘某案開庭", True),
    ],
)
def test_a_name_is_read_as_it_is_written(text: str, linked: bool) -> None:
    assert bool(Linker([make_case(aliases=("余某案",))]).link(text)) == linked


@pytest.mark.parametrize(
    ("person", "text", "linked"),
    [
        ("余某山", "青崖姓余的停车场拖行，判轻了", True),
        ("余某山", "青崖停车场拖行，小余被判了", True),
        ("余某山", "青崖停车场拖行，余某某被判了", True),
        ("余某", "青崖停车场拖行，余××被判了", True),
        ("余某山", "青崖停车场拖行，小金被判了", False),
        ("余某甲", "青崖停车场拖行，余某某被判了", False),
        ("时某", "青崖停车场拖行，半小时后被判了", False),
    ],
)
def test_a_masked_person_has_other_names(person: str, text: str, linked: bool) -> None:
    formula = MatchFormula(regions=("青崖",), persons=(person,), events=("拖行",))
    assert bool(Linker([make_case(formula=formula)]).link(text)) == linked


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("青崖的采砂船主余某被提起公诉", True),
        ("余某在沅溪挖了三年，青崖法院开庭了", True),
        ("采砂船主余某被提起公诉", False),  # no place
        ("青崖的采砂船主余某上了电视", False),  # no court
        ("青崖的余某被提起公诉", False),  # neither subject nor event
        ("青崖的采砂船主被提起公诉", False),  # nobody
        ("沅溪采砂，青崖的余某", True),  # every group and the litigant: needs no sign
    ],
)
def test_a_litigant_stands_for_one_group(text: str, linked: bool) -> None:
    case = make_case(
        court="江澜市青崖县人民法院",
        litigants=(Litigant("余某", "被告人"),),
        formula=MatchFormula(subjects=("沅溪",), events=("采砂",)),
    )
    assert bool(Linker([case]).link(text)) == linked


def test_a_person_of_the_formula_does_not_stand_for_another_group_as_litigant() -> None:
    case = make_case(
        court="江澜市青崖县人民法院",
        litigants=(Litigant("余某某", "被告人"),),
        formula=MatchFormula(regions=("青崖",), persons=("余某",), events=("采砂",)),
    )
    assert Linker([case]).link("青崖法院判余某某赔邻居一口锅") == ()


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("青崖法院走进出租屋宣讲失火怎么办", False),
        ("青崖检察官到出租屋上普法课，讲失火怎么办", False),
        ("青崖出租屋失火，房东被指控", True),
        ("青崖出租屋专项整治，查失火风险，非法改建", False),
        ("青崖法院普法，讲了判下来的出租屋失火案", True),
    ],
)
def test_lessons_and_campaigns_are_no_case_and_own_words_no_offer(text: str, linked: bool) -> None:
    formula = MatchFormula(regions=("青崖",), subjects=("出租屋",), events=("失火",))
    case = make_case(court="江澜市青崖县人民法院", formula=formula)
    assert bool(Linker([case]).link(text)) == linked


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("云岫法院的诉讼费退费要等多久", True),
        ("云岫区法院的诉讼费退费要等多久", True),
        ("云岫县法院的诉讼费退费要等多久", False),
        ("青崖法院的诉讼费退费要等多久", False),
    ],
)
@pytest.mark.parametrize("name", ["云岫法院", "云岫区人民法院", "江澜市云岫区人民法院"])
def test_the_court_of_a_case_is_read_in_its_short_names(name: str, text: str, linked: bool) -> None:
    formula = MatchFormula(subjects=("诉讼费",), regions=(name,), events=("退费",))
    assert bool(Linker([make_case(formula=formula)]).link(text)) == linked


def test_a_court_s_notices_bear_its_full_name_and_must_be_asked_for() -> None:
    notice = "云岫区人民法院通报：诉讼费退费一律原路返还"
    short = MatchFormula(subjects=("诉讼费",), regions=("云岫法院",), events=("退费",))
    full = MatchFormula(subjects=("诉讼费",), regions=("云岫区人民法院",), events=("退费",))
    assert Linker([make_case(formula=short)]).link(notice) == ()
    assert Linker([make_case(formula=full)]).link(notice)


def test_an_intermediate_court_has_its_short_name() -> None:
    formula = MatchFormula(subjects=("诉讼费",), regions=("江澜市中级人民法院",))
    case = make_case(court="江澜市中级人民法院", formula=formula)
    assert Linker([case]).link("江澜中院不退诉讼费")


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("28万彩礼案判了", True),
        ("28w彩礼案判了", True),
        ("二十八万彩礼案判了", True),
        ("二十八萬彩禮案判了", True),
        ("128万彩礼案判了", False),
        ("八万彩礼案判了", False),
        ("28wifi彩礼案判了", False),
    ],
)
def test_a_number_in_a_name_is_read_in_words_too(text: str, linked: bool) -> None:
    assert bool(Linker([make_case(aliases=("28万彩礼案",))]).link(text)) == linked


@pytest.mark.parametrize(("registered", "said"), [("拒执", "拒不执行"), ("拒不执行", "拒执")])
def test_an_offence_is_read_shortened_and_in_full(registered: str, said: str) -> None:
    formula = MatchFormula(persons=("屠某",), events=(registered,))
    assert Linker([make_case(formula=formula)]).link(f"屠某{said}，被判一年")


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("甄某某要求鲁某某返还彩礼，二审维持原判", True),
        ("甄某某要求返还彩礼，二审维持原判", False),
        ("甄某某和鲁某某二审都没来", False),
        ("甄某某和鲁某某商量返还彩礼的日子", False),
        ("北汀法院判鲁某某返还甄某某彩礼", False),
    ],
)
def test_two_litigants_stand_for_the_region(text: str, linked: bool) -> None:
    case = make_case(
        litigants=(Litigant("甄某某", "原告"), Litigant("鲁某某", "被告")),
        formula=MatchFormula(subjects=("彩礼",), regions=("云岫",), events=("返还",)),
    )
    beiting = make_case("beiting", court="江澜市北汀区人民法院", aliases=("北汀粮库案",))
    assert bool(Linker([case, beiting]).link(text)) == linked


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("邬家争老宅争到法院", True),
        ("邬家坳的老宅法院要拍卖", False),
        ("邬家村民说老宅法院判得公道", True),
    ],
)
def test_a_family_whose_name_goes_on_into_a_village_is_a_place(text: str, linked: bool) -> None:
    formula = MatchFormula(subjects=("老宅",), persons=("邬家",))
    assert bool(Linker([make_case(formula=formula)]).link(text)) == linked


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("云岫夜市的大姐告城管赢了", True),
        ("云岫夜市城管广告赢了大奖", False),
        ("云岫夜市堵死了，城管在疏导", False),
        ("云岫夜市有人被城管打死", True),
        ("云岫夜市没有污染，城管天天洗地", False),
    ],
)
def test_a_suit_won_is_a_matter_and_a_jam_is_none(text: str, linked: bool) -> None:
    formula = MatchFormula(subjects=("夜市",), regions=("云岫",), events=("城管",))
    assert bool(Linker([make_case(formula=formula)]).link(text)) == linked


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("锦川家园烂尾三年，业主还在还贷", True),
        ("锦川花园也烂尾，和锦川家园隔一条街", False),
        ("锦川花园也烂尾，跟锦川家园隔着两条马路", False),
    ],
)
def test_a_neighbour_across_the_street_is_another_matter(text: str, linked: bool) -> None:
    formula = MatchFormula(subjects=("锦川家园",), events=("烂尾",))
    assert bool(Linker([make_case(formula=formula)]).link(text)) == linked

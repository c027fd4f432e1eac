"""Case linking: the gold posts with their floors, and each rule on its own."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases import Case, Litigant, MatchFormula
from domain.errors import ConfigurationError
from nlp.linking import Linker, check

GOLD = Path(__file__).parents[1] / "gold"
WATCHED = datetime(2026, 1, 1, tzinfo=UTC)


def make_case(identifier: str = "yu", **fields: Any) -> Case:
    defaults: dict[str, Any] = {"title": identifier, "court": "江澜市云岫区人民法院"}
    return Case(id=identifier, watched_since=WATCHED, **(defaults | fields))


def gold_cases(name: str = "linking_cases.json") -> list[Case]:
    rows = json.loads((GOLD / name).read_text(encoding="utf-8"))
    cases = []
    for row in rows:
        formula = {key: tuple(words) for key, words in row.pop("formula", {}).items()}
        archived = row.pop("archived_at", None)
        litigants = tuple(Litigant(**one) for one in row.pop("litigants", ()))
        fields = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
        cases.append(
            make_case(
                fields.pop("id"),
                formula=MatchFormula(**formula),
                archived_at=datetime.fromisoformat(archived) if archived else None,
                litigants=litigants,
                **fields,
            )
        )
    return cases


@pytest.mark.parametrize(
    ("name", "registry", "least"),
    [
        ("linking", "linking_cases.json", 345),
        ("linking_unseen", "linking_cases.json", 134),
        ("linking_blind", "linking_blind_cases.json", 200),
        ("linking_blind2", "linking_blind2_cases.json", 150),
        ("linking_blind3", "linking_blind3_cases.json", 150),
    ],
)
def test_gold_posts_keep_precision_and_recall(name: str, registry: str, least: int) -> None:
    linker = Linker(gold_cases(registry))
    floors = json.loads((GOLD / "floors.json").read_text(encoding="utf-8"))[name]
    right = wrong = missed = count = 0
    for line in (GOLD / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        post = json.loads(line)
        said = {link.case_id for link in linker.link(post["text"])}
        true = set(post["cases"])
        right, count = right + len(said & true), count + 1
        wrong, missed = wrong + len(said - true), missed + len(true - said)
    assert count >= least
    assert right / (right + wrong) >= floors["precision"]
    assert right / (right + missed) >= floors["recall"]


def test_number_beats_alias_beats_formula() -> None:
    linker = Linker(
        [
            make_case(
                numbers=("（2025）苏9903刑初77号",),
                aliases=("余某案", "拖行案子"),
                formula=MatchFormula(regions=("青崖",), persons=("余某",)),
            )
        ]
    )
    everything = "(2025)苏9903刑初77号余某案在青崖开庭"
    (by_number,) = linker.link(everything)
    assert (by_number.reason, by_number.matched) == ("number", ("（2025）苏9903刑初77号",))
    (by_alias,) = linker.link("余某案在青崖开庭")
    assert (by_alias.reason, by_alias.matched) == ("alias", ("余某案",))
    (by_formula,) = linker.link("余某今天在青崖开庭")
    assert (by_formula.reason, by_formula.matched) == ("formula", ("青崖", "余某"))
    assert linker.link("余某开庭") == ()


def test_excludes_forbid_alias_and_formula_but_not_a_number() -> None:
    linker = Linker(
        [
            make_case(
                numbers=("（2025）苏9903刑初77号",),
                aliases=("余某案",),
                formula=MatchFormula(regions=("青崖",), persons=("余某",), excludes=("电影",)),
            )
        ]
    )
    assert linker.link("电影余某案在青崖上映") == ()
    (link,) = linker.link("电影之外，（2025）苏9903刑初77号还没判")
    assert link.reason == "number"


@pytest.mark.parametrize(
    "text",
    [
        "（2025）苏99××刑初77号",
        "（2025）苏9903刑初×号",
        "（2024）苏9903刑初77号",
        "（2025）苏9903刑初777号",
    ],
)
def test_masked_and_other_numbers_link_nothing(text: str) -> None:
    assert Linker([make_case(numbers=("（2025）苏9903刑初77号",))]).link(text) == ()


def test_a_rulings_suffix_belongs_to_the_case() -> None:
    linker = Linker([make_case(numbers=("（2025）苏9902执1888号",))])
    assert [link.case_id for link in linker.link("（2025）苏9902执1888号之二裁定")] == ["yu"]


@pytest.mark.parametrize("text", ["余×案今天开庭", "余**案判了", "是余○案吧", "余某某案二审"])
def test_masked_names_are_read_as_masked(text: str) -> None:
    (link,) = Linker([make_case(aliases=("余某案", "余某某案"))]).link(text)
    assert link.reason == "alias"


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("2025苏9903刑初77 什么时候判", True),
        ("（2025）苏9903刑初77排期了", True),
        ("2025苏9903刑初771", False),
        ("12025苏9903刑初77", False),
    ],
)
def test_a_number_may_lack_its_end(text: str, linked: bool) -> None:
    linker = Linker([make_case(numbers=("（2025）苏9903刑初77号",))])
    assert bool(linker.link(text)) == linked


def test_an_alias_said_of_another_place_is_not_the_case() -> None:
    here = make_case(
        "here", aliases=("工地坍塌案",), formula=MatchFormula(regions=("青崖",), subjects=("工地",))
    )
    there = make_case("there", court="江澜市望川区人民法院", aliases=("望川彩礼案",))
    linker = Linker([here, there])
    assert [link.case_id for link in linker.link("工地坍塌案判了")] == ["here"]
    assert [link.case_id for link in linker.link("青崖工地坍塌案判了")] == ["here"]
    assert linker.link("望川工地坍塌案判了") == ()
    assert linker.link("外省的工地坍塌案判了") == ()


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("青崖的工地塌了", True),
        ("青崖工地招聘塔吊工，塌实肯干", False),
        ("青崖工地招聘塔吊工，上次塌的案子判了吗", True),
        ("外省工地塌了，青崖消防支援", False),
        ("法考题：青崖的工地塌了，谁负责", False),
    ],
)
def test_a_formula_needs_the_matter_not_only_its_words(text: str, linked: bool) -> None:
    formula = MatchFormula(regions=("青崖",), subjects=("工地",), events=("塌",))
    assert bool(Linker([make_case(formula=formula)]).link(text)) == linked


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("这不是三中坠楼案，别传了", []),
        ("这不是三中坠楼案的法官吗", ["school"]),
        ("要不是三中坠楼案，谁知道", ["school"]),
        ("类似三中坠楼案的官司不少", []),
        ("像三中坠楼案那样拖两年", []),
        ("好像三中坠楼案判了", ["school"]),
        ("别拿三中坠楼案说事", []),
        ("本案与三中坠楼案没有关系", []),
        ("三中坠楼案与外面传的没有关系", ["school"]),
        ("同名不同案，三中坠楼案有两个", []),
        ("比起三中坠楼案，无人机伤人案判得快", ["school", "drone"]),
        ("不是三中坠楼案，是无人机伤人案", ["drone"]),
        ("类似三中坠楼案的不少。三中坠楼案今天判", ["school"]),
    ],
)
def test_a_name_denied_or_compared_with_is_not_the_case(text: str, linked: list[str]) -> None:
    formula = MatchFormula(regions=("白榆",), subjects=("三中",), events=("坠楼",))
    school = make_case(
        "school", court="江澜市白榆县人民法院", aliases=("三中坠楼案",), formula=formula
    )
    drone = make_case("drone", court="江澜市青崖县人民法院", aliases=("无人机伤人案",))
    assert [link.case_id for link in Linker([school, drone]).link(text)] == linked


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("白榆的三中坠楼案", True),
        ("泽阳市三中坠楼案", False),
        ("广东三中坠楼案", False),
        ("江澜市三中坠楼案", True),
        ("全市关注三中坠楼案", True),
        ("三中坠楼案在青崖法院开庭", False),
        ("三中坠楼案今天在白榆开庭，青崖法院旁听", True),
        ("三中坠楼案由江澜中院二审", True),
        ("三中坠楼案，外地人能旁听吗", True),
        ("外地的三中坠楼案", False),
        ("坐标青崖 #三中坠楼案#", True),
        ("#三中坠楼案# @青崖法院发布", True),
        ("白榆三中有学生坠楼", True),
        ("白榆有人问：青崖三中有学生坠楼，是真的吗", False),
        ("青崖和白榆三中都有人坠楼", True),
        ("白榆三中有学生坠楼，青崖法院立了案", True),
    ],
)
def test_another_place_or_court_forbids_a_link_by_words(text: str, linked: bool) -> None:
    formula = MatchFormula(regions=("白榆",), subjects=("三中",), events=("坠楼",))
    school = make_case(
        "school", court="江澜市白榆县人民法院", aliases=("三中坠楼案",), formula=formula
    )
    other = make_case("other", court="江澜市青崖县人民法院", aliases=("青崖无人机案",))
    found = {link.case_id for link in Linker([school, other]).link(text)}
    assert ("school" in found) == linked


def test_a_region_of_several_courts_cases_lies_around_all_of_them() -> None:
    cases = [
        make_case("a", court="青崖县人民法院", aliases=("欠薪大案",)),
        make_case(
            "b", court="望川区人民法院", formula=MatchFormula(regions=("江澜",), events=("坍塌",))
        ),
        make_case(
            "c", court="白榆县人民法院", formula=MatchFormula(regions=("江澜",), events=("坠楼",))
        ),
    ]
    assert [link.case_id for link in Linker(cases).link("江澜欠薪大案")] == ["a"]
    assert Linker(cases[:2]).link("江澜欠薪大案") == ()


def test_the_words_of_a_formula_must_stand_near_each_other() -> None:
    formula = MatchFormula(regions=("白榆",), subjects=("三中",), events=("坠楼",))
    linker = Linker([make_case(court="江澜市白榆县人民法院", formula=formula)])
    filler = "今天的要闻还有这些。" * 10
    assert linker.link(f"白榆消息。{filler}三中有学生坠楼")  # a lead names the region once
    assert linker.link(f"白榆三中开学。{filler}有人坠楼") == ()


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("跃动小店九点关门，还不想走", False),
        ("跃动关门了，卡里的钱到底找谁要", True),
        ("跃动关门，法院立案", True),
        ("跃动关门装修，福利多多，抽奖", False),
        ("跃动关门装修抽奖，老会员说官司没打完", True),
    ],
)
def test_two_words_need_a_sign_of_a_dispute(text: str, linked: bool) -> None:
    formula = MatchFormula(subjects=("跃动",), events=("关门",))
    assert bool(Linker([make_case(formula=formula)]).link(text)) == linked


def test_a_masked_name_needs_a_sign_and_a_whole_name_does_not() -> None:
    def linker(person: str) -> Linker:
        return Linker([make_case(formula=MatchFormula(regions=("青崖",), persons=(person,)))])

    assert linker("余某").link("青崖的余某教书二十年") == ()
    assert linker("余某").link("青崖的余某被拘留了")
    assert linker("余大山").link("青崖的余大山教书二十年")


def test_cases_that_are_only_known_are_not_linked_but_tell_places_apart() -> None:
    here = make_case("here", aliases=("工地坍塌案",))
    there = make_case("there", court="江澜市望川区人民法院", aliases=("望川彩礼案",))
    linker = Linker([here, there], only={"here"})
    assert linker.link("望川工地坍塌案和望川彩礼案判了") == ()
    assert Linker([here]).link("望川工地坍塌案和望川彩礼案判了")  # nobody told it of 望川
    assert [link.case_id for link in linker.link("工地坍塌案和望川彩礼案判了")] == ["here"]


def test_full_width_and_letter_case_do_not_matter() -> None:
    linker = Linker([make_case(aliases=("K8理财案",))])
    assert linker.link("Ｋ８理财案")[0].matched == ("K8理财案",)
    assert linker.link("k8理财案")
    assert linker.link("sk8理财案") == ()


def test_a_namesake_inside_a_longer_alias_is_not_meant() -> None:
    linker = Linker(
        [make_case("a", aliases=("工地坍塌案",)), make_case("b", aliases=("云岫区工地坍塌案",))]
    )
    assert [link.case_id for link in linker.link("云岫区工地坍塌案开庭")] == ["b"]
    both = linker.link("云岫区工地坍塌案之后又一起工地坍塌案")
    assert [link.case_id for link in both] == ["a", "b"]


def test_archived_cases_do_not_link() -> None:
    assert Linker([make_case(aliases=("余某案",), archived_at=WATCHED)]).link("余某案") == ()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"formula": MatchFormula(persons=("余某",))}, "one group"),
        ({"formula": MatchFormula(persons=("余某",), regions=(" ",))}, "blank"),
        ({"formula": MatchFormula(excludes=("电影",))}, "none to match"),
        ({"aliases": ("余某",)}, "fewer than 3"),
        ({"numbers": ("77号",)}, "not well formed"),
        ({"numbers": ("（2025）苏9903刑初××号",)}, "masked"),
    ],
)
def test_a_case_that_would_link_strangers_is_refused(fields: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        check(make_case(**fields))


@given(st.text(max_size=200))
def test_any_text_links_deterministically(text: str) -> None:
    linker = Linker(gold_cases())
    links = linker.link(text)
    assert links == Linker(gold_cases()).link(text)
    assert len({link.case_id for link in links}) == len(links)


def test_a_thousand_cases_cost_about_as_much_as_two_hundred() -> None:
    def cases(count: int) -> list[Case]:
        return [
            make_case(
                f"case-{number}",
                numbers=(f"（2026）苏9902民初{number + 1}号",),
                aliases=(f"甲{number}公司案",),
                formula=MatchFormula(regions=("云岫", "江澜"), persons=(f"甲某{number}号",)),
            )
            for number in range(count)
        ]

    words = ["云岫", "法院", "甲某7号", "今天", "开庭", "甲3公司案", "江澜", "判决", "等了", "很久"]
    chooser = random.Random(3)
    texts = ["".join(chooser.choices(words, k=12)) for _ in range(1500)]

    def seconds(linker: Linker) -> float:
        def once() -> float:
            started = time.perf_counter()
            assert sum(len(linker.link(text)) for text in texts)
            return time.perf_counter() - started

        return min(once() for _ in range(3))

    assert seconds(Linker(cases(1000))) < 2 * seconds(Linker(cases(200)))

"""A matter told by its own name and a court's work, its events in other words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.cases import Case, Litigant, MatchFormula
from nlp.linking import Linker


def make_case(identifier: str, **fields: Any) -> Case:
    return Case(
        id=identifier,
        title=identifier,
        watched_since=datetime(2026, 1, 1, tzinfo=UTC),
        **fields,
    )


VILLAGE = make_case(
    "village",
    court="江澜市中级人民法院",
    aliases=("柿子沟案", "柿子沟征地案"),
    formula=MatchFormula(subjects=("柿子沟",), events=("征地", "强拆")),
)
CLINIC = make_case(
    "clinic",
    court="江澜市霜桥区人民法院",
    litigants=(Litigant("丝立方植发中心", "被告"), Litigant("霜桥区卫健局", "第三人")),
    formula=MatchFormula(
        subjects=("丝立方", "霜桥区卫健局"), regions=("霜桥",), events=("感染", "医疗损害")
    ),
)
JUDGE = make_case(
    "judge",
    court="江澜市青崖县人民法院",
    formula=MatchFormula(regions=("青崖",), persons=("束某亭", "郗某"), events=("枉法裁判",)),
)
ESTATE = make_case(
    "estate",
    court="江澜市云岫区人民法院",
    aliases=("锦棠苑电梯案",),
    formula=MatchFormula(subjects=("锦棠苑",), events=("电梯", "坠梯")),
)


MILL = make_case(
    "mill",
    court="江澜市中级人民法院",
    aliases=("江澜织造案", "沸川火锅案"),
    formula=MatchFormula(subjects=("江澜", "江澜织造", "沸川", "沸川火锅"), events=("重整",)),
)


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker([VILLAGE, CLINIC, JUDGE, ESTATE, MILL])


@pytest.mark.parametrize(
    ("text", "case"),
    [
        ("柿子沟的官司打了三年，推土机还停在村口", "village"),
        ("霜桥丝立方把人头皮弄烂了，今天开庭", "clinic"),
        ("束某亭昨天在青崖受审", "judge"),
        ("沸川的老板要判刑了", "mill"),  # the short form of its name
        ("锦棠苑电梯这个案子何时有结果", "estate"),
    ],
)
def test_own_name_and_a_courts_work_link_without_the_event(
    linker: Linker, text: str, case: str
) -> None:
    assert [link.case_id for link in linker.link(text)] == [case]


@pytest.mark.parametrize(
    "text",
    [
        "柿子沟的柿子熟了，周末去摘",  # nothing of a court
        "柿子沟旅游规划方案征求意见",  # 案 of a plan is none of a court's
        "别变成第二个柿子沟，法院管管吧",  # a kind of matter, not this one
        "锦棠苑业主物业费纠纷开庭",  # its alias tells more than the name: another matter of it
        "丝立方在滨岚市开庭",  # the party, but not the case's place
        "霜桥区卫健局败诉，法院撤销处罚",  # an office has many suits
        "江澜今天有三场开庭",  # the court's place, though a name begins with it
        "郗某在青崖受审",  # a surname is many people's
        "彩礼都快赶上柿子沟案的赔偿了吧",  # a yardstick
        "我们县也有柿子沟案这样的事",  # one of its kind elsewhere
        "县公安局提醒：霜桥市民去丝立方这类机构，严防感染",  # a warning
    ],
)
def test_less_than_that_links_nothing(linker: Linker, text: str) -> None:
    assert linker.link(text) == ()


def test_the_words_matched_are_the_registrys(linker: Linker) -> None:
    (link,) = linker.link("霜桥丝立方被告上法院")
    assert (link.reason, link.matched) == ("formula", ("丝立方", "霜桥"))

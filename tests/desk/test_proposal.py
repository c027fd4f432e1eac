from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.forms import Form
from desk.proposal import Proposal, make_case, propose, read
from domain.errors import BadInput
from nlp.linking import Linker

NOW = datetime(2026, 11, 23, tzinfo=UTC)
COURT = "江澜市中级人民法院"


def test_court_and_matter_make_two_groups() -> None:
    proposal = propose("云岫区法院 网上立案", COURT)
    assert proposal.court == "云岫区法院"
    assert proposal.subjects == ("云岫区法院",)
    assert proposal.events == ("网上立案",)


def test_a_case_number_is_found_and_kept_out_of_the_words() -> None:
    proposal = propose("（2026）浙0192刑初88号梁某案", COURT)
    assert proposal.numbers == ("（2026）浙0192刑初88号",)
    assert proposal.persons == ("梁某",)
    assert proposal.court == COURT


def test_a_masked_number_is_left_out_because_it_links_nothing() -> None:
    assert propose("（2026）浙01民终×××号", COURT).numbers == ()


def test_region_and_event() -> None:
    proposal = propose("青崖县物业费", COURT)
    assert proposal.regions == ("青崖县",)
    assert proposal.events == ("物业费",)


def test_no_word_stands_in_two_groups() -> None:
    proposal = propose("网上立案系统崩溃", COURT)
    assert all(subject not in event for subject in proposal.subjects for event in proposal.events)


@pytest.mark.parametrize(
    "phrase",
    [
        "云岫区法院 网上立案",
        "（2026）浙0192刑初88号",
        "青崖县物业费",
        "梁某案量刑",
        "#执行款不到账#",
    ],
)
def test_what_is_proposed_is_a_case_the_linker_takes(phrase: str) -> None:
    case = make_case(propose(phrase, COURT), NOW)
    assert Linker([case]).link(f"{phrase}，法院到底怎么说？")


@given(st.text(max_size=80))
def test_any_phrase_gives_a_proposal_and_never_a_case_by_one_word(phrase: str) -> None:
    proposal = propose(phrase, COURT)
    try:
        case = make_case(proposal, NOW)
    except BadInput:
        return
    assert case.numbers or case.aliases or len(case.formula.groups) >= 2
    Linker([case])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": ""}, "没有名称"),
        ({"events": ("物业费",)}, "无关的帖文"),
        ({"aliases": ("甲案",)}, "俗称太短"),
        ({"aliases": ("物业费案",), "litigants": ("梁某",)}, "姓名 身份"),
        ({"aliases": ("物业费案",), "stage": "七审"}, "程序阶段"),
    ],
)
def test_what_is_wrong_is_said_with_a_remedy(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(BadInput) as caught:
        make_case(Proposal(**{"title": "物业费", **changes}), NOW)  # type: ignore[arg-type]
    assert problem in caught.value.problem + caught.value.remedy
    assert caught.value.remedy


def test_the_same_form_twice_is_one_case() -> None:
    form = Form(
        {
            "title": "物业费案",
            "aliases": "望川花园物业费案、望川花园物业费案",
            "litigants": "梁某 被告人 未成年",
        }
    )
    first, second = make_case(read(form), NOW), make_case(read(form), NOW)
    assert first.id == second.id
    assert first.aliases == ("望川花园物业费案",)
    assert first.litigants[0].minor

"""The check that a report must pass fails closed."""

from __future__ import annotations

import pytest

from domain.errors import NotAllowed
from reports.check import check, enforce

GOOD = [
    "一、本周要情", "没有预警。〔待核〕", "二、总体态势", "负面 61%（n=131），环比 +38%（n=58→80）",
    "三、关切话题榜", "56／不低于 86%（n≤65）", "四、重点舆情", "（2026）江0102刑初88号",
    "六、数据说明", "公开信息抽样，不代表全体民意。",
]  # fmt: skip


def test_a_good_report_passes() -> None:
    assert check(GOOD) == []
    enforce(GOOD)


@pytest.mark.parametrize(
    "bare", ["负面占 61%。", "61.5 ％，n 见后", "上升 38% (58→80)", "占 61%（其中 n=131）", "100%"]
)
def test_percentage_without_n_fails(bare: str) -> None:
    assert [problem.rule for problem in check([*GOOD, bare])] == ["percentage without n"]


@pytest.mark.parametrize(
    "words",
    ["网民普遍认为判轻了", "系水军所为", "别有用心的人", "个别刁民", "AI 认为", "网民 普遍\n认为"],
)
def test_banned_wording_fails(words: str) -> None:
    assert {problem.rule for problem in check([*GOOD, words])} == {"banned wording"}


@pytest.mark.parametrize(
    "leak", ["请拨打13812345678", "联系 zhang.san@example.com", "11010519491231002X"]
)
def test_identifier_fails_and_is_not_repeated(leak: str) -> None:
    problems = check([*GOOD, leak])
    assert [problem.rule for problem in problems] == ["identifier"]
    assert leak not in problems[0].detail
    with pytest.raises(NotAllowed, match="identifier"):
        enforce([*GOOD, leak])


@pytest.mark.parametrize("gone", [0, 2, 4, 6, 8])
def test_missing_section_fails(gone: int) -> None:
    rest = [text for place, text in enumerate(GOOD) if place != gone]
    assert "section missing or out of order" in {problem.rule for problem in check(rest)}


def test_sections_out_of_order_fail() -> None:
    assert check([*GOOD[2:4], *GOOD[:2], *GOOD[4:]])


@pytest.mark.parametrize("gone", [1, 9])
def test_missing_sentence_fails(gone: int) -> None:
    rest = [text for place, text in enumerate(GOOD) if place != gone]
    assert [problem.rule for problem in check(rest)] == ["sentence missing"]


@pytest.mark.parametrize(
    "words", ["采集到涉院相关信息 1,204 帖，环比持平", "至11月18日 14:05共 <10 帖（4 人）"]
)
def test_a_raw_count_alone_fails(words: str) -> None:
    assert [problem.rule for problem in check([*GOOD, words])] == [
        "raw count without deduplicated count"
    ]
    both = words.replace(" 帖", " 帖（去重后 3 帖）")
    assert check([*GOOD, both]) == []

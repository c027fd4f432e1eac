"""The fictional scenarios of tests/gold/questions, and how well questions and answers are found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import ConfigurationError
from domain.posts import Platform, Post, PostKind
from domain.questions import WORDING, AnswerKind, FocusQuestion, QuestionKind
from nlp.questions.answers import answer_kind
from nlp.questions.matcher import QuestionFinder
from nlp.questions.statements import Aspect, Statement, statements
from nlp.questions.vectors import StatementVectors

GOLD = Path(__file__).parents[1] / "gold" / "questions"
START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def post(number: int, text: str, *, source: str = "weibo") -> Post:
    """A post a minute after the one before."""
    at = START + timedelta(minutes=number)
    return Post(f"{number:032x}", source, Platform.WEIBO, PostKind.POST, text, at, at)


def scenarios(split: str) -> list[dict[str, Any]]:
    """The scenarios of a split, by name."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(GOLD.glob("*.json"))]
    return [scenario for scenario in found if scenario["split"] == split]


def posts_of(scenario: dict[str, Any]) -> list[Post]:
    """Its posts; the id is the number of the line."""
    return [post(number, line["text"]) for number, line in enumerate(scenario["posts"])]


@dataclass
class Found:
    """Sums over scenarios."""

    known: int = 0
    recalled: int = 0
    listed: int = 0
    twice: int = 0
    posts: int = 0
    right_posts: int = 0

    def add(self, scenario: dict[str, Any], found: Sequence[FocusQuestion]) -> None:
        """Compare the questions found with those the scenario lists."""
        seen: set[str] = set()
        for question in found:
            raised = Counter(
                name
                for number in question.post_ids
                for name in scenario["posts"][int(number, 16)]["raises"]
            )
            self.listed, self.posts = self.listed + 1, self.posts + question.posts
            name, count = raised.most_common(1)[0] if raised else ("", 0)
            self.right_posts += count
            if 2 * count >= question.posts:
                self.twice += name in seen
                seen.add(name)
        self.known += len(scenario["questions"])
        self.recalled += len(seen)

    def figures(self) -> dict[str, float]:
        """Recall of known questions among the seven; purity by posts; share listed twice."""
        return {
            "recall": self.recalled / self.known,
            "purity": self.right_posts / self.posts,
            "twice": self.twice / self.listed,
        }


def known_questions(scenario: dict[str, Any]) -> list[FocusQuestion]:
    """The listed questions with the statements that raise each, so that drafts alone are judged."""
    return [
        FocusQuestion(
            question["id"], question["text"], QuestionKind(question["kind"]), 2, 2, START, START,
            wordings=tuple(
                statement.text
                for line in scenario["posts"]
                if line["raises"] == [question["id"]]
                for statement in statements(line["text"])
                if statement.kind
            ),
        )
        for question in scenario["questions"]
    ]  # fmt: skip


def answer_figures(finder: QuestionFinder, split: str) -> dict[str, float]:
    """Precision and recall of “answered”; of those right, how often kind and span are."""
    right = wrong = missed = kinds = spans = 0
    for scenario in scenarios(split):
        questions = known_questions(scenario)
        for draft in scenario["drafts"]:
            given = {one.question_id: one for one in finder.answered(questions, draft["text"])}
            wanted = draft["answers"]
            wrong += len(given.keys() - wanted.keys())
            missed += len(wanted.keys() - given.keys())
            for name in given.keys() & wanted.keys():
                right += 1
                kinds += given[name].kind == wanted[name]["kind"]
                spans += wanted[name]["span"] in given[name].span
    return {
        "precision": right / (right + wrong),
        "recall": right / (right + missed),
        "kind": kinds / right,
        "span": spans / right,
    }


FINDER = QuestionFinder.load()
FLOORS = json.loads((GOLD.parent / "floors.json").read_text(encoding="utf-8"))["questions"]


@pytest.mark.parametrize("split", ["train", "held"])
def test_known_questions_are_among_the_seven(split: str) -> None:
    found = Found()
    for scenario in scenarios(split):
        found.add(scenario, FINDER.questions(posts_of(scenario)))
    figures = found.figures()
    floors = FLOORS[split]
    assert figures["recall"] >= floors["recall"], figures
    assert figures["purity"] >= floors["purity"], figures
    assert figures["twice"] <= floors["most_twice"], figures


@pytest.mark.parametrize("split", ["train", "held"])
def test_a_draft_covers_what_it_answers(split: str) -> None:
    figures = answer_figures(FINDER, split)
    for name, floor in FLOORS[f"answers_{split}"].items():
        assert figures[name] >= floor, figures


def test_scenarios_are_enough() -> None:
    assert len(scenarios("train")) >= 8
    assert len(scenarios("held")) >= 4
    assert all(len(scenario["posts"]) >= 15 for scenario in scenarios("train") + scenarios("held"))


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 5))
def test_order_and_batches_change_nothing(random: Random, batches: int) -> None:
    posts = posts_of(scenarios("train")[0])
    whole = FINDER.questions(posts)
    shuffled = random.sample(posts, len(posts))
    window = FINDER.collect()
    for batch in range(batches):
        window.add(shuffled[batch::batches])
        window.questions()
    assert window.questions() == whole


def test_a_deleted_post_leaves_no_trace() -> None:
    posts = posts_of(scenarios("train")[0])
    window = FINDER.collect(posts)
    window.remove([posts[0].id, "unknown"])
    assert window.questions() == FINDER.questions(posts[1:])


def test_copies_are_counted_and_counted_apart() -> None:
    texts = ["判决书为什么不公开？"] * 5 + ["什么时候公布判决书？"]
    first = FINDER.questions([post(n, text) for n, text in enumerate(texts)])[0]
    assert (first.posts, first.distinct) == (6, 2)
    assert first.text == "判决书为什么不公开？"
    assert first.first_at == START


def test_what_a_comment_quotes_is_not_asked_by_it() -> None:
    """Five comments under one post that asks: its question is one post's, theirs is two posts'."""
    asks = "开庭为什么一再延期？"
    said = ["什么时候公布判决书？", "判决书什么时候公布？", "支持法院", "理性看待", "相信会公正"]
    posts = [post(0, asks)] + [
        replace(post(number, f"{own}//@〔用户〕:{asks}"), kind=PostKind.COMMENT)
        for number, own in enumerate(said, 1)
    ]
    [found] = FINDER.questions(posts)
    assert (found.posts, found.distinct) == (2, 2)
    assert not any("延期" in wording for wording in found.wordings)


def test_a_repost_without_a_word_asks_what_it_passes_on() -> None:
    asks = "开庭为什么一再延期？"
    posts = [post(0, asks)] + [
        replace(post(number, f"转发微博//@〔用户〕:{asks}"), kind=PostKind.REPOST)
        for number in (1, 2)
    ]
    [found] = FINDER.questions(posts)
    assert (found.posts, found.distinct) == (3, 1)


def test_one_voice_and_stock_phrases_are_no_focus() -> None:
    texts = ["为什么还不开庭？", "相信法律", "相信法律会给公道", "愿逝者安息", "愿逝者安息🙏"]
    assert FINDER.questions([post(n, text) for n, text in enumerate(texts)]) == []
    assert FINDER.questions([]) == []


@pytest.mark.parametrize(
    ("text", "kind", "aspect"),
    [
        ("凭什么不让旁听", QuestionKind.QUESTION, Aspect.WHY),
        ("系统啥时候能修好", QuestionKind.QUESTION, Aspect.WHEN),
        ("损失由谁承担？", QuestionKind.QUESTION, Aspect.WHO),
        ("赔偿到底是多少", QuestionKind.QUESTION, Aspect.AMOUNT),
        ("这叫公正？", QuestionKind.QUESTION, Aspect.NONE),
        ("听说已经判了三年", QuestionKind.CLAIM, Aspect.NONE),
        ("要求公开庭审录像", QuestionKind.DEMAND, Aspect.NONE),
        ("律师被请出了法庭", None, Aspect.NONE),
    ],
)
def test_how_people_ask(text: str, kind: QuestionKind | None, aspect: Aspect) -> None:
    statement = statements(text)[0]
    assert (statement.kind, statement.aspect) == (kind, aspect)


def test_two_questions_in_one_sentence_are_two() -> None:
    found = [one.text for one in statements("判决书为什么不公开，什么时候才能宣判，急")]
    assert found == ["判决书为什么不公开", "什么时候才能宣判，急"]


def test_a_bare_why_belongs_to_what_was_said() -> None:
    (statement,) = statements("撞死一个人才判缓刑。凭什么？")
    assert statement == Statement("撞死一个人才判缓刑。", QuestionKind.QUESTION, Aspect.WHY)


@given(st.text(max_size=400))
def test_any_text_gives_short_verbatim_statements(text: str) -> None:
    for statement in statements(text):
        assert 0 < len(statement.text) <= WORDING


def test_a_very_long_text_ends() -> None:
    assert len(statements("为什么" * 50_000)) == 1


def test_what_is_new_is_told_by_likeness() -> None:
    known = ["请问检察机关会不会提出抗诉"]
    assert FINDER.new(["检察院抗诉吗", "法官收钱了没有"], known) == ["法官收钱了没有"]
    assert FINDER.new([], known) == []
    assert FINDER.new(["检察院抗诉吗"], []) == ["检察院抗诉吗"]


def test_the_gist_is_not_the_wording() -> None:
    wording = "开庭前一天通知延期，什么原因？"
    assert FINDER.gist(wording) == "问原因：开庭、前一天、通知、延期"
    assert wording not in FINDER.gist(wording)


def test_promises_and_refusals_are_told_from_answers() -> None:
    assert answer_kind("原因正在核查。") is AnswerKind.UNDER_CHECK
    assert answer_kind("是否抗诉由检察机关依法决定。") is AnswerKind.DECLINED
    assert answer_kind("系统正在抢修，预计11月23日8时恢复。") is AnswerKind.ANSWERED


def test_stock_phrases_answer_nothing() -> None:
    draft = "我院高度重视。感谢社会各界的关心。欢迎广大群众监督。"
    assert FINDER.answered(known_questions(scenarios("train")[0]), draft) == []
    assert FINDER.answered([], "系统已恢复。") == []
    assert FINDER.answered(known_questions(scenarios("train")[0]), "") == []


def test_damaged_vectors_name_their_file(tmp_path: Path) -> None:
    broken = tmp_path / "statement_vectors.npz"
    broken.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ConfigurationError, match="statement_vectors"):
        StatementVectors.load(broken)

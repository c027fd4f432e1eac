"""What a text says of each case it names: clauses, aspects, and texts that are mixed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.annotation import (
    Annotation,
    Aspect,
    CaseLink,
    Certainty,
    Sentiment,
    Target,
)
from domain.cases import Case, Litigant, MatchFormula
from domain.posts import Platform
from domain.protocols import Reading
from nlp.aspects import Labelled, per_mention
from nlp.encoder.serving import NeuralAnnotator
from nlp.linking import Linker
from nlp.mentions import clauses_of

GOLD = Path(__file__).parents[1] / "gold"
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


def case(identifier: str, court: str, alias: str, **more: object) -> Case:
    return Case(identifier, alias, court, SINCE, aliases=(alias,), **more)  # type: ignore[arg-type]


CASES = {
    one.id: one
    for one in (
        case("yu", "江澜市青崖县人民法院", "青崖拖行案", litigants=(Litigant("余大山", "被告人"),)),
        case("nursery", "江澜市云岫区人民法院", "云岫幼儿园案"),
        case("river", "江澜市中级人民法院", "白榆河污染案"),
    )
}
LINKER = Linker(CASES.values())


def said(text: str) -> dict[str, str]:
    return clauses_of(text, LINKER.link(text), CASES)


def test_clauses_go_to_the_case_named_last() -> None:
    assert said("青崖拖行案判得公正。点赞！云岫幼儿园案拖了一年，没人管。") == {
        "yu": "青崖拖行案判得公正。点赞！",
        "nursery": "云岫幼儿园案拖了一年，没人管。",
    }


def test_a_court_speaks_for_its_case_and_leading_words_for_the_first_name() -> None:
    assert said(
        "感谢青崖法院，青崖拖行案判得好。呵呵，再看看云岫区法院，云岫幼儿园案不了了之。"
    ) == {
        "yu": "感谢青崖法院，青崖拖行案判得好。呵呵，",
        "nursery": "再看看云岫区法院，云岫幼儿园案不了了之。",
    }


def test_joined_names_share_a_clause_and_others_cut_it() -> None:
    both = "青崖拖行案和云岫幼儿园案都判得公正。"
    assert said(both) == {"yu": both, "nursery": both}
    assert said("青崖拖行案处理得公开透明而云岫幼儿园案遮遮掩掩") == {
        "yu": "青崖拖行案处理得公开透明而",
        "nursery": "云岫幼儿园案遮遮掩掩",
    }


def test_both_the_former_and_the_latter() -> None:
    text = "青崖拖行案开庭了，云岫幼儿园案也开庭了。两个案子都不公开。前者判得轻，后者判得重。"
    assert said(text) == {
        "yu": "青崖拖行案开庭了，两个案子都不公开。前者判得轻，",
        "nursery": "云岫幼儿园案也开庭了。两个案子都不公开。后者判得重。",
    }


def test_courts_of_no_case_are_told_apart_by_place_or_stage() -> None:
    assert said("一审法院颠倒黑白；二审法院主持公道！") == {
        "court:一审": "一审法院颠倒黑白；",
        "court:二审": "二审法院主持公道！",
    }
    assert list(said("望川县人民法院拖，白榆法院快，江澜市中级人民法院也快")) == [
        "court:望川", "court:白榆", "court:江澜中",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "青崖拖行案判得公正，支持青崖法院！",
        "大家都相信法院，质疑法院的人也相信法院",
        "青崖县人民法院和青崖法院是同一家",
        "一审法院、二审法院、望川法院、白榆法院、江澜高院都看过了",
    ],
)
def test_one_case_or_a_list_is_not_cut(text: str) -> None:
    assert said(text) == {}


class Words:
    """Calls praise what holds 公正, blame what holds 不公, and remembers what it read."""

    name = "words"

    def __init__(self) -> None:
        self.read: list[str] = []

    def annotate(self, readings: Sequence[Reading]) -> list[Annotation]:
        self.read += [reading.text for reading in readings]
        return [self._one(reading.text) for reading in readings]

    def _one(self, text: str) -> Annotation:
        mood = Sentiment.NEUTRAL
        if "不公" in text:
            mood = Sentiment.NEGATIVE
        elif "公正" in text:
            mood = Sentiment.POSITIVE
        topics = ("irrelevant",) if "天气" in text else ("fairness_consistency",)
        unsure = ("stance",) if "也许" in text else ()
        return Annotation(Target.COURT, mood, topics, scores={"stance": 0.75}, unsure=unsure)


def told(text: str) -> tuple[Annotation, tuple[CaseLink, ...], Words]:
    annotator = Words()
    whole = annotator.annotate([Reading(text, Platform.WEIBO)])[0]
    annotator.read.clear()
    item = Labelled(text, Platform.WEIBO, whole, LINKER.link(text))
    [(annotation, links)] = per_mention([item], CASES, annotator)
    return annotation, links, annotator


def test_praise_of_one_and_blame_of_another_is_mixed_and_told_per_case() -> None:
    annotation, links, _ = told("青崖拖行案判得公正！云岫幼儿园案也许不公。白榆河污染案今天开庭。")
    assert annotation.stance.certainty is Certainty.MIXED
    assert {link.case_id: link.aspect for link in links} == {
        "yu": Aspect(Target.COURT, Sentiment.POSITIVE, 0.75),
        "nursery": Aspect(Target.COURT, Sentiment.NEGATIVE, 0.75, unsure=True),
        "river": Aspect(Target.COURT, Sentiment.NEUTRAL, 0.75),
    }


def test_a_case_that_is_told_like_the_whole_has_no_aspect() -> None:
    annotation, links, _ = told("青崖拖行案判得不公。云岫幼儿园案今天开庭。")
    assert not annotation.mixed
    assert {link.case_id: link.aspect for link in links} == {
        "yu": None,
        "nursery": Aspect(Target.COURT, Sentiment.NEUTRAL, 0.75),
    }


def test_the_annotator_reads_no_litigants_name_and_nothing_of_a_text_on_one_case() -> None:
    _, _, annotator = told("青崖拖行案余大山判得公正。云岫幼儿园案不公。")
    assert annotator.read == ["青崖拖行案被告人判得公正。", "云岫幼儿园案不公。"]
    assert told("青崖拖行案余大山判得公正。")[2].read == []
    assert told("天气不错，青崖拖行案和云岫幼儿园案")[2].read == []


def test_gold_texts_on_two_cases_keep_their_floors() -> None:
    floors = json.loads((GOLD / "floors.json").read_text(encoding="utf-8"))["mentions"]
    rows = [json.loads(line) for line in (GOLD / "mentions.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) >= 40
    cases = {one.id: one for one in gold_cases()}
    linker, annotator = Linker(cases.values()), NeuralAnnotator.load()
    whole = annotator.annotate([Reading(row["text"], Platform.WEIBO) for row in rows])
    items = [
        Labelled(row["text"], Platform.WEIBO, labels, linker.link(row["text"]))
        for row, labels in zip(rows, whole, strict=True)
    ]
    named = right = by_whole = pairs = found_mixed = wrongly_mixed = 0
    for row, item, (annotation, links) in zip(
        rows, items, per_mention(items, cases, annotator), strict=True
    ):
        named += set(clauses_of(item.text, item.links, cases)) == set(row["said"])
        aspects = {link.case_id: link.aspect or annotation for link in links}
        for case_id, true in row["said"].items():
            if not case_id.startswith("court:"):
                part = aspects[case_id]
                pairs += 1
                right += [part.target, part.sentiment] == true
                by_whole += [annotation.target, annotation.sentiment] == true
        found_mixed += annotation.mixed and row["mixed"]
        wrongly_mixed += annotation.mixed and not row["mixed"]
    truly_mixed = sum(row["mixed"] for row in rows)
    assert named / len(rows) >= floors["subjects"]
    assert right / pairs >= floors["stance_per_case"]
    assert right / pairs >= by_whole / pairs + floors["gain_over_whole_text"]
    assert found_mixed / truly_mixed >= floors["mixed_recall"]
    assert found_mixed / max(found_mixed + wrongly_mixed, 1) >= floors["mixed_precision"]


def gold_cases() -> list[Case]:
    rows = json.loads((GOLD / "linking_cases.json").read_text(encoding="utf-8"))
    return [
        Case(
            row["id"],
            row["title"],
            row["court"],
            SINCE,
            numbers=tuple(row.get("numbers", ())),
            aliases=tuple(row.get("aliases", ())),
            formula=MatchFormula(
                **{name: tuple(words) for name, words in row.get("formula", {}).items()}
            ),
        )
        for row in rows
    ]


PIECES = st.sampled_from(
    [
        "青崖拖行案",
        "云岫幼儿园案",
        "白榆法院",
        "望川县人民法院",
        "一审法院",
        "，",
        "。",
        "和",
        "后者",
        "㈱",
        "拖",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_every_clause_stands_in_the_text(text: str) -> None:
    for clauses in said(text).values():
        assert clauses
        assert set(clauses) <= set(text)
        assert len(clauses) <= len(text)

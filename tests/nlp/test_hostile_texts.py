"""Texts from outside of every bad kind: a valid annotation, never an exception."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.annotation import UNSURE_FIELDS, Annotation, Emotion, Sentiment, Target
from domain.cases import Case
from domain.posts import Platform
from domain.protocols import Annotator, Reading
from nlp.aspects import Labelled, per_mention
from nlp.encoder.serving import NeuralAnnotator
from nlp.linear import LinearAnnotator
from nlp.linking import Linker

ANNOTATORS: dict[str, Annotator] = {
    "linear": LinearAnnotator.load(),
    "neural": NeuralAnnotator.load(),
}
SINCE = datetime(2026, 11, 1, tzinfo=UTC)
CASES = {
    "yu": Case("yu", "青崖拖行案", "江澜市青崖县人民法院", SINCE, aliases=("青崖拖行案",)),
    "park": Case("park", "云岫幼儿园案", "江澜市云岫区人民法院", SINCE, aliases=("云岫幼儿园案",)),
}
LINKER = Linker(CASES.values())
PLAIN = "青崖法院判得太轻了，法官摸摸良心"
LONG = "青崖拖行案判得公正，云岫幼儿园案一拖再拖。" * 5000
BAD = {
    "empty": "",
    "blanks": " \t\n　",
    "emoji": "😡🤬👎🙂‍↔️👨‍👩‍👧‍👦",
    "one sign": "？",
    "100,000 characters": LONG[:100_000],
    "one line of one character": "哈" * 100_000,
    "without an end": "法院" * 50_000,
    "English": "The court never answered our petition and we are still waiting.",
    "Uyghur, Tibetan, Thai": "سوت مەھكىمىسى ཁྲིམས་ཁང་ ศาลยุติธรรม",
    "control characters": "法\x00院\x07\x1b[31m判\x7f决\u0085不\u2028公",
    "zero width": "法\u200b院\u200d判\ufeff决\u2060不公",
    "bidi": "\u202e公不决判院法\u202c",
    "homoglyphs": "ｆａ院 бyл nот ⽅法⼈民法⺞院 Ⅷ ㈱ ﷽",
    "combining": "法" + "\u0301" * 3000 + "院",
    "lone surrogates": "\ud800法院\udfff不公\udc00",
    "beyond the plane": "𠮷野家𪚥𝕏法院𰻝",
    "markup": "<script>alert(1)</script>&#x6cd5;&amp;[doge]{{7*7}}%s%n${x}",
    "numbers": "1" * 20_000,
    "tokenizer signs": "[CLS] [SEP] [PAD] [UNK] [MASK] ##院",
}


def check(said: Annotation) -> None:
    assert isinstance(said.target, Target)
    assert isinstance(said.sentiment, Sentiment)
    assert 1 <= len(said.topics) <= 3
    assert all(0 <= score <= 1 for score in said.scores.values())
    assert set(said.unsure) <= set(UNSURE_FIELDS)
    assert said.emotion is None or isinstance(said.emotion, Emotion)


def annotated(name: str, texts: Sequence[str]) -> list[Annotation]:
    annotator = ANNOTATORS[name]
    whole = annotator.annotate([Reading(text, Platform.WEIBO) for text in texts])
    items = [
        Labelled(text, Platform.WEIBO, labels, LINKER.link(text))
        for text, labels in zip(texts, whole, strict=True)
    ]
    return [annotation for annotation, _ in per_mention(items, CASES, annotator)]


@pytest.mark.parametrize("name", ANNOTATORS)
def test_every_bad_text_gets_a_valid_annotation_and_disturbs_no_other(name: str) -> None:
    texts = [*BAD.values(), PLAIN]
    found = annotated(name, texts)
    assert len(found) == len(texts)
    for annotation in found:
        check(annotation)
    assert found[-1] == annotated(name, [PLAIN])[0]


@pytest.mark.parametrize("name", ANNOTATORS)
@pytest.mark.parametrize("kind", ["empty", "blanks", "emoji", "one sign"])
def test_what_says_nothing_is_no_criticism_of_a_court(name: str, kind: str) -> None:
    [said] = annotated(name, [BAD[kind]])
    assert not said.court_negative


@pytest.mark.parametrize("name", ANNOTATORS)
def test_invisible_signs_do_not_hide_words(name: str) -> None:
    hidden = "\u200b".join(PLAIN)
    [plain, dodged] = annotated(name, [PLAIN, hidden])
    assert (plain.target, plain.sentiment) == (dodged.target, dodged.sentiment)


def test_a_hundred_thousand_characters_on_two_cases_are_read_up_to_a_bound() -> None:
    read: list[str] = []

    class Counting:
        name = "counting"

        def annotate(self, readings: Sequence[Reading]) -> list[Annotation]:
            read.extend(reading.text for reading in readings)
            return [Annotation(Target.COURT, Sentiment.NEUTRAL, ("x",)) for _ in readings]

    whole = Annotation(Target.COURT, Sentiment.NEUTRAL, ("x",))
    item = Labelled(LONG, Platform.WEIBO, whole, LINKER.link(LONG))
    per_mention([item], CASES, Counting())
    assert len(read) == 2
    assert sum(map(len, read)) <= 2100


TEXTS = st.text(st.characters(codec=None, categories=None), max_size=60) | st.lists(
    st.sampled_from(["青崖拖行案", "云岫幼儿园案", "法院", "不公", "\u200b", "\ud800", "😡", "，", "\x00"]),
    max_size=20,
).map("".join)  # fmt: skip


@pytest.mark.parametrize("name", ANNOTATORS)
@given(text=TEXTS)
def test_any_text_gets_a_valid_annotation(name: str, text: str) -> None:
    [said] = annotated(name, [text])
    check(said)

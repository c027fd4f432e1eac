"""Explanations are faithful: without the words named, the label falls; without random ones, less."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.posts import Platform
from domain.protocols import Reading
from nlp.decisions import COURT_NEGATIVE, STANCES
from nlp.encoder.serving import NeuralAnnotator
from nlp.explanation import FIELDS, Scorer, explain, pieces
from nlp.linear import LinearAnnotator

MODEL = LinearAnnotator.load()
SHIPPED = NeuralAnnotator.load(None)
BOTH = pytest.mark.parametrize("model", [SHIPPED, MODEL], ids=lambda model: model.name)
GOLD = Path(__file__).parents[1] / "gold" / "annotation.jsonl"
ANGRY = Reading("云岫区法院的窗口态度恶劣，推诿三次不给立案，太黑了！", Platform.WEIBO)
NAMED = 3


def _without(reading: Reading, spans: list[tuple[int, str]]) -> Reading:
    text = reading.text
    for start, word in sorted(spans, reverse=True):
        text = text[:start] + text[start + len(word) :]
    return Reading(text, reading.platform)


def _court_negative(model: Scorer, reading: Reading) -> float:
    column = STANCES.index(COURT_NEGATIVE)
    return float(model.probabilities([reading]).stance[0, column])


@BOTH
def test_named_words_weigh_more_than_random_ones(model: Scorer) -> None:
    chance = random.Random(2026)
    named_falls, random_falls = [], []
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        reading = Reading(row["text"], Platform(row["source_type"]))
        if not model.annotate([reading])[0].court_negative:
            continue
        words = pieces(reading.text)
        found = explain(model, reading, "court_negative", NAMED)
        named = [(start, word) for start, word, _ in found.words]
        if len(words) < 2 * NAMED or len(named) < NAMED:
            continue
        before = _court_negative(model, reading)
        named_falls.append(before - _court_negative(model, _without(reading, named)))
        other = chance.sample(words, len(named))
        random_falls.append(before - _court_negative(model, _without(reading, other)))
    assert len(named_falls) >= 20
    mean_named = sum(named_falls) / len(named_falls)
    mean_random = sum(random_falls) / len(random_falls)
    assert mean_named >= 0.15, (mean_named, mean_random)
    assert mean_named >= 3 * mean_random, (mean_named, mean_random)


def test_words_that_say_it_twice_are_named_and_those_that_say_nothing_are_not() -> None:
    words = [word for _, word, _ in explain(SHIPPED, ANGRY, "court_negative").words]
    assert {"太黑", "推诿", "态度恶劣"} <= set(words[:5])
    assert not set("的不了给") & set(words)


def test_words_stand_in_the_text_where_they_say() -> None:
    found = explain(MODEL, ANGRY, "court_negative")
    assert found.words
    assert [weight for _, _, weight in found.words] == sorted(
        (weight for _, _, weight in found.words), reverse=True
    )
    for start, word, _ in found.words:
        assert ANGRY.text[start : start + len(word)] == word


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_can_be_explained(field: str) -> None:
    found = explain(MODEL, ANGRY, field)
    assert 0 <= found.score <= 1
    assert found.label
    assert found == explain(MODEL, ANGRY, field)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValueError, match="mood"):
        explain(MODEL, ANGRY, "mood")


def test_of_a_long_text_the_heaviest_clauses_are_read() -> None:
    text = "今天天气很好，我们去了公园散步。" * 60 + "云岫区法院枉法裁判，黑幕重重！"
    found = explain(MODEL, Reading(text[-1400:], Platform.WEIBO), "court_negative", 5)
    assert any(word in "云岫区法院枉法裁判，黑幕重重" for _, word, _ in found.words)


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_explained(text: str) -> None:
    found = explain(MODEL, Reading(text, Platform.WEIBO), "stance")
    assert len(found.words) <= 10
    for start, word, weight in found.words:
        assert text[start : start + len(word)] == word
        assert 0 < weight < float("inf")

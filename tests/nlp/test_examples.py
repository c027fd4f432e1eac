"""The written texts follow the guideline, cover every topic, and the gold ones stay unseen."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from domain.annotation import Sentiment, Target
from nlp import corpus, topics
from nlp.corpus import LabelledText
from nlp.training import read_examples

GOLD = Path(__file__).parents[1] / "gold"
HARD = corpus.read(GOLD / "annotation_hard.jsonl")
PLAIN = corpus.read(GOLD / "annotation.jsonl")

CATALOGUE = frozenset(topics.load())

#: Character-3-gram Jaccard from which two texts are one wording (guideline §4 calls .4 a template).
SAME_WORDING = 0.5


@pytest.mark.parametrize("texts", [read_examples(), HARD], ids=["examples", "hard gold"])
def test_labels_keep_the_rules_of_the_guideline(texts: Sequence[LabelledText]) -> None:
    for text in texts:
        assert set(text.topics) <= CATALOGUE, text.text
        assert len(set(text.topics)) == len(text.topics), text.text
        if not text.relevant:
            assert (text.target, text.demand) == (Target.OTHER, "none"), text.text
        if "case_discussion" in text.topics:
            assert text.topics == ("case_discussion",), text.text
        if "support_praise" in text.topics:
            assert text.target is Target.COURT, text.text


def test_no_topic_is_rare_in_the_examples() -> None:
    counts = Counter(topic for text in read_examples() for topic in text.topics)
    assert {topic: counts[topic] for topic in CATALOGUE if counts[topic] < 50} == {}


def test_the_hard_file_is_hard() -> None:
    at_party = [
        text
        for text in HARD
        if text.target is Target.PARTY and text.sentiment is Sentiment.NEGATIVE
    ]
    counts = Counter(topic for text in HARD for topic in text.topics)
    assert len(HARD) >= 390
    assert len(at_party) >= 50
    assert sum(text.irony for text in HARD) >= 40
    assert sum(not text.relevant for text in HARD) >= 50
    assert min(counts[topic] for topic in CATALOGUE) >= 5


def test_no_gold_text_is_worded_like_an_example() -> None:
    examples = read_examples()
    shared = defaultdict(list)
    for number, text in enumerate(examples):
        for gram in _grams(text.text):
            shared[gram].append(number)
    sizes = [len(_grams(text.text)) for text in examples]
    alike = []
    for gold in [*HARD, *PLAIN]:
        grams = _grams(gold.text)
        common = Counter(number for gram in grams for number in shared.get(gram, ()))
        for number, count in common.items():
            if count / (len(grams) + sizes[number] - count) >= SAME_WORDING:
                alike.append((gold.text, examples[number].text))
    assert alike == []


def _grams(text: str) -> set[str]:
    bare = re.sub(r"[\W_]+", "", text)
    return {bare[at : at + 3] for at in range(max(1, len(bare) - 2))}

"""How far posts are from those the model was made from: false alarms, and changes that are seen."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from domain.annotation import Annotation, Demand, Sentiment, Target
from domain.errors import ConfigurationError
from nlp import drift
from nlp.drift import Change, Reference, compare, reference, unknown_rate

Sample = tuple[list[Annotation], list[str]]
STANCES = [
    (Target.COURT, Sentiment.NEGATIVE, 0.25),
    (Target.COURT, Sentiment.NEUTRAL, 0.2),
    (Target.COURT, Sentiment.POSITIVE, 0.1),
    (Target.PARTY, Sentiment.NEGATIVE, 0.15),
    (Target.EVENT, Sentiment.NEUTRAL, 0.3),
]


def sample(chance: random.Random, count: int, weights: Sequence[float] | None = None) -> Sample:
    shares = weights or [share for _, _, share in STANCES]
    annotations = []
    for target, sentiment, _ in chance.choices(STANCES, shares, k=count):
        score = min(chance.betavariate(5, 2), 0.9999)
        annotations.append(
            Annotation(
                target,
                sentiment,
                (chance.choice(("trial_delay", "enforcement_difficulty", "court_work")),),
                chance.choices((Demand.NONE, Demand.CONSULT, Demand.DISCLOSE), (8, 1, 1))[0],
                chance.random() < 0.1,
                {"stance": score},
                unsure=("stance",) if score < 0.5 else (),
            )
        )
    texts = ["开庭" + chance.choice(("了", "吗", "啊")) for _ in range(count)]
    return annotations, texts


KNOWN = reference(*sample(random.Random(1), 3000), model="m")


@pytest.mark.parametrize("count", [50, 200, 1000])
def test_unchanged_weeks_raise_few_false_alarms(count: int) -> None:
    chance = random.Random(count)
    weeks = 20_000 // (count + 150)
    alarms = sum(
        any(one.change is not Change.NONE for one in compare(KNOWN, *sample(chance, count)))
        for _ in range(weeks)
    )
    assert alarms <= 0.05 * weeks


def test_a_changed_distribution_is_named_and_the_others_are_not() -> None:
    angrier = sample(random.Random(2), 500, [0.6, 0.1, 0.05, 0.1, 0.15])
    changes = {one.field: one.change for one in compare(KNOWN, *angrier)}
    assert changes.pop("stance") is Change.MUCH
    assert set(changes.values()) == {Change.NONE}


def test_lower_scores_and_strange_characters_are_seen() -> None:
    annotations, texts = sample(random.Random(3), 500)
    doubtful = [replace(one, scores={"stance": 0.4}, unsure=("stance",)) for one in annotations]
    strange = [text + "𠮷" for text in texts]
    changes = {one.field: one.change for one in compare(KNOWN, doubtful, strange)}
    assert {field for field, change in changes.items() if change is Change.MUCH} == {
        "scores", "unsure", "characters",
    }  # fmt: skip
    assert unknown_rate(strange, KNOWN.characters) == pytest.approx(1 / 4)
    assert unknown_rate([], KNOWN.characters) == 0


def test_few_posts_are_not_judged() -> None:
    assert compare(KNOWN, *sample(random.Random(4), drift.LEAST_POSTS - 1)) == []


def test_a_reference_is_kept_and_a_damaged_one_names_its_file(tmp_path: Path) -> None:
    path = tmp_path / "m.drift.json"
    KNOWN.save(path)
    assert Reference.load(path) == KNOWN
    for damage in ("", "[]", '{"format": 9}', path.read_text(encoding="utf-8")[:200]):
        path.write_text(damage, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=r"m\.drift\.json"):
            Reference.load(path)
    with pytest.raises(ConfigurationError, match="gone"):
        Reference.load(tmp_path / "gone")

"""Labelled pairs: copies in every disguise, templates, paraphrases, short and same-topic posts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bench.near_duplicates import gold, our_templates, ours, quality

FLOORS = Path(__file__).resolve().parent.parent / "gold" / "floors.json"


@pytest.mark.parametrize("name", ["near_duplicates", "near_duplicates_blind"])
def test_quality_stays_above_its_floors(name: str) -> None:
    pairs = gold(f"{name}.jsonl")
    found = quality(pairs, ours(pairs))
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))[name]
    assert found.precision >= floors["precision"]
    assert found.recall >= floors["recall"]


def test_templates_stay_above_their_floors() -> None:
    pairs = gold("near_duplicates_blind.jsonl")
    found = quality(pairs, our_templates(pairs), lambda pair: pair.template)
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))["near_duplicates_blind_templates"]
    assert found.precision >= floors["precision"]
    assert found.recall >= floors["recall"]


def test_the_blind_pairs_are_many_and_of_three_sorts() -> None:
    pairs = gold("near_duplicates_blind.jsonl")
    assert len({(pair.a, pair.b) for pair in pairs}) == len(pairs) >= 150
    assert sum(pair.copy for pair in pairs) >= 60
    assert sum(pair.template for pair in pairs) >= 30
    assert not any(pair.copy and pair.template for pair in pairs)


def test_the_pairs_are_many_and_of_every_kind() -> None:
    pairs = gold()
    kinds = Counter(pair.kind for pair in pairs)
    assert len(pairs) >= 300
    assert len({(pair.a, pair.b) for pair in pairs}) == len(pairs)
    assert min(kinds.values()) >= 15
    assert len(kinds) >= 10

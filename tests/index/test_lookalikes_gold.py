"""Labelled pairs: copies in every disguise, templates, paraphrases, short and same-topic posts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from bench.near_duplicates import gold, ours, quality

FLOORS = Path(__file__).resolve().parent.parent / "gold" / "floors.json"


def test_quality_stays_above_its_floors() -> None:
    pairs = gold()
    found = quality(pairs, ours(pairs))
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))["near_duplicates"]
    assert found.precision >= floors["precision"]
    assert found.recall >= floors["recall"]


def test_the_pairs_are_many_and_of_every_kind() -> None:
    pairs = gold()
    kinds = Counter(pair.kind for pair in pairs)
    assert len(pairs) >= 300
    assert len({(pair.a, pair.b) for pair in pairs}) == len(pairs)
    assert min(kinds.values()) >= 15
    assert len(kinds) >= 10

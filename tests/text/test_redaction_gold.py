"""Redaction on hand-labelled fictional texts: no identifier may stay, little else may go.

A line of ``gold/redaction.jsonl`` marks what must go as ⟦kind|as it stands⟧; those of
``redaction_blind.jsonl`` and ``redaction_blind2.jsonl`` were marked without sight of the rules.
Floors only rise.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bench.redaction import Text, names, strict, texts
from text.redaction import PLACEHOLDERS, redact

GOLD = Path(__file__).parent.parent / "gold"
#: File of texts, file of litigants' names: keys of the floors.
SETS = ["redaction", "redaction_blind", "redaction_blind2"]
NAMES = ["redaction_names", "redaction_names_blind"]


@cache
def examples(name: str) -> tuple[Text, ...]:
    return tuple(texts(f"{name}.jsonl"))


@cache
def scores(name: str) -> dict[str, Counter[str]]:
    return strict(examples(name))[0]


def floors(name: str) -> dict[str, dict[str, float]]:
    read: dict[str, dict[str, dict[str, float]]] = json.loads((GOLD / "floors.json").read_text())
    return read[name]


@pytest.mark.parametrize(
    ("name", "most", "of_a_kind", "bare"),
    [
        ("redaction", 400, 4, 160),
        ("redaction_blind", 200, 10, 60),
        ("redaction_blind2", 200, 10, 60),
    ],
)
def test_the_sets_are_large_and_cover_every_kind(
    name: str, most: int, of_a_kind: int, bare: int
) -> None:
    assert len(examples(name)) >= most
    kinds = Counter(kind for example in examples(name) for _, _, kind in example.expected)
    assert set(kinds) == set(PLACEHOLDERS)
    assert min(kinds.values()) >= of_a_kind
    assert sum(not example.expected for example in examples(name)) >= bare


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("kind", PLACEHOLDERS)
def test_precision_and_recall_hold_their_floors(name: str, kind: str) -> None:
    floor, score = floors(name)[kind], scores(name)[kind]
    labelled, claimed = score["right"] + score["missed"], score["right"] + score["wrong"]
    assert score["right"] / labelled >= floor["recall"]
    assert score["right"] / claimed >= floor["precision"]


@pytest.mark.parametrize("name", SETS)
def test_redacting_twice_is_redacting_once(name: str) -> None:
    for example in examples(name):
        once = redact(example.text, minors=example.minors)
        assert redact(once.text, minors=example.minors) == type(once)(once.text, {})


@pytest.mark.parametrize("name", ["redaction", "redaction_blind"])
def test_every_text_loses_each_kind_it_is_marked_with(name: str) -> None:
    """Of the sets whose every find counts; the later one, with misses, is held by its floors."""
    for example in examples(name):
        kinds = {kind for _, _, kind in example.expected}
        assert kinds <= set(redact(example.text, minors=example.minors).counts), example.text


@pytest.mark.parametrize("name", NAMES)
def test_names_of_litigants_hold_their_floors(name: str) -> None:
    """By `bench.redaction`: an occurrence is right when the role stands where the name stood."""
    floor = json.loads((GOLD / "floors.json").read_text("utf-8"))[name]
    counts, _ = names(f"{name}.jsonl")
    assert counts["right"] + counts["missed"] >= 25
    assert counts["right"] / (counts["right"] + counts["missed"]) >= floor["recall"]
    assert counts["right"] / (counts["right"] + counts["wrong"]) >= floor["precision"]

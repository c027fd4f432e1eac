"""Redaction on hand-labelled fictional texts: no identifier may stay, little else may go.

A line of ``gold/redaction.jsonl`` marks what must go as ⟦kind|as it stands⟧. Floors only rise.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from bench.redaction import names
from text.redaction import PLACEHOLDERS, Mark, marks, redact

GOLD = Path(__file__).parent.parent / "gold"
_MARKED = re.compile(r"⟦(\w+)\|([^⟧]+)⟧")
#: Characters beside an address or a child's detail that may go with it, e.g. a word before a road.
_SLACK = {"address": 4, "minor": 4}


@dataclass(frozen=True)
class Example:
    text: str
    expected: tuple[Mark, ...]
    minors: bool


def read(line: str) -> Example:
    record = json.loads(line)
    pieces: list[str] = []
    expected: list[Mark] = []
    position = length = 0
    for match in _MARKED.finditer(record["text"]):
        pieces.append(record["text"][position : match.start()])
        length += len(pieces[-1])
        expected.append(Mark(length, length + len(match[2]), match[1]))
        pieces.append(match[2])
        length += len(match[2])
        position = match.end()
    pieces.append(record["text"][position:])
    return Example("".join(pieces), tuple(expected), record.get("minors", False))


@cache
def examples() -> tuple[Example, ...]:
    lines = (GOLD / "redaction.jsonl").read_text("utf-8").splitlines()
    return tuple(read(line) for line in lines)


def same(gold: Mark, found: Mark) -> bool:
    """Found covers gold, and hardly more."""
    slack = _SLACK.get(gold.kind, 0)
    return (
        gold.kind == found.kind
        and found.start <= gold.start
        and found.end >= gold.end
        and (found.end - found.start) - (gold.end - gold.start) <= slack
    )


def tally() -> dict[str, Counter[str]]:
    scores = {kind: Counter[str]() for kind in PLACEHOLDERS}
    for example in examples():
        found = marks(example.text, minors=example.minors)
        for gold in example.expected:
            scores[gold.kind]["right" if any(same(gold, mark) for mark in found) else "missed"] += 1
        for mark in found:
            if not any(same(gold, mark) for gold in example.expected):
                scores[mark.kind]["wrong"] += 1
    return scores


def test_the_set_is_large_and_covers_every_kind() -> None:
    assert len(examples()) >= 400
    kinds = Counter(mark.kind for example in examples() for mark in example.expected)
    assert set(kinds) == set(PLACEHOLDERS)
    assert min(kinds.values()) >= 4
    assert sum(not example.expected for example in examples()) >= 160


@pytest.mark.parametrize("kind", PLACEHOLDERS)
def test_precision_and_recall_hold_their_floors(kind: str) -> None:
    floors = json.loads((GOLD / "floors.json").read_text("utf-8"))["redaction"][kind]
    score = tally()[kind]
    labelled, claimed = score["right"] + score["missed"], score["right"] + score["wrong"]
    assert score["right"] / labelled >= floors["recall"]
    assert score["right"] / claimed >= floors["precision"]


def test_redacting_twice_is_redacting_once() -> None:
    for example in examples():
        once = redact(example.text, minors=example.minors)
        assert redact(once.text, minors=example.minors) == type(once)(once.text, {})
        kinds = {mark.kind for mark in example.expected}
        assert kinds <= set(once.counts), example.text


def test_names_of_litigants_hold_their_floors() -> None:
    """By `bench.redaction`: an occurrence is right when the role stands where the name stood."""
    floors = json.loads((GOLD / "floors.json").read_text("utf-8"))["redaction_names"]
    counts, _ = names()
    assert counts["right"] + counts["missed"] >= 30
    assert counts["right"] / (counts["right"] + counts["missed"]) >= floors["recall"]
    assert counts["right"] / (counts["right"] + counts["wrong"]) >= floors["precision"]

"""Underlining the words that drove a label, without trusting the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Longer texts are cut in lists; the whole stands behind “全文”.
EXCERPT = 220


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; templates escape it and underline it when `marked`."""

    text: str
    marked: bool = False


def pieces(text: str, spans: Sequence[str]) -> list[Piece]:
    """`text` cut at every occurrence of `spans` (verbatim); overlapping ones become one run."""
    marked = [False] * len(text)
    for span in spans:
        start = text.find(span) if span else -1
        while start >= 0:
            marked[start : start + len(span)] = [True] * len(span)
            start = text.find(span, start + len(span))
    result: list[Piece] = []
    start = 0
    for position in range(1, len(text) + 1):
        if position == len(text) or marked[position] != marked[start]:
            result.append(Piece(text[start:position], marked[start]))
            start = position
    return result


def cut(parts: Sequence[Piece], length: int = EXCERPT) -> tuple[list[Piece], list[Piece]]:
    """`parts` before and after the character `length`."""
    head: list[Piece] = []
    tail: list[Piece] = []
    room = length
    for part in parts:
        if room > 0:
            head.append(Piece(part.text[:room], part.marked))
        if len(part.text) > room:
            tail.append(Piece(part.text[max(room, 0) :], part.marked))
        room -= len(part.text)
    return head, tail

"""How the words of cases are written, compared and found in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

_SURROGATE = re.compile("[\ud800-\udfff]")
_LATIN = re.compile(r"[0-9a-z]")
#: A word that begins or ends with one.
_EDGE = re.compile(r"^[0-9a-z]|[0-9a-z]$")
#: What people write for the 某 of a masked name.
_MASKS = ("x", "×", "*", "**", "○", "〇")
_MASKED = re.compile("某+")


class Hit(NamedTuple):
    """A word found in a folded text."""

    word: str
    start: int
    end: int


class Words:
    """All words of a registry in one Aho-Corasick automaton.

    Args:
        words: folded.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(set(words))
        self._has_edge = [bool(_EDGE.search(word)) for word in self._words]
        self._automaton = AhoCorasick(self._words, matchkind=MatchKind.Standard)

    def find(self, folded: str) -> list[Hit]:
        """Every hit in a folded text, overlapping ones too."""
        words, has_edge = self._words, self._has_edge
        return [
            Hit(words[word], start, end)
            for word, start, end in self._automaton.find_matches_as_indexes(
                folded, overlapping=True
            )
            if not has_edge[word] or _stands_alone(folded, words[word], start, end)
        ]


def fold(text: str) -> str:
    """The form in which words are compared: NFKC (full width to half width), lower case, trimmed."""
    # A lone surrogate matches nothing, and the automaton can't read it.
    return _SURROGATE.sub("\ufffd", unicodedata.normalize("NFKC", text)).lower().strip()


def written(folded: str) -> list[str]:
    """A word and the ways to write the 某 in it; 某某 is one mask."""
    if "某" not in folded:
        return [folded]
    return [folded, *(_MASKED.sub(mask, folded) for mask in _MASKS)]


def longest(hits: Iterable[Hit]) -> Sequence[Hit]:
    """Drop hits inside a longer one: in 云岫区工地坍塌案, the namesake 工地坍塌案 is not meant."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.end > kept[-1].end:
            kept.append(hit)
    return kept


def _stands_alone(folded: str, word: str, start: int, end: int) -> bool:
    """Latin letters and digits at a word's edge must not go on outside: `ab案` is not in `cab案`."""
    before = folded[start - 1 : start] if start else ""
    after = folded[end : end + 1]
    cut_left = _LATIN.match(word[0]) and _LATIN.match(before)
    cut_right = _LATIN.match(word[-1]) and _LATIN.match(after)
    return not cut_left and not cut_right

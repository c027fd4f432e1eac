"""How the words of cases are written, compared and found in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from text.simplified import simplified

_SURROGATE = re.compile("[\ud800-\udfff]")
_LATIN = re.compile(r"[0-9a-z]")
#: A word that begins or ends with one.
_EDGE = re.compile(r"^[0-9a-z]|[0-9a-z]$")
#: What people write for the 某 of a masked name.
_MASKS = ("x", "xx", "×", "××", "*", "**", "○", "○○", "〇")
_MASKED = re.compile("某+")
#: A masked name, its surname apart: 何某, 何某明.
_MASKED_NAME = re.compile(r"([^\W\d_a-z某]{1,2})某+([^\W\d_a-z某]?)")
#: Tells apart those who have one surname in one case: 任某甲 is not 任某某.
_NUMBERED = "甲乙丙丁戊己庚辛"
#: Surnames with which 小 makes an everyday word: 小时, 小区.
_NO_NICKNAME = "时学区说麦米康车孔"


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
    """The form in which words are compared.

    NFKC (full width to half width), lower case, simplified characters, trimmed.
    """
    # A lone surrogate matches nothing, and the automaton can't read it.
    plain = _SURROGATE.sub("\ufffd", unicodedata.normalize("NFKC", text)).lower().strip()
    return simplified(plain)


def written(folded: str) -> list[str]:
    """A word and the ways to write the 某 in it; 某某 is one mask."""
    if "某" not in folded:
        return [folded]
    return [folded, *(_MASKED.sub(mask, folded) for mask in _MASKS)]


def called(folded: str) -> list[str]:
    """A person's name and how people write a masked one.

    何某明 is also 何某某, 小何 and 姓何的; 任某甲 is not 任某某.
    """
    forms = written(folded)
    masked = _MASKED_NAME.fullmatch(folded)
    if masked is None or (masked[2] and masked[2] in _NUMBERED):
        return forms
    surname = masked[1]
    if masked[2]:
        forms += written(f"{surname}某某")
    if surname not in _NO_NICKNAME:
        forms.append(f"小{surname}")
    return [*forms, f"姓{surname}的"]


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

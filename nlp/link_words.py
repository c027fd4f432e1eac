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
#: Offences as lawyers and reporters shorten them, and in full.
_SHORTENED = (
    ("拒执", "拒不执行"),
    ("帮信", "帮助信息网络犯罪"),
    ("掩隐", "掩饰、隐瞒犯罪所得"),
    ("非吸", "非法吸收公众存款"),
    ("危驾", "危险驾驶"),
)
#: A number below a hundred before a word: 28万, 11岁.
_SMALL = re.compile(r"(?<![\d.])[1-9]\d?(?=[\u4e00-\u9fff])")
_DIGITS = "零一二三四五六七八九"
#: 28w is 28万.
_TEN_THOUSAND = re.compile(r"(?<=\d)w(?![0-9a-z])")
#: A court's full name: the city it may stand under, its place, the place's rank, its own.
_COURT = re.compile(r"(?:.{2,4}市)?(?![中高]级)(.{2,4}?)([省区县市旗]?)((?:中级|高级)?人民法院)")
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
    if "w" in plain:
        plain = _TEN_THOUSAND.sub("万", plain)
    return simplified(plain)


def written(folded: str) -> list[str]:
    """A word and the ways to write it: its 某 (某某 is one mask), its numbers, its offence."""
    forms = [folded]
    if "某" in folded:
        forms += [_MASKED.sub(mask, folded) for mask in _MASKS]
    if _SMALL.search(folded):
        forms += [_SMALL.sub(_in_words, form) for form in forms]
    for short, full in _SHORTENED:
        if full in folded:
            forms += [form.replace(full, short) for form in forms]
        elif short in folded:
            forms += [form.replace(short, full) for form in forms]
    return forms


def court_names(court: str) -> list[str]:
    """How people say a court's name: 云岫法院 and 云岫区法院 for 江澜市云岫区人民法院.

    The rank stays the court's own, because 某县 and 某市 have a court each. The full name is not
    among them: the court's own notices bear it, whatever they are about, and whoever wants them
    registers it.
    """
    found = _COURT.fullmatch(fold(court))
    if found is None:
        return []
    place, rank, kind = found.groups()
    short = {"中级人民法院": "中院", "高级人民法院": "高院", "人民法院": "法院"}[kind]
    return [f"{place}{short}", f"{place}{rank}{short}"]


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


def _in_words(number: re.Match[str]) -> str:
    """28 as 二十八."""
    tens, ones = divmod(int(number[0]), 10)
    ten = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return ten + (_DIGITS[ones] if ones else "")


def _stands_alone(folded: str, word: str, start: int, end: int) -> bool:
    """Latin letters and digits at a word's edge must not go on outside: `ab案` is not in `cab案`."""
    before = folded[start - 1 : start] if start else ""
    after = folded[end : end + 1]
    cut_left = _LATIN.match(word[0]) and _LATIN.match(before)
    cut_right = _LATIN.match(word[-1]) and _LATIN.match(after)
    return not cut_left and not cut_right

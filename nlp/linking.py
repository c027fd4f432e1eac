"""Which watched cases a text is about, and why.

All words of all cases stand in one Aho-Corasick automaton, so a text is read once however many
cases there are; a formula is looked at only when a word of its rarest group was hit.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from domain.annotation import CaseLink
from domain.cases import Case
from domain.errors import BadInput, ConfigurationError
from nlp.link_context import Places, is_elsewhere, is_no_matter
from text import case_numbers

#: Shorter names occur in strangers' posts; such a name belongs into a formula.
SHORTEST_ALIAS = 3
#: A ruling's suffix: 号之一 belongs to the same case as 号.
_SUFFIX = re.compile(r"(?<=号)之.+$")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LATIN = re.compile(r"[0-9a-z]")
#: What people write for the 某 of a masked name.
_MASKS = ("x", "×", "*", "**", "○", "〇")
_MASKED = re.compile("某+")
_NUMBER_END = re.compile(r"号(?:之.+)?$")


@dataclass(frozen=True, slots=True)
class _Hit:
    word: str
    start: int
    end: int


class Linker:
    """Links texts to the cases that are not archived; see `domain.protocols.CaseLinker`.

    The reason is the strongest that holds: a case number, else an alias, else the formula (one
    hit in every group that isn't empty). A hit in the formula's `excludes` forbids alias and
    formula, never a number; so do signs that another place or an offer is meant
    (`nlp.link_context`). A masked number links nothing. Matching is on NFKC, lower case; 余×案 and
    余**案 are read as 余某案, and a number may lack its 号.

    Raises:
        ConfigurationError: see `check`.
    """

    def __init__(self, cases: Iterable[Case]) -> None:
        self._cases = [case for case in cases if case.archived_at is None]
        self._by_number: dict[str, list[int]] = defaultdict(list)
        self._by_short_number: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._by_alias: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._by_trigger: dict[str, list[int]] = defaultdict(list)
        for position, case in enumerate(self._cases):
            check(case)
            for number in case.numbers:
                self._by_number[_number_key(number)].append(position)
                for written in _without_end(number):
                    self._by_short_number[written].append((position, number))
            for alias in case.aliases:
                for written in _written(fold(alias)):
                    self._by_alias[written].append((position, alias))
        self._places = Places(self._cases)
        self._groups = [
            [
                {written: word for word in reversed(group) for written in _written(fold(word))}
                for group in case.formula.groups
            ]
            for case in self._cases
        ]
        self._excludes = [
            frozenset(fold(word) for word in case.formula.excludes) for case in self._cases
        ]
        self._set_triggers()
        self._words = sorted(self._all_words())
        self._automaton = AhoCorasick(self._words, matchkind=MatchKind.Standard)

    def link(self, text: str) -> tuple[CaseLink, ...]:
        """The cases `text` is about, in the order the cases were given; each at most once."""
        folded = fold(text)
        hits = self._hits(folded)
        words = {hit.word for hit in hits}
        links = self._number_links(text, words)
        for position, matched in self._alias_matches(folded, hits).items():
            if position not in links and not words & self._excludes[position]:
                links[position] = CaseLink(self._cases[position].id, "alias", matched)
        no_matter: bool | None = None
        for position in self._candidates(words):
            matched = self._formula_match(position, words)
            if matched and no_matter is None:
                no_matter = is_no_matter(folded)
            if matched and (no_matter or is_elsewhere(folded, map(fold, matched))):
                continue
            if position not in links and matched and not words & self._excludes[position]:
                links[position] = CaseLink(self._cases[position].id, "formula", matched)
        return tuple(links[position] for position in sorted(links))

    def _all_words(self) -> set[str]:
        words = {*self._by_alias, *self._by_short_number}
        for groups, excludes in zip(self._groups, self._excludes, strict=True):
            words.update(excludes, *groups)
        return words

    def _set_triggers(self) -> None:
        # Region words are shared by most cases of a court; a person's name is not. Looking up
        # candidates by the rarest group keeps 1,000 cases about as fast as 200.
        owners = Counter(word for groups in self._groups for group in groups for word in group)
        for position, groups in enumerate(self._groups):
            if groups:
                trigger = min(groups, key=lambda group: max(owners[word] for word in group))
                for word in dict.fromkeys(trigger):
                    self._by_trigger[word].append(position)

    def _hits(self, folded: str) -> list[_Hit]:
        found = self._automaton.find_matches_as_indexes(folded, overlapping=True)
        hits = (_Hit(self._words[word], start, end) for word, start, end in found)
        return [hit for hit in hits if _stands_alone(folded, hit)]

    def _number_links(self, text: str, words: set[str]) -> dict[int, CaseLink]:
        matched: dict[int, list[str]] = defaultdict(list)
        for word in sorted(words & self._by_short_number.keys()):
            for position, number in self._by_short_number[word]:
                matched[position] += [] if number in matched[position] else [number]
        for found in case_numbers.find(text):
            if found.masked:
                continue
            key = _SUFFIX.sub("", found.normal)
            for position in self._by_number.get(key, ()):
                matched[position] += [
                    number
                    for number in self._cases[position].numbers
                    if _number_key(number) == key and number not in matched[position]
                ]
        return {
            position: CaseLink(self._cases[position].id, "number", tuple(numbers))
            for position, numbers in matched.items()
        }

    def _alias_matches(self, folded: str, hits: Sequence[_Hit]) -> dict[int, tuple[str, ...]]:
        named: dict[int, set[str]] = defaultdict(set)
        for hit in _longest(hit for hit in hits if hit.word in self._by_alias):
            for position, alias in self._by_alias[hit.word]:
                if not self._places.named_elsewhere(position, folded, hit.start, hit.word):
                    named[position].add(alias)
        return {
            position: tuple(a for a in self._cases[position].aliases if a in named[position])
            for position in sorted(named)
        }

    def _candidates(self, words: set[str]) -> list[int]:
        return sorted({p for word in words for p in self._by_trigger.get(word, ())})

    def _formula_match(self, position: int, words: set[str]) -> tuple[str, ...]:
        """The first word hit in each group, as the registry writes it; empty if a group has none."""
        matched = []
        for written in self._groups[position]:
            found = {written[word] for word in written.keys() & words}
            matched.append(min(found, key=list(written.values()).index) if found else "")
        return tuple(matched) if all(matched) else ()


def check(case: Case) -> None:
    """Refuse a case that would link strangers' posts, or that can't be matched as it is written.

    Raises:
        ConfigurationError: a formula with one group only, a blank word, an alias under three
            characters, or a number that is masked or no case number.
    """
    if len(case.formula.groups) == 1:
        raise _wrong(case, "its formula has one group only", "fill a second group or empty it")
    if case.formula.excludes and not case.formula.groups and not case.aliases:
        raise _wrong(case, "it excludes words but has none to match", "add an alias or a formula")
    for word in (*case.formula.excludes, *(w for g in case.formula.groups for w in g)):
        if not fold(word):
            raise _wrong(case, "a word of its formula is blank", "delete the empty entry")
    for alias in case.aliases:
        if len(fold(alias)) < SHORTEST_ALIAS:
            raise _wrong(
                case,
                f"an alias has fewer than {SHORTEST_ALIAS} characters",
                "put short names into the formula, where a second word must occur too",
            )
    for number in case.numbers:
        _check_number(case, number)


def fold(text: str) -> str:
    """The form in which words are compared: NFKC (full width to half width), lower case, trimmed."""
    # A lone surrogate matches nothing, and the automaton can't read it.
    return _SURROGATE.sub("\ufffd", unicodedata.normalize("NFKC", text)).lower().strip()


def _written(folded: str) -> list[str]:
    """A word and the ways to write the 某 in it; 某某 is one mask."""
    if "某" not in folded:
        return [folded]
    return [folded, *(_MASKED.sub(mask, folded) for mask in _MASKS)]


def _without_end(number: str) -> list[str]:
    """A case number without its 号, with and without brackets about the year, folded."""
    short = _NUMBER_END.sub("", fold(_number_key(number)))
    return [short, short.replace("(", "").replace(")", "")]


def _check_number(case: Case, number: str) -> None:
    try:
        found = case_numbers.find(case_numbers.normalise(number))
    except BadInput as error:
        raise _wrong(
            case, "a case number is not well formed", "write it like （2024）省01民终1号"
        ) from error
    if any(one.masked for one in found):
        raise _wrong(case, "a case number is masked", "give the whole number or leave it out")


def _number_key(number: str) -> str:
    return _SUFFIX.sub("", case_numbers.normalise(number))


def _stands_alone(folded: str, hit: _Hit) -> bool:
    """Latin letters and digits at a word's edge must not go on outside: `ab案` is not in `cab案`."""
    before = folded[hit.start - 1 : hit.start] if hit.start else ""
    after = folded[hit.end : hit.end + 1]
    cut_left = _LATIN.match(hit.word[0]) and _LATIN.match(before)
    cut_right = _LATIN.match(hit.word[-1]) and _LATIN.match(after)
    return not cut_left and not cut_right


def _longest(hits: Iterable[_Hit]) -> list[_Hit]:
    """Drop hits inside a longer one: in 云岫区工地坍塌案, the namesake 工地坍塌案 is not meant."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.end > kept[-1].end:
            kept.append(hit)
    return kept


def _wrong(case: Case, problem: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(f"case {case.id}: {problem}", remedy=remedy, where="case registry")

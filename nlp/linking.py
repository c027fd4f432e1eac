"""Which watched cases a text is about, and why.

All words of all cases stand in one Aho-Corasick automaton, so a text is read once however many
cases there are. What the words are said of is judged by `nlp.link_context` (denied, compared,
offered, invented), `nlp.link_places` (another place or court) and `nlp.link_formula`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from domain.annotation import CaseLink
from domain.cases import Case
from domain.errors import BadInput, ConfigurationError
from nlp.link_context import is_told_apart, sentence_around
from nlp.link_formula import Formulas, Passage
from nlp.link_places import Places, is_unnamed_elsewhere
from nlp.link_words import Hit, Words, fold, longest, written
from text import case_numbers

__all__ = ["SHORTEST_ALIAS", "Linker", "check", "fold"]

#: Shorter names occur in strangers' posts; such a name belongs into a formula.
SHORTEST_ALIAS = 3
#: A ruling's suffix: 号之一 belongs to the same case as 号.
_SUFFIX = re.compile(r"(?<=号)之.+$")
_NUMBER_END = re.compile(r"号(?:之.+)?$")
_YEAR = re.compile(r"^\(\d{4}\)")
#: Before a number that lacks its year, nothing of a year or a mask may stand; after it, no mask.
_HAS_YEAR = re.compile(r"[\d)年度×x*某○〇]\s*$")
_GOES_ON = re.compile(r"[×*某○〇]")
#: After a name without its 案: 何某明上诉一案 is 何某明案, and so is 何某明这个案子.
_ONE_CASE = re.compile(
    r"(?:[一二再]审|上诉|抗诉|申诉|申请执行|执行|重审)?一案(?!一)|(?:[这那][个件起桩]|的)案[子件]"
)
#: After 案: it belongs to another word, 案板, 案桌.
_OTHER_WORD = re.compile(r"[板桌]")


class Linker:
    """Links texts to the cases that are not archived; see `domain.protocols.CaseLinker`.

    The reason is the strongest that holds: a case number, else an alias, else the formula (one
    hit in every group that isn't empty, near each other, in a text on a dispute, a harm or a
    grievance; a litigant's name may stand for one group, the region apart, where the text speaks
    of courts and names the case's place; beside the matter's own name, a court's work may stand for
    the events, `nlp.link_names`). A hit in the formula's `excludes` forbids alias and
    formula, never a number; so do signs that the words are denied, compared with, offered or
    invented (`nlp.link_context`) or said of another place or court (`nlp.link_places`). A masked
    number links nothing; one may lack its 号, and its year if no other case has the rest of it.
    Matching is on NFKC, lower case, simplified characters; 余×案, 余**案 and 余某一案 are read as
    余某案, and a masked person may be 小余 or 姓余的 (`nlp.link_words.called`).

    Args:
        only: ids of the cases to link to; the others are known only by their names and places.

    Raises:
        ConfigurationError: see `check`.
    """

    def __init__(self, cases: Iterable[Case], *, only: Collection[str] | None = None) -> None:
        self._only = only
        self._cases = [case for case in cases if case.archived_at is None]
        self._by_number: dict[str, list[int]] = defaultdict(list)
        self._by_short_number: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._by_yearless: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._by_alias: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for position, case in enumerate(self._cases):
            check(case)
            for number in case.numbers:
                self._by_number[_number_key(number)].append(position)
                for short in (shorts := _without_end(number)):
                    self._by_short_number[short].append((position, number))
                self._by_yearless[_YEAR.sub("", shorts[0])].append((position, number))
            for alias in case.aliases:
                for form in written(fold(alias)):
                    self._by_alias[form].append((position, alias))
        self._named_without = {
            alias.removesuffix("案"): alias for alias in self._by_alias if alias.endswith("案")
        }
        self._places = Places(self._cases)
        self._formulas = Formulas(self._cases)
        self._excludes = [
            frozenset(fold(word) for word in case.formula.excludes) for case in self._cases
        ]
        self._words = Words(
            (
                *self._by_alias,
                *self._named_without,
                *self._by_short_number,
                *self._by_yearless,
                *self._formulas.words(),
                *(word for excludes in self._excludes for word in excludes),
            )
        )

    def link(self, text: str) -> tuple[CaseLink, ...]:
        """The cases `text` is about, in the order the cases were given; each at most once."""
        folded = fold(text)
        hits = self._words.find(folded)
        hits += self._one_case(folded, hits)
        words = {hit.word for hit in hits}
        links = self._number_links(text, words, self._yearless(folded, hits))
        if not words:
            return self._asked(links)
        passage = Passage(folded, hits, self._places)
        if not words.isdisjoint(self._by_alias):
            for position, matched in self._alias_matches(passage).items():
                if position not in links and words.isdisjoint(self._excludes[position]):
                    links[position] = CaseLink(self._cases[position].id, "alias", matched)
        for position in self._formulas.candidates(words):
            if position in links or not words.isdisjoint(self._excludes[position]):
                continue
            matched = self._formulas.match(position, passage)
            if matched:
                links[position] = CaseLink(self._cases[position].id, "formula", matched)
        return self._asked(links)

    def _asked(self, links: Mapping[int, CaseLink]) -> tuple[CaseLink, ...]:
        found = (links[position] for position in sorted(links))
        return tuple(link for link in found if self._only is None or link.case_id in self._only)

    def _one_case(self, folded: str, hits: Sequence[Hit]) -> list[Hit]:
        """Aliases written with 一案, and with the stage before it."""
        return [
            Hit(self._named_without[hit.word], hit.start, end.end())
            for hit in hits
            if hit.word in self._named_without and (end := _ONE_CASE.match(folded, hit.end))
        ]

    def _yearless(self, folded: str, hits: Sequence[Hit]) -> list[tuple[int, str]]:
        """Numbers written without their year, where one case only has such a number.

        They come again every year, so in a registry that has two of them they name none.
        """
        return [
            self._by_yearless[hit.word][0]
            for hit in hits
            if len(self._by_yearless.get(hit.word, ())) == 1
            and not _HAS_YEAR.search(folded, max(hit.start - 4, 0), hit.start)
            and not _GOES_ON.match(folded, hit.end)
        ]

    def _number_links(
        self, text: str, words: set[str], yearless: Sequence[tuple[int, str]]
    ) -> dict[int, CaseLink]:
        matched: dict[int, list[str]] = defaultdict(list)
        for position, number in yearless:
            matched[position] += [] if number in matched[position] else [number]
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

    def _alias_matches(self, passage: Passage) -> dict[int, tuple[str, ...]]:
        """The aliases meant, by case; what is only told apart goes into `passage.apart`."""
        named: dict[int, set[str]] = defaultdict(set)
        found = longest(
            hit
            for hit in passage.hits
            if hit.word in self._by_alias
            and not (hit.word.endswith("案") and _OTHER_WORD.match(passage.text, hit.end))
        )
        for hit in found:
            beside = _is_beside(passage, hit, found)
            if is_told_apart(passage.text, hit.start, hit.end, beside_watched=beside):
                passage.apart.append((hit.start, hit.end))
                continue
            for position, alias in self._by_alias[hit.word]:
                if not self._said_elsewhere(position, passage, hit, beside_watched=beside):
                    named[position].add(alias)
        return {
            position: tuple(a for a in self._cases[position].aliases if a in named[position])
            for position in sorted(named)
        }

    def _said_elsewhere(
        self, position: int, passage: Passage, hit: Hit, *, beside_watched: bool
    ) -> bool:
        """Whether an alias is said of another place or before another court than the case's.

        An alias that holds the case's own place can't be.
        """
        places, text = self._places, passage.text
        if places.holds_own(position, hit.word):
            return False
        begin, end = sentence_around(text, hit.start, hit.end)
        if places.said_of_another(position, text, hit.start, passage.mentions):
            return True
        # Beside another watched case, the place may be that case's.
        if not beside_watched and places.introduced_elsewhere(
            position, text, begin, hit.start, passage.mentions
        ):
            return True
        if places.before_another_court(position, passage.mentions, begin, end):
            return True
        return is_unnamed_elsewhere(text[begin:end]) and not places.names_own(
            position, passage.mentions
        )


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


def _is_beside(passage: Passage, hit: Hit, found: Sequence[Hit]) -> bool:
    """Whether the sentence of an alias names another alias."""
    if len(found) < 2:
        return False
    begin, end = sentence_around(passage.text, hit.start, hit.end)
    return any(one.word != hit.word and begin <= one.start < end for one in found)


def _wrong(case: Case, problem: str, remedy: str) -> ConfigurationError:
    return ConfigurationError(f"case {case.id}: {problem}", remedy=remedy, where="case registry")

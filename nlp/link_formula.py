"""Which formulas hold in a text: a hit in every group, near each other, said of the case's place.

A formula is looked at only when a word of its rarest group was hit.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from domain.cases import Case
from nlp.link_context import (
    has_comparison,
    is_compared,
    is_matter,
    is_no_matter,
    speaks_of_law,
    tells_of_a_court,
)
from nlp.link_names import forms, own_names
from nlp.link_places import Mention, Places, is_unnamed_elsewhere
from nlp.link_words import Hit, called, fold

#: Characters from the first group's hit within which every other group must be hit; a region may
#: stand farther off, because a lead or a ticket names it once.
NEAR = 80
#: After a family's name: it is a place, 邬家坳; but 邬家村里 may be the family's village.
_VILLAGE = re.compile(r"[坳村庄屯寨坪镇](?!民|里|干部)")
_CLAUSES = re.compile(r"[^。！？!?；;\n]+")


@dataclass(frozen=True)
class Passage:
    """A folded text with its hits and places.

    Attributes:
        apart: stretches that are said only to tell another matter from a case; nothing in them
            counts for a formula.
    """

    text: str
    hits: Sequence[Hit]
    places: Places
    apart: list[tuple[int, int]] = field(default_factory=list)

    @cached_property
    def mentions(self) -> list[Mention]:
        """The places it names."""
        return self.places.mentions(self.text)

    @cached_property
    def by_word(self) -> dict[str, list[Hit]]:
        """The hits of each word, less those that are denied or compared with."""
        hits = self.hits
        if self.apart:
            hits = [
                hit
                for hit in hits
                if not any(start <= hit.start and hit.end <= end for start, end in self.apart)
            ]
        found: dict[str, list[Hit]] = defaultdict(list)
        compares = has_comparison(self.text)
        for hit in hits:
            if not compares or not is_compared(self.text, hit.start, hit.end):
                found[hit.word].append(hit)
        return found

    @cached_property
    def is_matter(self) -> bool:
        """Whether it speaks of courts, harm or grievance at all."""
        return is_matter(self.text)


class Formulas:
    """The formulas of a registry.

    Args:
        cases: the watched cases, in their order.
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        self._cases = cases
        # As written; made once, because they are asked for at every candidate of every text.
        self._written = [case.formula.groups for case in cases]
        self._region = [
            next((at for at, group in enumerate(groups) if group is case.formula.regions), None)
            for case, groups in zip(cases, self._written, strict=True)
        ]
        self._groups = [[forms(case, group) for group in case.formula.groups] for case in cases]
        self._litigants = [
            {form: one.name for one in case.litigants for form in called(fold(one.name))}
            for case in cases
        ]
        self._own_names = [own_names(case) for case in cases]
        self._full_names = [
            [name for name in map(fold, case.formula.persons) if "某" not in name] for case in cases
        ]
        self._by_trigger: dict[str, list[int]] = defaultdict(list)
        self._set_triggers()

    def words(self) -> set[str]:
        """All words to look for, as they may be written."""
        groups = (group for groups in self._groups for group in groups)
        return {word for group in (*groups, *self._litigants) for word in group}

    def candidates(self, words: set[str]) -> list[int]:
        """Positions of the cases that may match a text in which `words` were hit."""
        return sorted({p for word in words for p in self._by_trigger.get(word, ())})

    def match(self, position: int, passage: Passage) -> tuple[str, ...]:
        """The first word hit in each group, as the registry writes it; empty if it doesn't hold.

        A litigant's name stands for one group that isn't hit, the region apart, where the text
        speaks of courts and names the case's place: whom, where and one of what and how. Two
        litigants stand for the region: who against whom, and what. The matter's own name beside
        words of a court's work needs no event.
        """
        words = passage.by_word.keys()
        groups = list(self._groups[position])
        empty = [at for at, group in enumerate(groups) if group.keys().isdisjoint(words)]
        if len(empty) == 1 and self._own_name_suffices(position, empty[0], passage):
            return self._by_own_name(position, passage)
        if empty and not self._litigant_stands_in(position, empty, passage):
            return ()
        for at in empty:
            groups[at] = self._litigants[position]
        meant = [self._meant(position, at, group, passage) for at, group in enumerate(groups)]
        if not all(meant) or not self._near(position, meant):
            return ()
        if self._is_other_matter(position, meant, passage):
            return ()
        return _as_registered(groups, meant)

    def _own_name_suffices(self, position: int, empty: int, passage: Passage) -> bool:
        """Whether a court's work is told of the matter's own name; its events in other words."""
        names = self._own_names[position]
        return (
            not names.keys().isdisjoint(passage.by_word)
            and self._written[position][empty] is self._cases[position].formula.events
            and tells_of_a_court(passage.text)
        )

    def _by_own_name(self, position: int, passage: Passage) -> tuple[str, ...]:
        """The words hit of the groups before the events, if they are said of this matter."""
        written, formula = self._written[position], self._cases[position].formula
        groups = list(self._groups[position][:-1])
        named = formula.subjects or formula.persons
        at = next(at for at, group in enumerate(written) if group is named)
        groups[at] = self._own_names[position]
        meant = [self._meant(position, at, group, passage) for at, group in enumerate(groups)]
        if not all(meant) or self._is_other_matter(position, meant, passage):
            return ()
        return _as_registered(groups, meant)

    def _litigant_stands_in(self, position: int, empty: Sequence[int], passage: Passage) -> bool:
        region = self._region[position]
        kept = [at for at in range(len(self._written[position])) if at not in empty]
        if len(empty) > 1 or kept == [region]:
            return False
        if self._litigants[position].keys().isdisjoint(passage.by_word):
            return False
        if empty[0] == region:
            persons = self._cases[position].formula.persons
            return (
                any(self._written[position][at] is not persons for at in kept)
                and self._names_two_litigants(position, passage)
                and speaks_of_law(passage.text)
            )
        rest = [group for at, group in enumerate(self._groups[position]) if at not in empty]
        return (
            self._names_litigant(position, passage, {word for group in rest for word in group})
            and passage.places.names_own(position, passage.mentions)
            and speaks_of_law(passage.text)
        )

    def _names_litigant(self, position: int, passage: Passage, beside: Collection[str]) -> bool:
        """Whether a litigant is named outside the hits of the words `beside`.

        A name that holds or is a hit of another group tells nothing more.
        """
        if not self._litigants[position]:
            return False
        taken = [hit for word in beside for hit in passage.by_word.get(word, ())]
        return any(
            all(hit.end <= other.start or other.end <= hit.start for other in taken)
            for name in self._litigants[position]
            for hit in passage.by_word.get(name, ())
        )

    def _names_two_litigants(self, position: int, passage: Passage) -> bool:
        """Whether two parties are named, not one whose name holds the other's."""
        ends: dict[str, int] = {}
        starts: dict[str, int] = {}
        for form, name in self._litigants[position].items():
            for hit in passage.by_word.get(form, ()):
                ends[name] = min(ends.get(name, hit.end), hit.end)
                starts[name] = max(starts.get(name, hit.start), hit.start)
        return any(
            name != other and end <= start
            for name, end in ends.items()
            for other, start in starts.items()
        )

    def _set_triggers(self) -> None:
        # Region words are shared by most cases of a court; a person's name is not. Looking up
        # candidates by the rarest group keeps 1,000 cases about as fast as 200.
        owners = Counter(word for groups in self._groups for group in groups for word in group)
        for position, groups in enumerate(self._groups):
            if groups:
                trigger = min(groups, key=lambda group: max(owners[word] for word in group))
                for word in trigger.keys() | self._litigants[position].keys():
                    self._by_trigger[word].append(position)

    def _meant(
        self, position: int, at: int, group: Mapping[str, str], passage: Passage
    ) -> list[Hit]:
        """The hits of a group that aren't said of another place than the case's."""
        by_word = passage.by_word
        hits = [hit for word in group if word in by_word for hit in by_word[word]]
        if at == self._region[position]:
            return hits
        if self._written[position][at] is self._cases[position].formula.persons:
            hits = [hit for hit in hits if not _is_village(passage.text, hit)]
        places, mentions = passage.places, passage.mentions
        # Where it happened is said before the event, or before the last group if there's none.
        decides = places.is_bound(position) and at == len(self._written[position]) - 1
        return [
            hit
            for hit in hits
            if places.holds_own(position, hit.word)
            or not (
                places.said_of_another(position, passage.text, hit.start, mentions)
                or (
                    decides
                    and places.happened_elsewhere(position, passage.text, hit.start, mentions)
                )
            )
        ]

    def _near(self, position: int, meant: Sequence[Sequence[Hit]]) -> bool:
        close = [hits for at, hits in enumerate(meant) if at != self._region[position]]
        if len(close) < 2:
            return True
        return any(
            all(any(abs(hit.start - first.start) <= NEAR for hit in hits) for hits in close[1:])
            for first in close[0]
        )

    def _is_other_matter(
        self, position: int, meant: Sequence[Sequence[Hit]], passage: Passage
    ) -> bool:
        words = {hit.word for hits in meant for hit in hits}
        named = not passage.by_word.keys().isdisjoint(self._full_names[position])
        named = named or self._names_litigant(position, passage, words)
        if not named and not passage.is_matter:
            return True
        if is_no_matter(passage.text, sorted(words, key=len, reverse=True)):
            return True
        if passage.places.before_another_court(position, passage.mentions, 0, len(passage.text)):
            return True
        return is_unnamed_elsewhere(passage.text) and any(
            is_unnamed_elsewhere(clause[0]) and any(word in clause[0] for word in words)
            for clause in _CLAUSES.finditer(passage.text)
        )


def _as_registered(
    groups: Sequence[Mapping[str, str]], meant: Sequence[Sequence[Hit]]
) -> tuple[str, ...]:
    """The first word hit in each group, as the registry writes it."""
    return tuple(
        min((group[hit.word] for hit in hits), key=list(group.values()).index)
        for group, hits in zip(groups, meant, strict=True)
    )


def _is_village(text: str, hit: Hit) -> bool:
    """Whether a name that isn't masked goes on into a village's: 邬家坳."""
    return "某" not in hit.word and _VILLAGE.match(text, hit.end) is not None

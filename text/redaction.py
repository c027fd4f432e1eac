"""Redaction of identifiers before anything is written down (architecture.md, "Redaction").

Finders mark spans on one folded copy; the first finder that claims a stretch gets it. Case numbers
and placeholders are claimed before all others, so they are never touched. The marking is repeated
until nothing is found, which makes redacting twice the same as once.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from domain.cases import Litigant
from domain.errors import BadInput
from text import case_numbers, disguised, identifiers, respelt
from text.addresses import addresses
from text.identifiers import Span, fold
from text.minors import concern_minor, minor_details
from text.names import replace_names

Finder = Callable[[str], Iterator[Span]]

#: What stands in place of each kind.
PLACEHOLDERS = {
    "id_card": "〔身份证号〕",
    "mobile": "〔手机号〕",
    "landline": "〔电话〕",
    "bank_card": "〔银行卡号〕",
    "plate": "〔车牌号〕",
    "email": "〔邮箱〕",
    "account": "〔账号〕",
    "handle": "〔用户〕",
    "address": "〔地址〕",
    "minor": "〔未成年人信息〕",
}
# In this order: an identity number holds what looks like a phone, a mail address what looks like
# a handle.
_FINDERS: tuple[tuple[str, Finder], ...] = (
    ("id_card", identifiers.id_cards),
    ("id_card", disguised.id_cards),
    ("email", identifiers.emails),
    ("email", respelt.emails),
    ("account", identifiers.accounts),
    ("account", disguised.accounts),
    ("account", respelt.accounts),
    ("mobile", identifiers.mobiles),
    ("mobile", disguised.mobiles),
    ("mobile", respelt.mobiles),
    ("bank_card", identifiers.bank_cards),
    ("bank_card", respelt.bank_cards),
    ("landline", identifiers.landlines),
    ("landline", disguised.landlines),
    ("landline", respelt.landlines),
    ("plate", identifiers.plates),
    ("plate", respelt.plates),
    ("handle", identifiers.handles),
    ("address", addresses),
)
_PLACEHOLDER = re.compile(r"〔[^〔〕\n]{1,8}〕")
_LINK = re.compile(r"https?://(?:[!-~]|〔[^〔〕\n]{1,8}〕){1,2048}")
# Digits of a link are ids of pages; only these may be a person's even there.
_IN_LINKS = frozenset(("id_card", "mobile", "email", "handle"))


# Each pass costs time in proportion to the text; prose needs two, the second finding nothing.
_MOST_PASSES = 12


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A stretch [start, end) of the text that identifies somebody, and how."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without identifiers.

    Attributes:
        text: the text with placeholders.
        counts: replacements per kind (keys of `PLACEHOLDERS`), without zeros.
    """

    text: str
    counts: dict[str, int]


def redact(text: str, *, minors: bool = False) -> Redacted:
    """Replace identity, phone, card, plate numbers, mail, accounts, @handles and addresses.

    Args:
        text: plain text; clean it first, so that no invisible character parts a number.
        minors: the post concerns a minor, so schools, villages and names of kin go as well. When
            the text itself says so (女童, 9岁 …), school with class and the child's name always go.

    Raises:
        BadInput: a text made so that every pass uncovers another identifier.
    """
    if not text:
        return Redacted("", {})
    counts: Counter[str] = Counter()
    for _ in range(_MOST_PASSES):
        claimed = marks(text, minors=minors)
        if not claimed:
            return Redacted(text, dict(counts))
        pieces: list[str] = []
        position = 0
        for mark in claimed:
            pieces += (text[position : mark.start], PLACEHOLDERS[mark.kind])
            position = mark.end
            counts[mark.kind] += 1
        text = "".join((*pieces, text[position:]))
    raise BadInput(
        "a text shows new identifiers after each redaction",
        remedy="look at the item in the quarantine: it is no prose; drop it or repair its source",
    )


def redact_names(text: str, litigants: Iterable[Litigant]) -> str:
    """Put roles in place of litigants' names (:func:`text.names.replace_names`).

    When one of them is a minor, schools, villages and names of kin are redacted too.
    """
    people = tuple(litigants)
    named = replace_names(text, people)
    return redact(named, minors=True).text if any(one.minor for one in people) else named


def marks(text: str, *, minors: bool = False) -> list[Mark]:
    """Return what one pass would replace, in order, without overlaps."""
    folded = fold(text)
    taken = _Taken()
    for number in case_numbers.find(text):
        taken.claim(number.start, number.end)
    for match in _PLACEHOLDER.finditer(text) if "〔" in text else ():
        taken.claim(*match.span())
    links = _Taken()
    for match in _LINK.finditer(folded) if "://" in folded else ():
        links.claim(*match.span())
    finders = list(_FINDERS)
    if minors or concern_minor(folded):
        finders.insert(-1, ("minor", partial(minor_details, whole=minors)))
    found: list[Mark] = []
    for kind, find in finders:
        for start, end in find(folded):
            if kind not in _IN_LINKS and not links.free(start, end):
                continue
            if taken.claim(start, end):
                found.append(Mark(start, end, kind))
    return sorted(found)


class _Taken:
    """Disjoint spans already spoken for."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def free(self, start: int, end: int) -> bool:
        """Whether no part of [start, end) is taken."""
        place = bisect_right(self._starts, start)
        if place and self._ends[place - 1] > start:
            return False
        return place == len(self._starts) or self._starts[place] >= end

    def claim(self, start: int, end: int) -> bool:
        """Take [start, end) unless part of it is taken."""
        if not self.free(start, end):
            return False
        place = bisect_right(self._starts, start)
        self._starts.insert(place, start)
        self._ends.insert(place, end)
        return True

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

from domain.cases import Litigant
from text import case_numbers, identifiers
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
    ("email", identifiers.emails),
    ("account", identifiers.accounts),
    ("mobile", identifiers.mobiles),
    ("bank_card", identifiers.bank_cards),
    ("landline", identifiers.landlines),
    ("plate", identifiers.plates),
    ("handle", identifiers.handles),
    ("address", addresses),
)
_PLACEHOLDER = re.compile(r"〔[^〔〕\n]{1,8}〕")
_LINK = re.compile(r"https?://[!-~]{1,2048}")
# Digits of a link are ids of pages; only these may be a person's even there.
_IN_LINKS = frozenset(("id_card", "mobile", "email", "handle"))


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
    """
    counts: Counter[str] = Counter()
    while True:
        claimed = _claim(text, minors=minors)
        if not claimed:
            return Redacted(text, dict(counts))
        pieces: list[str] = []
        position = 0
        for start, end, kind in claimed:
            pieces += (text[position:start], PLACEHOLDERS[kind])
            position = end
            counts[kind] += 1
        text = "".join((*pieces, text[position:]))


def redact_names(text: str, litigants: Iterable[Litigant]) -> str:
    """Put roles in place of litigants' names (:func:`text.names.replace_names`).

    When one of them is a minor, schools, villages and names of kin are redacted too.
    """
    people = tuple(litigants)
    named = replace_names(text, people)
    return redact(named, minors=True).text if any(one.minor for one in people) else named


def _claim(text: str, *, minors: bool) -> list[tuple[int, int, str]]:
    """Spans to replace, in order, without overlaps."""
    folded = fold(text)
    taken = _Taken()
    for number in case_numbers.find(text):
        taken.claim(number.start, number.end)
    for match in _PLACEHOLDER.finditer(text):
        taken.claim(*match.span())
    links = [match.span() for match in _LINK.finditer(folded)]
    finders = list(_FINDERS)
    if minors or concern_minor(folded):
        finders.insert(-1, ("minor", lambda text: minor_details(text, whole=minors)))
    claimed: list[tuple[int, int, str]] = []
    for kind, find in finders:
        for start, end in find(folded):
            if kind not in _IN_LINKS and any(a < end and start < b for a, b in links):
                continue
            if taken.claim(start, end):
                claimed.append((start, end, kind))
    return sorted(claimed)


class _Taken:
    """Disjoint spans already spoken for."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def claim(self, start: int, end: int) -> bool:
        """Take [start, end) unless part of it is taken."""
        place = bisect_right(self._starts, start)
        if place and self._ends[place - 1] > start:
            return False
        if place < len(self._starts) and self._starts[place] < end:
            return False
        self._starts.insert(place, start)
        self._ends.insert(place, end)
        return True

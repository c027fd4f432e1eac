"""Counts as platforms print them: 1.2万, 100万+, 3,400, 1.5亿."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from domain.errors import BadInput

_COUNT = re.compile(
    r"(\d{1,3}(?:,\d{3}){1,5}|\d{1,18})(\.\d{1,6})? ?(千|k|万|萬|w|亿|億)?\+?", re.ASCII
)
_UNITS = {
    "": 1,
    "千": 10**3,
    "k": 10**3,
    "万": 10**4,
    "萬": 10**4,
    "w": 10**4,
    "亿": 10**8,
    "億": 10**8,
}


def parse_count(text: str) -> int:
    """Return the number that `text` prints; "100万+" gives its lower bound, 1000000.

    Raises:
        BadInput: it isn't a count. An empty field is no zero; a label such as 转发 is none either.
    """
    folded = unicodedata.normalize("NFKC", text[:40]).strip().lower()
    match = _COUNT.fullmatch(folded) if len(text) <= 40 else None
    if match is None or (match[2] and not match[3]):
        raise BadInput(
            "a count can't be read",
            remedy="expected forms: 3400, 3,400, 1.2万, 100万+, 1.5亿; leave unknown counts out",
        )
    value = Decimal(match[1].replace(",", "") + (match[2] or "")) * _UNITS[match[3] or ""]
    return int(value)

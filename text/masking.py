"""A person's name as a ruling that is made public gives it: surname and 某 (法释〔2016〕19号 art. 8)."""

from __future__ import annotations

import re

_DOUBLE = frozenset(
    re.findall(
        "..", "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐宇文长孙司徒夏侯端木独孤南宫西门轩辕闻人申屠"
    )
)
_HAN = re.compile("[一-鿿]{2,4}")
#: Ends of what is named like a person and is none.
_NOT_A_PERSON = re.compile(
    "(?:公司|银行|医院|学校|大学|中学|小学|法院|政府|厂|店|局|社|村|会|院|所|队)$"
)


def mask_person(name: str) -> str:
    """梁砚岚 → 梁某; a company's or an office's name stays, as does a masked one."""
    name = name.strip()
    surname = name[:2] if name[:2] in _DOUBLE and len(name) > 2 else name[:1]
    longest = 4 if len(surname) == 2 else 3
    if not _HAN.fullmatch(name) or len(name) > longest or _NOT_A_PERSON.search(name):
        return name
    return name if "某" in name else f"{surname}某"

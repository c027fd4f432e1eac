"""Names of litigants, replaced by their role after linking and before indexing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from domain.cases import Litigant

_HAN_NAME = re.compile("[\u4e00-\u9fff]{2,4}")
_DOUBLE_SURNAMES = frozenset(
    re.findall(
        "..", "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐宇文长孙司徒夏侯端木独孤南宫西门轩辕闻人申屠"
    )
)
_MASK = "[某×xX*＊✕○〇]"
_GAP = "[ \u3000·•.]?"


def replace_names(text: str, litigants: Iterable[Litigant]) -> str:
    """Put each litigant's role where the name stands, longest name first, in one pass.

    A person's name is also found with blanks in it and as the public masks it (余某, 余某某,
    余×鹏), unless two litigants share the surname: then the masked form names neither. A role that
    stands before its name already isn't written twice.
    """
    known = frozenset((one.name.strip(), one.role) for one in litigants if one.name.strip())
    if not known:
        return text
    pattern, roles = _pattern(known)
    return pattern.sub(lambda match: roles[int((match.lastgroup or "f0")[1:])], text)


@lru_cache(maxsize=4096)
def _pattern(people: frozenset[tuple[str, str]]) -> tuple[re.Pattern[str], list[str]]:
    """One pattern of every form of every name, and the role behind each; kept, because a case's
    posts come one after the other and building takes longer than matching."""
    known = sorted(people, key=lambda pair: (-len(pair[0]), pair))
    shared = Counter(_surname(name) for name in {name for name, _ in known} if _is_person(name))
    forms: list[tuple[int, str, str]] = []
    for name, role in known:
        forms.append((len(name), _literal(name), role))
        if _is_person(name) and shared[_surname(name)] == 1:
            forms += [(-order, form, role) for order, form in enumerate(_masked_forms(name))]
    forms.sort(key=lambda form: (-form[0], form))
    roles = [role for _, _, role in forms]
    pattern = re.compile(
        "|".join(
            f"(?:{re.escape(role)})?(?P<f{place}>{form})"
            for place, (_, form, role) in enumerate(forms)
        )
    )
    return pattern, roles


def _is_person(name: str) -> bool:
    """Two or three Chinese characters, four after a double surname; a company's name is longer."""
    longest = 4 if name[:2] in _DOUBLE_SURNAMES else 3
    return len(name) <= longest and _HAN_NAME.fullmatch(name) is not None


def _surname(name: str) -> str:
    return name[:2] if name[:2] in _DOUBLE_SURNAMES and len(name) > 2 else name[:1]


def _literal(name: str) -> str:
    """A pattern of the name as written; Latin names at word borders, Chinese ones with gaps."""
    if _is_person(name):
        return _GAP.join(map(re.escape, name)) + (f"{_MASK}?" if name.endswith("某") else "")
    border = r"(?<![A-Za-z])" if name[0].isascii() else ""
    end = r"(?![A-Za-z])" if name[-1].isascii() else ""
    letters = re.escape(name)
    return f"{border}(?i:{letters}){end}" if border or end else letters


def _masked_forms(name: str) -> list[str]:
    """余大鹏 → 余某鹏, 余大某, 余某某, 余某; not 余某甲, which tells several people apart."""
    surname = _surname(name)
    given = name[len(surname) :]
    head = re.escape(surname)
    forms = []
    if len(given) == 2 and "某" not in given:
        forms += [f"{head}{_MASK}{re.escape(given[1])}", f"{head}{re.escape(given[0])}{_MASK}"]
    return [*forms, f"{head}{_MASK}{{1,3}}(?![甲乙丙丁戊己庚辛某×xX*\\d])"]

"""The words of a case's formula: how each may be written, and which name this one matter alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from domain.cases import Case
from nlp.link_words import called, court_names, fold, written

#: A body that sues and is sued too often for its name to tell one matter.
_MANY_SUITS = re.compile(
    r"(?:局|政府|委员会|委|院|银行|学校|[大中小]学|幼儿园|公司|集团|中心|街道|支队|[一二三四五六七八九十]中)$"
)
#: A person's name of which more than the surname is told: 束某亭, 闻人静.
_GIVEN_NAME = re.compile(r"[^\W\d_a-z某]{1,2}某+[^\W\d_a-z某甲乙丙丁戊己庚辛]|[^\W\d_a-z某]{3,4}")


def forms(case: Case, group: Sequence[str]) -> dict[str, str]:
    """The ways to write each word of a group, and the word as the registry writes it."""
    full = fold(case.court)
    said = court_names(case.court)
    # The full name may be registered without the city before it.
    found: dict[str, str] = {}
    for word in reversed(group):
        folded = fold(word)
        ways = called(folded) if group is case.formula.persons else written(folded)
        of_court = folded in said or (folded.endswith("人民法院") and full.endswith(folded))
        found |= dict.fromkeys((*ways, *(said if of_court else ())), word)
    return found


def own_names(case: Case) -> dict[str, str]:
    """The words that with a court's work tell this matter whatever its events are called, as they are written.

    Of a formula without a region, the subjects that an alias makes the matter's name by 案 alone:
    柿子沟 of 柿子沟案, and the shorter subjects these begin with, if no place of the court's. With a region, which must be hit too, the subjects a party's name begins with,
    public bodies and the like apart; and if there are no subjects, persons named by more than
    their surname.
    """
    formula = case.formula
    if not formula.regions:
        aliases = {fold(alias) for alias in case.aliases}
        whole = [word for word in formula.subjects if f"{fold(word)}案" in aliases]
        names = [
            word
            for word in formula.subjects
            if word not in case.court and any(name.startswith(word) for name in whole)
        ]
    elif formula.subjects:
        parties = [fold(one.name) for one in case.litigants if "某" not in one.name]
        names = [
            word
            for word in formula.subjects
            if not _MANY_SUITS.search(fold(word))
            and any(party.startswith(fold(word)) for party in parties)
        ]
    else:
        names = [name for name in formula.persons if _GIVEN_NAME.fullmatch(fold(name))]
    return {form: name for name in names for form in written(fold(name))}

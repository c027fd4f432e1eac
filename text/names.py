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
# Words that end like a surname: 登陆某岛 masks nobody called 陆. Only masked forms heed them, because
# a whole name that is missed does more harm than a word that is spoilt.
_WORDS = re.findall(
    "..",
    "登陆着陆水陆大陆内陆海陆祝贺道贺恭贺庆贺警卫保卫防卫守卫自卫护卫剩余其余多余业余结余盈余关于对于由于属于至于"
    "终于在于高于等于位于开张夸张主张紧张路程全程工程过程课程里程流程行程地雷鱼雷历史文史提高升高最高增高江河黄河"
    "银河长江沿江过江大方官方警方校方院方对方双方地方前任责任担任信任主任历任森林园林山石岩石",
)
#: As a hearing's report names a party without the given name.
_TITLES = ("先生", "女士")
_MASKS, _GAPS = "某×xX*＊✕○〇", " \u3000·•."


def _one_of(characters: str) -> str:
    """One of `characters`, in a form that re doesn't make a set of: compiling a set that goes
    beyond Latin-1 takes 0.1 ms, and a case has a dozen."""
    return "(?:" + "|".join(f"{re.escape(one)}(?=)" for one in characters) + ")"


_MASK, _GAP = _one_of(_MASKS), _one_of(_GAPS) + "?"
#: 余某甲 and 余某1 tell several people of a surname apart.
_NOT_AFTER = f"(?!{_one_of('甲乙丙丁戊己庚辛某×xX*')}|\\d)"


def replace_names(text: str, litigants: Iterable[Litigant]) -> str:
    """Put each litigant's role where the name stands, longest name first, in one pass.

    A person's name is also found with blanks in it and as the public masks it (余某, 余某某,
    余×鹏), unless two litigants share the surname: then the masked form names neither. A role that
    stands before its name already isn't written twice.
    """
    known = frozenset((one.name.strip(), one.role) for one in litigants if one.name.strip())
    present = frozenset(name for name, _ in known if _may_stand(name, text))
    if not present:
        return text
    pattern, roles = _pattern(known, present)
    return pattern.sub(lambda match: roles[int((match.lastgroup or "f0")[1:])], text)


@lru_cache(maxsize=4096)
def _pattern(
    people: frozenset[tuple[str, str]], present: frozenset[str]
) -> tuple[re.Pattern[str], list[str]]:
    """One pattern of every form of the names `present`, and the role behind each.

    Kept, because a case's posts come one after the other and building takes longer than matching.
    """
    known = sorted(people, key=lambda pair: (-len(pair[0]), pair))
    shared = Counter(_surname(name) for name in {name for name, _ in known} if _is_person(name))
    forms: list[tuple[int, str, str]] = []
    for name, role in known:
        if name not in present:
            continue
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


def _may_stand(name: str, text: str) -> bool:
    """Whether a form of `name` could stand in `text`; only a no is certain."""
    if not _is_person(name):
        return name in text or name[0].isascii() or name[-1].isascii()
    head, at = name[0], text.find(name[0])
    while at >= 0:
        behind = text[at + 1 : at + 2]
        if behind and (
            behind == name[1] or behind in _MASKS or behind in _GAPS or behind in "先女"
        ):
            return True
        at = text.find(head, at + 1)
    return False


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
    """余大鹏 → 余某鹏, 余大某, 余某某, 余某, 余先生; not 余某甲, which tells several people apart."""
    surname = _surname(name)
    given = name[len(surname) :]
    head = re.escape(surname)
    forms = []
    if len(given) == 2 and "某" not in given:
        forms += [f"{head}{_MASK}{re.escape(given[1])}", f"{head}{re.escape(given[0])}{_MASK}"]
    before = "".join(f"(?<!{word[0]})" for word in _WORDS if word[1] == surname)
    titled = f"{before}{head}(?:{'|'.join(_TITLES)})"
    masked = f"{before}{head}{_MASK}{{1,3}}{_NOT_AFTER}"
    return [*(before + form for form in forms), masked, titled]

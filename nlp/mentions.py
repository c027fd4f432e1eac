"""Which clauses of a text speak of which case or court.

A clause belongs to the cases and courts it names, else to those named last; clauses before the
first name belong to it while the sentence lasts. Two names in one clause share it when only a
joining word stands between them (甲法院和乙法院), else the clause is cut at the second name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.annotation import CaseLink
from domain.cases import Case
from nlp.linking import fold

#: A text of this many characters is read per mention, a longer one only up to here: what a press
#: office reads of it, and a bound for what one text can cost.
MOST_CHARACTERS = 2000
#: Cases and courts of one text that are told apart; more make a list, not an argument.
MOST_SUBJECTS = 4

_CLAUSE = re.compile(r"[^，,。！？!?；;：:…\n]+[，,。！？!?；;：:…\n]*")
_SENTENCE_END = re.compile(r"[。！？!?；;…\n]\s*$")
_COURT = re.compile(r"(?:中级|高级|最高)?(?:人民)?法院|(?:中|高)院|最高法")
#: What may stand between a place's name and 法院.
_RANK = "省市县区州旗盟"
#: Words before 法院 that name no court. One character of `_GLUE` in a name makes it none, too.
_NO_NAME = frozenset(
    ("当地", "基层", "上级", "下级", "地方", "各级", "全国", "两级", "两地", "外地", "受理", "管辖",
     "人民", "互联", "起诉", "相信", "质疑", "点赞", "两家", "几家", "多家", "认为", "觉得", "表扬",
     "投诉", "举报", "批评", "要求", "呼吁", "申请", "期待", "看看", "关于", "通过", "根据", "经过",
     "因为", "所以", "但是", "如果", "既然", "只有", "所谓", "信任", "怀疑", "告到", "闹到", "强烈", "支持", "感谢", "谢谢", "希望", "建议", "请问", "咨询", "中国")
)  # fmt: skip
_GLUE = frozenset(
    "的了在是和与跟同到去找被把让向给对从由说们这那哪某每各该本贵你我他她它有没不就都也还很请问，。！？"
)
_STAGES = ("一审", "二审", "再审", "终审")
#: Between two names, so few characters are a joining or comparing word: 和, 以及, 不如, 判得比.
_JOINING = 3
_BOTH = re.compile(r"两家|两个|两起|两案|两地|二者|两边|俩")
_FORMER, _LATTER = re.compile("前者|前一"), re.compile("后者|后一")


@dataclass(frozen=True, slots=True)
class _Name:
    """A name in the text, and what it names: a case's id, or "court:" and a place."""

    start: int
    end: int
    subject: str


def clauses_of(text: str, links: Sequence[CaseLink], cases: Mapping[str, Case]) -> dict[str, str]:
    """What `text` says of each case or court, in order of their first names.

    Keys are ids of linked cases, and "court:…" for courts that belong to none of them. Empty when
    the text names fewer than two, or too many to be told apart.

    Args:
        text: with the names of litigants, because cases are often called by them.
    """
    shown = text[:MOST_CHARACTERS]
    names = _names(shown, links, cases)
    subjects = list(dict.fromkeys(name.subject for name in names))
    if not 2 <= len(subjects) <= MOST_SUBJECTS:
        return {}
    said: dict[str, list[str]] = {subject: [] for subject in subjects}
    for clause, owners in _owned(shown, names):
        for subject in owners:
            said[subject].append(clause)
    return {subject: "".join(clauses).strip() for subject, clauses in said.items()}


def _names(text: str, links: Sequence[CaseLink], cases: Mapping[str, Case]) -> list[_Name]:
    """Names in their order, none inside another."""
    own = _outermost(_case_names(text, links, cases))
    named = {name.subject for name in own} or {link.case_id for link in links}
    return _outermost([*own, *_court_names(text, [cases[one] for one in named if one in cases])])


def _outermost(found: Iterable[_Name]) -> list[_Name]:
    """Names in their order, none inside another: 工地坍塌案 is not meant in 云岫工地坍塌案."""
    ordered = sorted(found, key=lambda name: (name.start, -name.end, name.subject))
    kept: list[_Name] = []
    for name in ordered:
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return kept


def _case_names(text: str, links: Sequence[CaseLink], cases: Mapping[str, Case]) -> Iterator[_Name]:
    """Words by which the links matched, unless two cases share one or it is a mere place."""
    # Folding may change the length (㈱ → (株)); then positions don't fit and names are not sought.
    folded = text.lower() if len(fold(text)) != len(text) else fold(text)
    owners: dict[str, set[str]] = {}
    for link in links:
        places = cases[link.case_id].formula.regions if link.case_id in cases else ()
        for word in set(link.matched) - set(places):
            owners.setdefault(fold(word), set()).add(link.case_id)
    for word, ids in owners.items():
        if len(ids) == 1 and word:
            (case_id,) = ids
            for match in re.finditer(re.escape(word), folded):
                yield _Name(match.start(), match.end(), case_id)


def _court_names(text: str, linked: Iterable[Case]) -> Iterator[_Name]:
    owners: dict[str, set[str]] = {}
    for case in linked:
        for match in _COURT.finditer(case.court):
            owners.setdefault(_place(case.court, match)[0], set()).add(case.id)
    for match in _COURT.finditer(text):
        place, start = _place(text, match)
        if place:
            ids = owners.get(place, set())
            subject = next(iter(ids)) if len(ids) == 1 else f"court:{place}"
            yield _Name(start, match.end(), subject)


def _place(text: str, court: re.Match[str]) -> tuple[str, int]:
    """The two characters that tell a court from others, with a mark of its rank; "" for none."""
    if court.group() == "最高法" or court.group().startswith("最高"):
        return "最高", court.start()
    end = court.start()
    while end and text[end - 1] in _RANK:
        end -= 1
    name = text[max(end - 2, 0) : end]
    if name in _STAGES:
        return name, end - 2
    if len(name) < 2 or name in _NO_NAME or set(name) & _GLUE or not name.isalpha():
        return "", court.start()
    rank = "高" if "高" in court.group() else "中" if "中" in court.group() else ""
    return name + rank, end - 2


def _owned(text: str, names: Sequence[_Name]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Pieces of `text` with those they speak of."""
    order = tuple(dict.fromkeys(name.subject for name in names))
    seen: tuple[str, ...] = ()
    current: tuple[str, ...] = ()
    waiting: list[str] = []
    for match in _CLAUSE.finditer(text):
        inside = [name for name in names if match.start() <= name.start < match.end()]
        if not inside:
            clause = match.group()
            current = _meant(clause, seen, current)
            if current:
                yield clause, current
            else:
                waiting.append(clause)
                if _SENTENCE_END.search(clause):
                    waiting.clear()  # speaks of nobody in particular
            continue
        for piece, owners in _pieces(text, match.start(), match.end(), inside):
            yield "".join(waiting) + piece, owners
            waiting.clear()
            current = owners
        seen = tuple(one for one in order if one in {*seen, *(n.subject for n in inside)})


def _meant(clause: str, seen: tuple[str, ...], current: tuple[str, ...]) -> tuple[str, ...]:
    """Whom a clause without a name speaks of."""
    if len(seen) < 2:
        return current
    if _BOTH.search(clause):
        return seen
    if _FORMER.search(clause):
        return seen[:1]
    return seen[1:2] if _LATTER.search(clause) else current


def _pieces(
    text: str, start: int, end: int, names: Sequence[_Name]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A clause, cut before each name that isn't joined to the one before it."""
    owners: list[str] = []
    last = start
    for position, name in enumerate(names):
        before = names[position - 1] if position else None
        if before is not None and name.subject not in owners and name.start - before.end > _JOINING:
            yield text[last : name.start], tuple(dict.fromkeys(owners))
            owners, last = [], name.start
        owners.append(name.subject)
    yield text[last:end], tuple(dict.fromkeys(owners))

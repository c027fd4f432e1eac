"""The registry on the pages: the list by family of cause, a case's course before the court."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from desk.services import Services
from domain.alerts import Count
from domain.cases import Case, CaseState
from domain.openness import platform_of
from domain.registry import CaseEvent, Imported, KeyDate, Review
from domain.time import SHANGHAI
from records.cases import CaseFilter
from text import causes
from text.masking import mask_person

#: Registered cases a page shows.
PAGE = 50
_MINOR = "（未成年）"
#: Of an import from before names were masked.
_NOT_KEPT = "其他人（姓名不在导入记录中留存，下次导入后按姓氏显示）"
_SHOWN = {
    "title": "名称",
    "court": "法院",
    "cause": "案由",
    "stage": "程序阶段",
    "litigants": "当事人",
}


@dataclass(frozen=True, slots=True)
class Listing:
    """The list of cases.

    Attributes:
        families: family → cases of any state, largest first; shown as filters.
        registered: a page of those that are only registered, and how many there are.
    """

    family: str
    words: str
    page: int
    pages: int
    watched: list[Case]
    archived: list[Case]
    registered: list[Case]
    registered_total: int
    families: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a case's course: a day of the court or an act of the press office."""

    day: date
    key_date: KeyDate | None
    event: CaseEvent | None


@dataclass(frozen=True, slots=True)
class Course:
    """What a case's page shows of it.

    Attributes:
        lines: accepted days and the press office's acts, newest first.
        proposed, refused: days a person has to decide on, or has decided against.
        links: name of the platform and address.
        others: what the court's system says otherwise: field, here, there, system.
        imported: whether any system said anything.
    """

    lines: list[Line]
    proposed: list[KeyDate]
    refused: list[KeyDate]
    links: list[tuple[str, str]]
    others: list[tuple[str, str, str, str]]
    cause: causes.Found


def listing(
    desk: Services, family: str, words: str, page: int, day: Mapping[str, Count]
) -> Listing:
    """The cases of a family of causes (all when ""), whose title, court or number holds `words`."""
    counted = desk.records.cases.counts()
    by_family = Counter[str]()
    members: list[str] = []
    for (_, cause), n in counted.items():
        by_family[causes.find(cause).family or "未填案由"] += n
        if (causes.find(cause).family or "未填案由") == family:
            members.append(cause)
    chosen = tuple(dict.fromkeys(members)) if family else ()
    words = words.strip()[:60]

    def found(states: tuple[CaseState, ...], limit: int, offset: int = 0) -> tuple[list[Case], int]:
        if family and not chosen:
            return [], 0
        asked = CaseFilter(states=states, causes=chosen, words=words)
        return desk.records.cases.page(asked, limit, offset)

    watched, _ = found((CaseState.WATCHED, CaseState.CLOSED), 2_000)
    watched.sort(key=lambda case: -(day[case.id].posts if case.id in day else 0))
    archived, _ = found((CaseState.ARCHIVED,), 200)
    page = max(1, min(page, 100_000))
    registered, total = found((CaseState.REGISTERED,), PAGE, (page - 1) * PAGE)
    return Listing(
        family=family, words=words, page=page, pages=max(1, -(-total // PAGE)), watched=watched,
        archived=archived, registered=registered, registered_total=total,
        families=sorted(by_family.items(), key=lambda item: (-item[1], item[0])),
    )  # fmt: skip


def course(desk: Services, case: Case) -> Course:
    """A case's key dates, history, links, and where the court's system says otherwise."""
    days = desk.records.key_dates.of(case.id)
    lines = [Line(one.day, one, None) for one in days if one.review is Review.ACCEPTED]
    lines += [
        Line(one.at.astimezone(SHANGHAI).date(), None, one)
        for one in desk.records.cases.history(case.id)
        if one.act != "date"
    ]
    written = {one.day for one in days if one.kind == "开庭"}
    others = [
        other
        for imported in desk.records.case_imports.of(case.id)[:1]
        for other in _others(case, imported, desk.records.case_imports.digest)
    ]
    found = Course(
        lines=sorted(lines, key=lambda line: (line.day, line.event.id if line.event else 0), reverse=True),
        proposed=[one for one in days if one.review is Review.PROPOSED],
        refused=[one for one in days if one.review is Review.REFUSED],
        links=[(platform_of(address), address) for address in case.links],
        others=others,
        cause=causes.find(case.cause),
    )  # fmt: skip
    found.lines.extend(Line(day, None, None) for day in case.hearings if day not in written)
    found.lines.sort(key=lambda line: (line.day, line.event.id if line.event else 0), reverse=True)
    return found


def _others(
    case: Case, imported: Imported, digest: Callable[[str], str]
) -> Iterator[tuple[str, str, str, str]]:
    """Where the court's system says otherwise; persons by surname, minors not at all."""
    for name, here in _texts(case).items():
        there = imported.fields.get(name, "")
        if not there or there == (digest(here) if name == "litigants" else here):
            continue
        if name == "litigants":
            here = "；".join(map(_masked, here.split("；")))
            there = imported.fields.get("people", _NOT_KEPT)
        yield _SHOWN[name], here, there, imported.system


def _masked(person: str) -> str:
    role, colon, name = person.partition("：")
    minor = name.endswith(_MINOR)
    return f"{role}{colon}{'某某' + _MINOR if minor else mask_person(name)}"


def _texts(case: Case) -> dict[str, str]:
    people = "；".join(
        f"{one.role}：{one.name}{_MINOR if one.minor else ''}" for one in case.litigants
    )
    stage = "" if case.stage.value == "不适用" else case.stage.value
    return {
        "title": case.title, "court": case.court, "cause": case.cause, "stage": stage,
        "litigants": people,
    }  # fmt: skip

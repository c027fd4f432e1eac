"""From any phrase to a case: what the form is filled with before a person looks at it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from desk.forms import Form
from domain.candidates import Suggestion
from domain.cases import Case, Litigant, MatchFormula, Stage
from domain.errors import BadInput
from text import case_numbers
from text.normalise import clean

#: Longest phrase taken over from a page.
LONGEST = 60
#: Subject words when the phrase names no court: the phrase must be said about a court.
COURT_WORDS = ("法院", "法官", "法庭", "判决", "开庭", "立案", "执行")
#: A name stands alone as an alias only when strangers' posts are unlikely to hold it [D].
_ALIAS_LEAST = 5
#: The linker refuses shorter ones.
_ALIAS_SHORTEST = 3
_LITIGANT_LEAST = 2

_COURT = re.compile(r"[一-鿿]{2,12}?(?:人民)?法院")
_REGION = re.compile(r"[一-鿿]{1,4}?(?:自治区|自治州|省|市|县|区|州|旗|镇|乡)")
_PERSON = re.compile(r"[一-鿿]某(?:某|[甲乙丙丁\d])?")
_BREAK = re.compile(r"[^\w一-鿿]+|[的了吗呢吧啊是在为被与和对]")
_SMALL = {"案", "案件", "这个", "什么", "怎么", "为什么", "我们", "他们", "真的", "号"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """The fields of the form, as words; a person edits them before a case is made of them."""

    title: str = ""
    court: str = ""
    numbers: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    litigants: tuple[str, ...] = ()
    cause: str = ""
    stage: str = Stage.NONE.value
    links: tuple[str, ...] = ()


def propose(phrase: str, court_name: str) -> Proposal:
    """Split a phrase into case numbers, courts, regions, persons and event words."""
    phrase = clean(phrase)[:LONGEST]
    found_numbers = case_numbers.find(phrase)
    numbers = tuple(dict.fromkeys(one.normal for one in found_numbers if not one.masked))
    rest = phrase
    for found in reversed(found_numbers):
        rest = rest[: found.start] + " " + rest[found.end :]
    rest, courts = _take(_COURT, rest)
    rest, persons = _take(_PERSON, rest)
    rest, regions = _take(_REGION, rest)
    events = tuple(
        dict.fromkeys(
            word
            for word in (part.strip() for part in _BREAK.split(rest))
            if len(word) > 1 and word not in _SMALL
        )
    )
    plain = phrase.strip('#【】“”" 　')
    alias = (plain,) if len(plain) >= _ALIAS_LEAST and not numbers and " " not in plain else ()
    others = (*regions, *persons, *events)
    return Proposal(
        title=(plain or phrase)[:40],
        court=courts[0] if courts else court_name,
        numbers=numbers,
        aliases=alias,
        subjects=courts or (_court_words(events) if others else ()),
        regions=regions,
        persons=persons,
        events=events,
    )


def _court_words(events: tuple[str, ...]) -> tuple[str, ...]:
    """Court words that no event word holds already, else one word would hit two groups."""
    return tuple(word for word in COURT_WORDS if not any(word in event for event in events))


def _take(pattern: re.Pattern[str], text: str) -> tuple[str, tuple[str, ...]]:
    found = tuple(dict.fromkeys(match.group() for match in pattern.finditer(text)))
    return pattern.sub(" ", text), found


def read(form: Form) -> Proposal:
    """The form's fields as a proposal, so that a refused form can be shown again as it was."""
    return Proposal(
        title=clean(form.text("title"))[:80],
        court=clean(form.text("court"))[:80],
        numbers=form.words("numbers"),
        aliases=form.words("aliases"),
        subjects=form.words("subjects"),
        regions=form.words("regions"),
        persons=form.words("persons"),
        events=form.words("events"),
        excludes=form.words("excludes"),
        litigants=form.lines("litigants"),
        cause=clean(form.text("cause"))[:80],
        stage=form.text("stage") or Stage.NONE.value,
        links=form.lines("links"),
    )


def of_case(case: Case) -> Proposal:
    """The form of a case that is there, to be changed."""
    formula = case.formula
    return Proposal(
        title=case.title,
        court=case.court,
        numbers=case.numbers,
        aliases=case.aliases,
        subjects=formula.subjects,
        regions=formula.regions,
        persons=formula.persons,
        events=formula.events,
        excludes=formula.excludes,
        litigants=tuple(
            f"{one.name} {one.role}{' 未成年' if one.minor else ''}" for one in case.litigants
        ),
        cause=case.cause,
        stage=case.stage.value,
        links=case.links,
    )


def of_suggestion(suggestion: Suggestion, court_name: str) -> Proposal:
    """The form of a candidate, for a person to complete."""
    formula = suggestion.formula
    return Proposal(
        title=suggestion.title,
        court=suggestion.court or court_name,
        numbers=suggestion.numbers,
        aliases=suggestion.aliases,
        subjects=formula.subjects,
        regions=formula.regions,
        persons=formula.persons,
        events=formula.events,
        excludes=formula.excludes,
    )


def make_case(proposal: Proposal, now: datetime) -> Case:
    """The case a person asked for.

    Raises:
        BadInput: no title, an unreadable case number, litigant or stage, or nothing to match by.
    """
    if not proposal.title:
        raise BadInput("案件没有名称", remedy="填写新闻办内部怎么称呼它")
    litigants = tuple(_litigant(line) for line in proposal.litigants)
    formula = _formula(proposal, litigants)
    numbers = tuple(_number(number) for number in proposal.numbers)
    _check(numbers, proposal.aliases, formula)
    try:
        stage = Stage(proposal.stage)
    except ValueError as error:
        raise BadInput("没有这个程序阶段", remedy="从列表中选择") from error
    return Case(
        id=_slug(proposal),
        title=proposal.title,
        court=proposal.court,
        watched_since=now,
        numbers=numbers,
        cause=proposal.cause,
        stage=stage,
        aliases=proposal.aliases,
        litigants=litigants,
        formula=formula,
    )


def _formula(proposal: Proposal, litigants: tuple[Litigant, ...]) -> MatchFormula:
    """The form's groups; litigants' names join the persons where there is a formula at all."""
    names = tuple(one.name for one in litigants)
    others = proposal.subjects or proposal.regions or proposal.events
    persons = (*proposal.persons, *names) if others else proposal.persons
    return MatchFormula(
        subjects=proposal.subjects,
        regions=proposal.regions,
        persons=tuple(dict.fromkeys(persons)),
        events=proposal.events,
        excludes=proposal.excludes,
    )


def _number(text: str) -> str:
    try:
        return case_numbers.normalise(text)
    except BadInput as error:
        raise BadInput(
            f"案号“{text}”无法识别", remedy="按“（2026）省份简称＋数字＋类型＋编号＋号”填写全称"
        ) from error


def _check(numbers: tuple[str, ...], aliases: tuple[str, ...], formula: MatchFormula) -> None:
    """What the linker would refuse, said in the words of the form."""
    if len(formula.groups) == 1 or not (numbers or aliases or formula.groups):
        raise BadInput(
            "这样会把无关的帖文也算进来",
            remedy="公式至少填两组词（如主体＋事件），或不填公式、只填案号或俗称",
        )
    if any(len(alias) < _ALIAS_SHORTEST for alias in aliases):
        raise BadInput("俗称太短，会连到无关的帖文", remedy="短的称呼填到公式里")
    if any(one.masked for number in numbers for one in case_numbers.find(number)):
        raise BadInput("案号有遮盖", remedy="填写完整案号，或不填案号")


def _litigant(line: str) -> Litigant:
    parts = line.split()
    if len(parts) < _LITIGANT_LEAST:
        raise BadInput(
            "当事人一行要写“姓名 身份”", remedy="例如：梁某 被告人；未成年人在后面加“未成年”"
        )
    return Litigant(name=parts[0], role=parts[1], minor="未成年" in parts[2:])


def _slug(proposal: Proposal) -> str:
    """The same form gives the same id, so that sending it twice makes one case."""
    return "c" + sha256(repr(proposal).encode()).hexdigest()[:11]

"""What in a text may name a case: numbers, “…案”, hashtags, courts, words. Persons are masked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import rjieba

from nlp.terms import LogOddsTerms
from text import case_numbers, causes
from text.masking import SURNAMES, TRANSCRIBED, mask_person
from text.normalise import clean

#: “…案” of so many characters may be a case's name.
_NAME_LEAST, _NAME_MOST = 3, 9
_SUFFIX = re.compile(r"(?<=号)之.+$")
_RUN = re.compile(r"[一-鿿]+")
_TAG = re.compile(r"#\s*([^#\n]{4,24}?)\s*#")
_COURT = re.compile(
    r"(?:[一-鿿]{1,5}(?:省|自治区|市|州|盟))?[一-鿿]{1,4}(?:省|市|县|区|州|旗)"
    r"(?:高级|中级)?(?:人民)?法院|[一-鿿]{2}(?:高院|中院)|最高人民法院|最高法(?!院)"
)
_COURT_LEAST = 4
#: What stands before a court's name and isn't of it.
_BEFORE = re.compile(r"^.*[们在去被是给说的了](?=.{4})")
_LEAD = re.compile(
    r"^(?:听说|请问|关于|今天|昨天|刚才|就是|这个|那个|希望|投诉|举报|建议|[在去到等被向来对是给从和与跟说求问让把由])+"
)
#: “立案”, “方案” … end like a case's name and are none; “该案”, “命案” name no single one.
_NO_NAME = frozenset(
    [
        "立案",
        "结案",
        "破案",
        "报案",
        "办案",
        "备案",
        "翻案",
        "档案",
        "方案",
        "答案",
        "提案",
        "图案",
        "草案",
        "议案",
        "教案",
        "定案",
        "作案",
        "涉案",
        "到案",
        "归案",
        "审案",
        "判案",
        "查案",
        "断案",
        "本案",
        "此案",
        "该案",
        "个案",
        "旧案",
        "同案",
        "原案",
        "发案",
        "专案",
        "命案",
        "大案",
        "要案",
        "冤案",
        "错案",
        "血案",
        "惨案",
        "疑案",
        "悬案",
        "积案",
        "撤案",
        "销案",
        "投案",
        "另案",
        "某案",
        "事案",
        "政案",
        "类案",
        "件案",
        "多案",
        "新案",
        "文案",
        "的案",
        "这案",
        "那案",
        "一案",
        "两案",
        "假案",
        "预案",
        "法案",
        "罪案",
        "凶案",
        "小案",
        "奇案",
        "串案",
        "窝案",
        "案案",
        "庭案",
        "院案",
        "个案",
        "起案",
        "宗案",
        "移案",
        "调案",
        "执案",
        "诉案",
        "审案",
        "抗案",
        "接案",
    ]
)
#: Kinds of cases that no catalogue of causes names: 致死案 is many cases, not one.
_KINDS = frozenset(
    ("侵权", "死亡", "致死", "身亡", "遇害", "被害", "杀害", "坠亡", "人命", "经济", "网络", "校园", "学生", "腐败",
     "涉黑", "黑恶")
)  # fmt: skip
_START = re.compile(
    r"^[例的了在是和与对就这那该此本被把从于因为但也都又还将让使向给等者们个起件宗次着过来去不有我你他她它其之]"
)
_CUT = re.compile(r"[的了是在]|今天|昨天|法院|判决|一审|二审|开庭|关于|听说")
_PERSON_LONGEST = 3
#: 邬启崧案 where a name may begin: the dictionary doesn't know every name.
_PERSON_CASE = re.compile(
    rf"(?:^|(?<=[^一-鿿])|(?<=[的了在是和与对就这那该于被把从看完等为]))([{SURNAMES}][一-鿿]{{1,2}})(?=案)",
    re.MULTILINE,
)

#: 审理马某某故意杀人案: a name stands before what its bearer is said to have done.
_DID = (
    "(?=涉嫌|故意|过失|诈骗|受贿|贪污|强奸|抢劫|盗窃|杀人|杀妻|弑母|打人|拐卖|危险驾驶"
    "|交通肇事|职务侵占|合同诈骗|寻衅|敲诈|虐待|猥亵|非法|诉|离婚"
    "|(?:的)?(?:妻子|丈夫|父亲|母亲|父母|家人|家属|儿子|女儿|律师)|被害|遇害|发声|喊冤|获刑|受审)"
)
_ACCUSED = re.compile(rf"([{SURNAMES}][一-鿿]{{1,2}}){_DID}")
#: 阿依古丽案, 买买提·艾力诉: longer, and begins with no surname.
_TRANSCRIBED = re.compile(rf"({TRANSCRIBED})(?:(?=案)|{_DID})")


@dataclass(frozen=True, slots=True)
class Features:
    """Of one text; each set is what may hold posts about one thing together."""

    numbers: frozenset[str]
    names: frozenset[str]
    tags: frozenset[str]
    courts: frozenset[str]
    words: frozenset[str]


class FeatureReader:
    """Reads features; the same text gives the same ones."""

    def __init__(self, terms: LogOddsTerms) -> None:
        self._terms = terms

    @cached_property
    def _tagger(self) -> rjieba.Jieba:
        return rjieba.Jieba()

    def read(self, text: str) -> Features:
        """Features of a text. What is a person's name by dictionary and surname is no word."""
        text = clean(text)
        tagged = self._tagger.tag(text)
        persons = _persons(text, tagged)
        # A name the surnames don't know is no word of a case either.
        no_words = {*persons, *(word for word, kind in tagged if kind.startswith("nr"))}
        return Features(
            numbers=frozenset(
                _SUFFIX.sub("", one.normal) for one in case_numbers.find(text) if not one.masked
            ),
            names=frozenset(
                _mask(name, persons)
                for name in _names(text)
                if not any(_begins_inside(name, person) for person in persons)
            ),
            tags=frozenset(_mask(tag.strip(), persons) for tag in _TAG.findall(text)),
            courts=frozenset(
                court for found in _COURT.findall(text)
                if len(court := _LEAD.sub("", _BEFORE.sub("", found))) >= _COURT_LEAST
            ),
            words=frozenset(
                word for word in self._terms.words(text)
                if not word.endswith(("法院", "案", "诉"))
                and not any(word in name or name in word for name in no_words)
            ),
        )  # fmt: skip


def _persons(text: str, tagged: Sequence[tuple[str, str]]) -> frozenset[str]:
    found: set[str] = set()
    for word, kind in tagged:
        name = word.removesuffix("案")
        if kind != "nr" or name[:1] not in SURNAMES:
            continue
        whole = re.search(f"{re.escape(name)}[一-鿿](?=案)", text)
        if len(name) == 2 and whole:
            found.add(whole[0])  # the dictionary cut a given name of two characters short
        elif 2 <= len(name) <= _PERSON_LONGEST:
            found.add(name)
    for pattern in (_PERSON_CASE, _ACCUSED, _TRANSCRIBED):
        found.update(pattern.findall(text))
    return frozenset(found)


def _begins_inside(name: str, person: str) -> bool:
    """启崧案 and 崧故意杀人案 are what is left of a person's name; it may not be read out of them."""
    return any(name.startswith(person[start:]) for start in range(1, len(person)))


def _mask(text: str, persons: frozenset[str]) -> str:
    for name in sorted(persons, key=lambda name: (-len(name), name)):
        text = text.replace(name, mask_person(name))
    return text


def _names(text: str) -> set[str]:
    """All that ends in 案 and may be a name; which of the nested ones is meant, counting decides."""
    found: set[str] = set()
    for run in _RUN.findall(text):
        for end in (place + 1 for place, character in enumerate(run) if character == "案"):
            if run[end - 2 : end] in _NO_NAME or run[end : end + 1] in (
                "件",
                "例",
                "由",
                "号",
                "情",
                "发",
                "卷",
                "值",
            ):
                continue
            for length in range(_NAME_LEAST, min(_NAME_MOST, end) + 1):
                name = run[end - length : end]
                stem = name.removesuffix("案")
                if stem in _KINDS or causes.kind_of_case(stem):
                    continue
                if not _START.match(name) and not _CUT.search(name):
                    found.add(name)
    return found

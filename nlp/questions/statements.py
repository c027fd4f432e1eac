"""Cutting posts into statements: spans that ask, claim or demand something, and plain ones."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.questions import WORDING, QuestionKind
from text.normalise import clean


class Aspect(StrEnum):
    """What a question wants to know; two questions about one thing may want different things."""

    WHY = "why"
    WHEN = "when"
    WHO = "who"
    AMOUNT = "amount"
    HOW = "how"
    WHETHER = "whether"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Statement:
    """A span of a post, verbatim but for blanks at its ends, ≤ `WORDING` characters.

    Attributes:
        kind: None for a span that neither asks nor demands nor says where it heard something.
        context: the statement before it in the post, which a short one needs (“什么时候能修好？”).
    """

    text: str
    kind: QuestionKind | None
    aspect: Aspect
    context: str = ""


#: Of a post only the beginning is read: a long article isn't a question.
READ_CHARACTERS = 1200
_SENTENCE = re.compile(r"[^。！？!?；;…\n\r]+[。！？!?；;…]*")
_CLAUSE = re.compile(r"[^，,、：:\s]+[，,、：:\s]*")
_NOISE = re.compile(r"〔[^〕]{1,12}〕|\[[^\[\]]{1,8}\]|#[^#]{1,40}#|@[^\s:：]{1,30}[:：]?")
_LETTER = re.compile(r"[\u3400-\u9fffA-Za-z0-9]")
_TRAILING = " ，,、：:\t\u3000"

_ASPECTS = (
    (Aspect.WHEN, r"什么时候|什么时间|何时|啥时候?|几时|哪[一]?天|哪日|几号|多久|多长时间|"
                  r"还要等|时间(?:定|表|安排|出来)|发放时间|宣判时间|开庭时间|等到(?:什么|何)"),
    (Aspect.AMOUNT, r"多少|几(?:成|万|户|倍|年|个月)|怎么算|如何计算|怎么分|怎么定|分摊|什么标准|标准是|金额"),
    (Aspect.WHO, r"谁(?!都|也|家|能想)|由哪|哪个部门|哪家|责任人|哪位"),
    (Aspect.WHY, r"为什么|为啥|为何|凭什么|凭啥|凭的什么|什么原因|原因|理由|依据|什么道理|怎么会|怎么回事|"
                 r"什么情况|怎么(?:还|就|能|可能|会|不|没|又|判|写|做|搞|量)|怎么(?=[\u3400-\u9fff]{0,12}[？?])(?!办|样)|"
                 r"何以|怎么[^，,。？?]{0,14}(?:上网|出来)"),
    (Aspect.HOW, r"怎么办|怎样|如何|怎么(?:申请|查|看|补|登记|交|证明|处理|才|样|来)|咋办|要什么(?:材料|条件)"),
    (Aspect.WHETHER, r"吗|是不是|有没有|能不能|会不会|可不可以|要不要|算不算|敢不敢|该不该|是否|是真是假|"
                     r"了没有|没有[？?]|真的假的|属实|没[？?]$|还是[^，,]{1,12}[？?]|么[？?]"),
)  # fmt: skip
_ASPECT_RULES = tuple((aspect, re.compile(pattern)) for aspect, pattern in _ASPECTS)
_ASKING = re.compile(r"[？?]|请问|求问|想问|到底|究竟|难道|呢$|给个(?:说法|准话|解释|交代)")
_CLAIM = re.compile(
    r"听说|据说|据传|网传|传言|传闻|风传|有人说|有消息说|爆料|据称|网上说|[工网朋亲校]友(?:都)?说|都(?:在)?说|据悉|听闻|疑似|坊间"
)
_DEMAND = re.compile(
    r"要求|必须|(?:^|[，,、：:\s])(?:请(?!问|假|客|吃|教)|敬请)|恳请|恳求|求求|呼吁|强烈建议|希望(?=.{0,12}"
    r"(?:公开|公布|处理|追|查|给|改|调查|回应|说明|道歉|解释))|应该(?=.{0,8}(?:公开|公布|道歉|查|来|追))|"
    r"不该|别再|不要再|严肃(?:处理|追责)|严查|彻查|查一查|追究|把.{1,12}(?:还|退)给|还我|尽快|赶紧|赶快"
)


def statements(post_text: str) -> list[Statement]:
    """The statements of a post in their order; spans without a letter are none."""
    text = _NOISE.sub(" ", clean(post_text[:READ_CHARACTERS]))
    found: list[Statement] = []
    for match in _SENTENCE.finditer(text):
        for span in _spans(match.group()):
            statement = _statement(span, found[-1].text if found else "")
            if found and _bare(span):
                # 凭什么？ alone asks for the reason of what was said before.
                last = found[-1]
                if statement.kind and last.aspect in (Aspect.NONE, Aspect.WHETHER):
                    found[-1] = replace(last, kind=statement.kind, aspect=statement.aspect)
            elif _LETTER.search(span):
                found.append(statement)
    return found


def kind_of(span: str) -> QuestionKind | None:
    """The form of a span. Hearsay comes first: 听说…是真的吗 passes a claim on."""
    if _CLAIM.search(span):
        return QuestionKind.CLAIM
    asks = aspect_of(span) is not Aspect.NONE or _ASKING.search(span)
    if _DEMAND.search(span) and not span.rstrip().endswith(("？", "?")):
        return QuestionKind.DEMAND
    return QuestionKind.QUESTION if asks else None


def aspect_of(span: str) -> Aspect:
    """What a span wants to know."""
    for aspect, rule in _ASPECT_RULES:
        if rule.search(span):
            return aspect
    return Aspect.NONE


def _statement(span: str, context: str) -> Statement:
    kept = _shorten(span)
    return Statement(kept, kind_of(kept), aspect_of(kept), context)


def _spans(whole: str) -> list[str]:
    """A sentence, cut behind each clause that asks or demands, when several do."""
    clauses = _CLAUSE.findall(whole)
    if sum(_cued(clause) for clause in clauses) < 2:
        return [whole.strip(_TRAILING)]
    spans: list[str] = []
    current, asked = "", False
    for clause in clauses:
        if asked and not _bare(clause):
            spans.append(current)
            current, asked = "", False
        current += clause
        asked = asked or _cued(clause)
    if current and not asked and spans:
        spans[-1] += current
    elif current:
        spans.append(current)
    return [span.strip(_TRAILING) for span in spans]


def _cued(clause: str) -> bool:
    return not _bare(clause) and kind_of(clause) is not None


_BARE = re.compile(
    r"凭什么|凭啥|为什么|为啥|为何|什么原因|理由|原因|依据|呢|吗|是|什么|的|啊|你们?|法院|法律|在哪里?|"
    r"怎么回事|到底|究竟|请问|给个说法|什么情况|解释一下|谁|说|合理|一下|请|求|回应|真的|假的|[^\w]"
)


def _bare(span: str) -> bool:
    """Whether nothing but the asking is left of a span."""
    return not _BARE.sub("", span)


def _shorten(span: str) -> str:
    """The clauses around the one that asks, at most `WORDING` characters."""
    if len(span) <= WORDING:
        return span
    clauses = _CLAUSE.findall(span)
    core = next((i for i, clause in enumerate(clauses) if _cued(clause)), 0)
    first = last = core
    while first > 0 and len("".join(clauses[first - 1 : last + 1])) <= WORDING:
        first -= 1
    while last + 1 < len(clauses) and len("".join(clauses[first : last + 2])) <= WORDING:
        last += 1
    return "".join(clauses[first : last + 1]).strip(_TRAILING)[:WORDING]

"""Which questions a draft statement covers, and the span of it that does.

A span covers a question when it speaks of the same things and says the sort of thing that was
asked for: a reason, a time, an amount, a yes or no. A person decides whether the answer is good.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from domain.questions import Answer, AnswerKind, FocusQuestion, QuestionKind
from nlp.questions.likeness import Bag, Likeness, Matrix
from nlp.questions.statements import Aspect, aspect_of

#: Tuned on the training scenarios of tests/gold/questions: see docs/measurements.md.
LEAST_COVER = 0.30
#: What is left of the cover when the span doesn't say the sort of thing asked for.
WRONG_SORT = 0.8
#: Words of the span before count so much: 故障原因正在排查 speaks of the system named before.
CONTEXT = 0.35
#: Words of a question that fewer of its wordings use than this don't have to be answered.
LEAST_SHARE = 0.2

_SPAN = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*")
_CHECKING = re.compile(
    r"正在|尚待|有待|待[\u3400-\u9fff]{2,12}后|(?:日期|时间|结果|结论)?尚未(?:确定|结束|作出|形成|出具|完成)|"
    r"(?:将|会)(?:进一步)?(?:调取|核实|核查|调查|复核)|另行(?:公告|通知|公布)|已委托|已?介入调查|逐一排查|进一步核"
)
#: A date by which something is done answers, though work goes on; one for a result doesn't.
_DATED = re.compile(
    r"(?:预计|将于|定于|限期)[^，,。]{0,8}[0-9一二两三四五六七八九十]+(?:月|日|个工作日|时|天)(?![^，,。]{0,12}(?:公布|公告|通报))"
)
_DECLINING = re.compile(
    r"无权|不属于(?:本案|我院|本院|法院)|不宜|不便|不予(?:公开|评论|答复|回应|披露)|不作评论|无法(?:公开|答复|透露)|"
    r"由[\u3400-\u9fff]{2,10}(?:依法)?(?:决定|负责)|尚未(?:生效|进入)|依法不(?:公开|能)|涉及国家秘密|属于审判秘密"
)
_EMPTY = re.compile(
    r"高度重视|感谢|欢迎.{0,12}监督|不信谣|举一反三|认真吸取教训|进一步加强|继续加大|始终把|"
    r"^(?:关于|针对|近日|我院注意到|我院关注到|我院已?关注)[^，,]{0,40}[。]?$|职责[。]?$|表示慰问|理解.{0,12}心情"
)
_SORTS = {
    Aspect.WHY: r"因|由于|系|鉴于|根据|依照|依据|原因|所致|规定|故|经查|尚不足以|基于|之所以|属于",
    Aspect.WHEN: r"[0-9一二三四五六七八九十]+(?:月|日|时|天|小时|个工作日|个月|点)|已于|预计|将于|日期|时间|限期|另行|前公[布告]",
    Aspect.WHO: r"由|系|负责|承担|责任|人员|机构|部门|选定|赔偿|某|公司|移送|摇号",
    Aspect.AMOUNT: r"[0-9]|元|%|标准|比例|按照|逐一|名单|承担|方案|可持",
    Aspect.HOW: r"可以|可|应当|需|持|凭|申请|联系|前往|拨打|登记|扣除|办理|顺延",
    Aspect.WHETHER: r"已|未|不|可以|能|属实|系|将|无|是|设有|均|由|应|规定|移送|决定|承担|提起",
    Aspect.NONE: r"已|未|不|可以|属实|系|将|无|经查|是|予以|依法|应|因|由|恳请|请",
}  # fmt: skip
_SORT_RULES = {aspect: re.compile(pattern) for aspect, pattern in _SORTS.items()}


class Answers:
    """Compares questions with the spans of a draft."""

    def __init__(self, likeness: Likeness) -> None:
        self._likeness = likeness

    def find(self, questions: Sequence[FocusQuestion], draft: str) -> list[Answer]:
        """Answers in the order of `questions`; those without one are left out."""
        spans = [match.group().strip() for match in _SPAN.finditer(draft)]
        spans = [span for span in spans if span]
        if not (questions and spans):
            return []
        covers = self.covers(questions, spans)
        found: list[Answer] = []
        for question, row in zip(questions, covers, strict=True):
            best = int(np.argmax(row))
            if row[best] >= LEAST_COVER:
                found.append(Answer(question.id, answer_kind(spans[best]), spans[best]))
        return found

    def covers(self, questions: Sequence[FocusQuestion], spans: Sequence[str]) -> Matrix:
        """How far each span covers each question, 0–1."""
        asked = [self._asked(question) for question in questions]
        said = self._said(spans)
        covers = self._likeness.covers(asked, said)
        for row, question in enumerate(questions):
            for column, span in enumerate(spans):
                covers[row, column] *= _sort_factor(question, span)
        return covers

    def _asked(self, question: FocusQuestion) -> Bag:
        wordings = question.wordings or (question.text,)
        counts = Counter(word for text in wordings for word in set(self._likeness.words(text)))
        least = LEAST_SHARE * len(wordings)
        return {word: n / len(wordings) for word, n in counts.items() if n >= least}

    def _said(self, spans: Sequence[str]) -> list[Bag]:
        bags: list[Bag] = []
        before: list[str] = []
        for span in spans:
            own = self._likeness.words(span)
            bag = dict.fromkeys(own, 1.0)
            for word in before:
                bag.setdefault(word, CONTEXT)
            bags.append(bag)
            before = own
        return bags


def answer_kind(span: str) -> AnswerKind:
    """Whether a span answers, promises to, or says that it can't."""
    if _DECLINING.search(span):
        return AnswerKind.DECLINED
    waiting = _CHECKING.search(span) and not _DATED.search(span)
    return AnswerKind.UNDER_CHECK if waiting else AnswerKind.ANSWERED


def _sort_factor(question: FocusQuestion, span: str) -> float:
    if _EMPTY.search(span):
        return 0.5
    if answer_kind(span) is not AnswerKind.ANSWERED or question.kind is QuestionKind.CLAIM:
        return 1.0
    aspects = Counter(aspect_of(text) for text in question.wordings or (question.text,))
    said = sum(n for aspect, n in aspects.items() if _SORT_RULES[aspect].search(span))
    share = said / aspects.total()
    return WRONG_SORT + (1 - WRONG_SORT) * share

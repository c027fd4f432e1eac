"""One line of keys per text: `c- 3,11 d2 i u` is court, negative, topics 3 and 11, demand 2, irony."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from domain.annotation import IRRELEVANT, Demand, Sentiment, Target
from domain.errors import BadInput
from nlp.labelling.answers import Label

T = TypeVar("T")
_TARGETS = {"c": Target.COURT, "p": Target.PARTY, "e": Target.EVENT, "o": Target.OTHER}
_SENTIMENTS = {"+": Sentiment.POSITIVE, "0": Sentiment.NEUTRAL, "-": Sentiment.NEGATIVE}
_ANSWER = re.compile(r"([cpeox])([+0-])")
DEMANDS = tuple(Demand)
HELP = (
    "c 法院 p 当事人 e 事件 o 其他，接 + 0 -；x 无关（x0）；话题用编号（3,11）；"
    "d编号 诉求；i 反讽；u 拿不准；s 跳过；b 重答上一条；? 规范；q 结束"
)


def read(line: str, item_id: str, topic_ids: Sequence[str], labelling_round: int) -> Label:
    """The label that a line of keys stands for.

    Raises:
        BadInput: the line says nothing, or something the guideline doesn't allow.
    """
    stance, *rest = line.split()
    found = _ANSWER.fullmatch(stance)
    if found is None:
        raise BadInput(f"{stance!r} is no answer", remedy=HELP)
    irrelevant = found[1] == "x"
    topics: list[str] = [IRRELEVANT] if irrelevant else []
    demand, flags = Demand.NONE, set()
    for part in rest:
        if part in ("i", "u"):
            flags.add(part)
        elif re.fullmatch(r"d[0-9]+", part):
            demand = _nth(DEMANDS, int(part[1:]), "demand")
        elif re.fullmatch(r"[0-9]+(,[0-9]+)*", part):
            topics += [_nth(topic_ids, int(number), "topic") for number in part.split(",")]
        else:
            raise BadInput(f"{part!r} is no answer", remedy=HELP)
    label = Label(
        item_id,
        str(Target.OTHER if irrelevant else _TARGETS[found[1]]),
        str(_SENTIMENTS[found[2]]),
        tuple(topics),
        str(demand),
        "i" in flags,
        "u" in flags,
        1,
        labelling_round,
    )
    label.check(frozenset(topic_ids))
    return label


def menu(topics: Sequence[str]) -> list[str]:
    """The numbers of topics and demands, for the screen."""
    listed = "  ".join(f"{number} {name}" for number, name in enumerate(topics, start=1))
    demands = "  ".join(f"d{number} {demand}" for number, demand in enumerate(DEMANDS, start=1))
    return [listed, demands, HELP]


def _nth(values: Sequence[T], number: int, what: str) -> T:
    if not 1 <= number <= len(values):
        raise BadInput(f"there is no {what} {number}", remedy=HELP)
    return values[number - 1]

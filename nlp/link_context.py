"""When a case's words don't mean the case: other places, advertising, drills.

Only links that rest on words are judged here, never those by number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from domain.cases import Case

#: Elsewhere, without a name.
_ELSEWHERE = re.compile(r"(?:外|邻|某|别|隔壁|其他)(?:省|市|地)|省外|国外|海外|境外")
#: Advertising, recruiting, drills and advice: the words of an incident without the incident.
_OFFERS = re.compile(
    r"招生|招聘|招商|招标|开业|促销|优惠|打折|抽奖|福利|上新|新品|出租|出售|转让|参观|演练|培训"
    r"|宣讲|讲座|科普|预防|防范|安全教育|温馨提示|家访"
)
#: A word of courts or of harm: then it may be the case after all.
_MATTER = re.compile(
    r"法院|法庭|法官|官司|案|判|诉|开庭|庭审|被告|原告|律师|索赔|赔偿|受害|家属|伤者|死者|处罚|立案|执行|告了"
)
#: Said to tell two matters apart, or of an invented one, or of harm that was none.
_OTHER_MATTER = re.compile(
    r"两回事|两码事|一回事|两件事|无关|不相干|不搭界|同名|重名|隔一条街"
    r"|法考|真题|考题|模拟题|化名|虚构|小说|短剧|电影|电视剧|剧本"
    r"|没人受伤|无人受伤|没有伤|未造成伤|虚惊"
)
_SENTENCE = re.compile(r"[^。！？!?；;\n]+")
#: Characters before a name within which another place belongs to it: 望川的工地坍塌案.
_BEFORE = 4
_SHORTEST_PLACE = 2
#: A place's name in a court's: 江澜市云岫区人民法院 → 云岫; the city is everybody's.
_PLACE = re.compile(r"(?:.*市)?(.{2,4}?)[区县市旗]?(?:人民)?法院$")


class Places:
    """The places of a registry: each case's own, and those of the others.

    Args:
        cases: the watched cases, in their order.
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        self._own = [frozenset(_places(case)) for case in cases]
        self._all = frozenset(place for own in self._own for place in own)

    def named_elsewhere(self, position: int, text: str, start: int, name: str) -> bool:
        """Whether the name at `start` of `text` is said of another place than the case's.

        A name that holds the case's own place can't be.
        """
        own = self._own[position]
        if any(place in name for place in own):
            return False
        before = text[max(start - _BEFORE, 0) : start]
        parts = {
            before[begin:end]
            for begin in range(len(before))
            for end in range(begin + _SHORTEST_PLACE, len(before) + 1)
        }
        named = parts & self._all
        return not named & own and (bool(named) or _ELSEWHERE.search(before) is not None)


def is_elsewhere(text: str, words: Iterable[str]) -> bool:
    """Whether one of `words` stands in a sentence about an unnamed place elsewhere."""
    if not _ELSEWHERE.search(text):
        return False
    known = tuple(words)
    return any(
        _ELSEWHERE.search(sentence[0]) and any(word in sentence[0] for word in known)
        for sentence in _SENTENCE.finditer(text)
    )


def is_no_matter(text: str) -> bool:
    """Whether a text tells matters apart or invents one, or offers, recruits or instructs.

    Offers count only where no word of courts or of harm stands beside them.
    """
    if _OTHER_MATTER.search(text):
        return True
    return _OFFERS.search(text) is not None and _MATTER.search(text) is None


def _places(case: Case) -> list[str]:
    found = _PLACE.match(case.court)
    court = [found[1]] if found and found[1] not in ("中级", "高级") else []
    return [place for place in (*case.formula.regions, *court) if len(place) >= 2]

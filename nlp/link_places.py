"""Which places a text names, and whether they are a case's own.

A place is one that a watched case has (its regions, its court's), a province, or what is written
like a place (… 市, … 县, … 州). A city that stands in the name of the case's court is its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from domain.cases import Case

_SHORTEST_PLACE = 2
#: Characters before a name within which another place belongs to it: 望川的工地坍塌案.
_BEFORE = 4
#: A place's name in a court's: 江澜市云岫区人民法院 → 云岫; the city is everybody's.
_PLACE = re.compile(r"(?:.*市)?(.{2,4}?)[区县市旗]?(?:人民)?法院$")
#: Elsewhere, without a name; not people from there, who ask about the case here. So is a place
#: that has one of the kind, too: 我们县也有.
_UNNAMED = re.compile(
    r"(?:(?:外|邻|某|别|隔壁|其他)(?:省|市|县|地)|省外|国外|海外|境外)"
    r"(?!的?(?:人|网友|户|媒体|记者|游客|朋友|群众|律师|车)|来的?)"
    r"|[我咱]们?(?:省|市|县|区|镇|这[边里儿]|那[边里儿])也(?:有|出|发生|碰|遇)"
)
_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东"
    "|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
#: Written like a place: two characters and 省, 市, 县 (not 全市, 超市, 该县 …), or one and 州.
_WRITTEN = re.compile(
    rf"{_PROVINCES}"
    r"|[一-鿿][^\W全本我该某城超上股楼夜菜门都集开入黑牛外邻各一两每这那此贵到在的](?:省|市|县)"
    r"|[^\W\d_的在从到和与跟这那神九](?<=[一-鿿])州"
)
#: Before a place where the writer is, or in an account's name: it says nothing of the case.
_WRITER = re.compile(r"(?:@|坐标|人在|ip[属地:：]*)$")
#: Between two places that are named together: 云岫和青崖两起.
_JOINED = re.compile(r"[省市区县旗]?(?:和|、|与|跟|及|同)")
#: Before a name: such a thing happened, one of its kind and not the known one: 出了个X案, 查处一起X案.
_ONE_OF_A_KIND = re.compile(
    r"(?:出|发生|曝光|查处|查获|破获|侦破|通报|审理|审结|宣判|有)[了过]?(?:一?[起宗件桩个])[^\s，,：:]{0,6}$"
)
_LONGEST_CUE = 12
_CLAUSE_MARK = re.compile(r"[，,:：]")
#: After a place: it names a court.
_COURT = re.compile(r"[省市区县旗]?(?:人民|中级人民|高级人民)?(?:法院|中院|法庭)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a folded text: its name without 区 or 县, and where it stands."""

    name: str
    start: int
    end: int
    of_court: bool


class Places:
    """The places of a registry: each case's own, and those of the others.

    Args:
        cases: the watched cases, in their order.
    """

    def __init__(self, cases: Sequence[Case]) -> None:
        self._courts = [case.court for case in cases]
        self._own = [frozenset(_places(case)) for case in cases]
        self._bound = [
            bool(case.formula.regions)
            or (
                bool(case.formula.subjects)
                and all(any(place in word for place in own) for word in case.formula.subjects)
            )
            for case, own in zip(cases, self._own, strict=True)
        ]
        # What cases of several courts call their region lies around them all: their city.
        courts: dict[str, set[str]] = defaultdict(set)
        for case, own in zip(cases, self._own, strict=True):
            for place in own:
                courts[place].add(case.court)
        self._around = {place for place, named in courts.items() if len(named) > 1}
        self._known = sorted({place for own in self._own for place in own})
        self._automaton = AhoCorasick(self._known, matchkind=MatchKind.LeftmostLongest)

    def mentions(self, text: str) -> list[Mention]:
        """The places a folded text names, in order."""
        found = [
            (start, end, self._known[place])
            for place, start, end in self._automaton.find_matches_as_indexes(text)
        ]
        known = tuple(found)
        found += [
            (match.start(), match.end(), match[0])
            for match in _WRITTEN.finditer(text)
            if all(end <= match.start() or match.end() <= start for start, end, _ in known)
        ]
        return [
            Mention(name, start, end, _COURT.match(text, end) is not None)
            for start, end, name in sorted(found)
            if not _WRITER.search(text, max(start - _BEFORE, 0), start)
        ]

    def holds_own(self, position: int, name: str) -> bool:
        """Whether a name holds the case's own place: 云岫区工地坍塌案."""
        return any(place in name for place in self._own[position])

    def is_foreign(self, position: int, mention: Mention) -> bool:
        """Whether a place is neither the case's own nor around it.

        A case of a court without a district's name (an intermediate court) has every watched place
        in its circuit.
        """
        if mention.name in self._own[position] or mention.name in self._around:
            return False
        if mention.name[:2] in self._courts[position]:
            return False
        own = self._own[position]
        return not any(place in mention.name or mention.name in place for place in own) and (
            bool(own) or mention.name not in self._known
        )

    def names_own(self, position: int, mentions: Sequence[Mention]) -> bool:
        """Whether the case's own place is among those named."""
        return any(one.name in self._own[position] for one in mentions)

    def said_of_another(
        self, position: int, text: str, start: int, mentions: Sequence[Mention]
    ) -> bool:
        """Whether the words at `start` follow upon another place than the case's: 望川的工地坍塌案."""
        near = [one for one in mentions if start - _BEFORE <= one.start and one.end <= start]
        if near:
            return self._last_is_foreign(position, text, mentions[: mentions.index(near[-1]) + 1])
        return _UNNAMED.search(text, max(start - _BEFORE, 0), start) is not None

    def introduced_elsewhere(
        self, position: int, text: str, begin: int, start: int, mentions: Sequence[Mention]
    ) -> bool:
        """Whether a clause of the sentence from `begin` tells of one such matter at another place.

        北汀市也出了个X案: whoever means the known one doesn't call it one of its kind.
        """
        if not _ONE_OF_A_KIND.search(text, max(start - _LONGEST_CUE, begin), start):
            return False
        for mark in _CLAUSE_MARK.finditer(text, begin, start):
            begin = mark.end()
        before = [one for one in mentions if begin <= one.start and one.end <= start]
        return bool(before) and self._last_is_foreign(position, text, before)

    def before_another_court(
        self, position: int, mentions: Sequence[Mention], begin: int, end: int
    ) -> bool:
        """Whether a court elsewhere is named from `begin` to `end`, and the case's place nowhere."""
        if not self._own[position] or self.names_own(position, mentions):
            return False
        return any(
            one.of_court and begin <= one.start < end and self.is_foreign(position, one)
            for one in mentions
        )

    def happened_elsewhere(
        self, position: int, text: str, start: int, mentions: Sequence[Mention]
    ) -> bool:
        """Whether the last place named before `start` is foreign."""
        before = [one for one in mentions if one.end <= start]
        return bool(before) and self._last_is_foreign(position, text, before)

    def _last_is_foreign(self, position: int, text: str, mentions: Sequence[Mention]) -> bool:
        """Whether the last place is foreign, and so are those that are named together with it."""
        last = mentions[-1]
        for one in reversed(mentions):
            joined = one is last or _JOINED.fullmatch(text, one.end, last.start)
            if not joined:
                return True
            if not self.is_foreign(position, one):
                return False
            last = one
        return True

    def is_bound(self, position: int) -> bool:
        """Whether the case's formula holds of its place only: by regions, or its subjects' names."""
        return self._bound[position]


def is_unnamed_elsewhere(text: str) -> bool:
    """Whether a text speaks of a place elsewhere without naming it: 外省, 邻市."""
    return _UNNAMED.search(text) is not None


def _places(case: Case) -> list[str]:
    found = _PLACE.match(case.court)
    court = [found[1]] if found and found[1] not in ("中级", "高级") else []
    return [place for place in (*case.formula.regions, *court) if len(place) >= _SHORTEST_PLACE]

"""The level table of practice.md §2, as data. The program proposes; a named person confirms.

A level needs two of its lines, or one ★. A ★ counts if a person confirmed the fact, or if at least
10 % of the episode's de-duplicated posts (at least 10) carry it. What nobody told us is "未知",
never "no". Levels are proposed for an open episode only: without the spike there is no alert.
All numbers are engineering defaults [D], not rules of any authority.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.alerts import Level, Share

#: From low to high.
ORDER = (Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED)
#: Words of the four levels, as a press office says them.
WORDS = {Level.BLUE: "一般", Level.YELLOW: "较大", Level.ORANGE: "重大", Level.RED: "特别重大"}

_CARRIED_RATIO, _CARRIED_POSTS = 0.10, 10


class Fact(StrEnum):
    """Facts behind the ★ lines, by the words a page shows."""

    LOCAL_HOT = "本地热搜"
    NATIONAL = "全国性媒体或全国热搜"
    MINOR = "涉未成年人"
    DEATH = "涉人员死亡"
    COURT_VIOLENCE = "法院内暴力或死亡"


@dataclass(frozen=True, slots=True)
class Flag:
    """What is known of a fact: a person's (or the registry's) word, or how many posts carry it.

    Attributes:
        confirmed: True or False by a person; None when nobody said.
        carried: de-duplicated posts that carry it, of all; None when nothing reads for it.
    """

    confirmed: bool | None = None
    carried: Share | None = None

    @property
    def known(self) -> bool:
        """Whether anybody or anything looked."""
        return self.confirmed is not None or self.carried is not None

    @property
    def counts(self) -> bool:
        """Whether the ★ counts; a person's no outweighs the posts."""
        if self.confirmed is not None:
            return self.confirmed
        if self.carried is None:
            return False
        ratio = self.carried.ratio
        return self.carried.k >= _CARRIED_POSTS and ratio is not None and ratio >= _CARRIED_RATIO


@dataclass(frozen=True, slots=True)
class Facts:
    """What the level of an open episode follows from. All counts are raw, copies included."""

    posts: int
    court_negative: Share
    platforms: int
    media: int
    flags: Mapping[Fact, Flag] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: gives its reason in words when it holds, None when it doesn't."""

    level: Level
    reason: Callable[[Facts], str | None]


@dataclass(frozen=True, slots=True)
class StarLine:
    """A line that is enough alone."""

    level: Level
    fact: Fact


@dataclass(frozen=True, slots=True)
class Proposal:
    """A level and the reasons for it: lines that hold, then what is unknown."""

    level: Level
    lines: tuple[str, ...]


def _posts(least: int) -> Callable[[Facts], str | None]:
    def reason(facts: Facts) -> str | None:
        return f"帖文 {facts.posts} 条（≥{least}）" if facts.posts >= least else None

    return reason


def _court_negative(percent: int, least: int) -> Callable[[Facts], str | None]:
    def reason(facts: Facts) -> str | None:
        share = facts.court_negative
        if share.n < least or share.k * 100 < percent * share.n:
            return None
        return f"涉院负面 {share.k / share.n:.0%}（n={share.n}；≥{percent}%，n≥{least}）"

    return reason


def _platforms(least: int) -> Callable[[Facts], str | None]:
    def reason(facts: Facts) -> str | None:
        return f"平台 {facts.platforms} 个（≥{least}）" if facts.platforms >= least else None

    return reason


def _media(least: int) -> Callable[[Facts], str | None]:
    def reason(facts: Facts) -> str | None:
        return f"媒体 {facts.media} 家（≥{least}）" if facts.media >= least else None

    return reason


#: The table, in its order.
TABLE: tuple[Line | StarLine, ...] = (
    Line(Level.YELLOW, _posts(200)),
    Line(Level.YELLOW, _court_negative(40, 50)),
    Line(Level.YELLOW, _platforms(2)),
    Line(Level.ORANGE, _posts(2000)),
    Line(Level.ORANGE, _media(3)),
    StarLine(Level.ORANGE, Fact.LOCAL_HOT),
    StarLine(Level.ORANGE, Fact.MINOR),
    StarLine(Level.ORANGE, Fact.DEATH),
    Line(Level.RED, _posts(20_000)),
    StarLine(Level.RED, Fact.NATIONAL),
    StarLine(Level.RED, Fact.COURT_VIOLENCE),
)


def rank(level: Level) -> int:
    """0 for blue … 3 for red."""
    return ORDER.index(level)


def propose(facts: Facts) -> Proposal:
    """The level of an open episode: the highest with two lines or one ★, else blue."""
    held: list[str] = []
    weight = dict.fromkeys(ORDER, 0)
    for line in TABLE:
        if isinstance(line, Line):
            reason, counted = line.reason(facts), 1
        else:
            flag = facts.flags.get(line.fact, Flag())
            reason, counted = (_star_reason(line.fact, flag) if flag.counts else None), 2
        if reason is not None:
            held.append(f"{WORDS[line.level]}：{reason}")
            weight[line.level] += counted
    level = max((level for level in ORDER if weight[level] >= 2), key=rank, default=Level.BLUE)
    opening = "一般：讨论量突增" if level is Level.BLUE else "讨论量突增"
    return Proposal(level, (opening, *held, *_unknown(facts)))


def _star_reason(fact: Fact, flag: Flag) -> str:
    if flag.confirmed or flag.carried is None:
        return f"★{fact.value}（已登记）"
    return f"★{fact.value}（去重后 {flag.carried.k}/{flag.carried.n} 条提及，待核）"


def _unknown(facts: Facts) -> tuple[str, ...]:
    names = [fact.value for fact in Fact if not facts.flags.get(fact, Flag()).known]
    return (f"未知：{'、'.join(names)}",) if names else ()

"""The level table of practice.md §2, as data. The program proposes; a named person confirms.

A level needs two of its lines, or one ★. A ★ counts if a person confirmed the fact, or if at least
10 % of the episode's de-duplicated posts (at least 10) carry it. What nobody told us is "未知",
never "no". Levels are proposed for an open episode only: without the spike there is no alert.
All numbers are engineering defaults [D] in `alerts/policy/defaults.yml`, not rules of any
authority.

A level says how far a matter has come. Whether the anger in it is at the court is another question:
`Why.court_negative` and `Why.concern` answer it, and no volume raises them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.policy.settings import CountLine, LevelTable, Line, ShareLine, Star, default_policy
from domain.alerts import Fact, Flag, Level, Share

#: From low to high.
ORDER = (Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED)
#: Words of the four levels, as a press office says them.
WORDS = {Level.BLUE: "一般", Level.YELLOW: "较大", Level.ORANGE: "重大", Level.RED: "特别重大"}
#: Words of the facts behind ★ lines.
FACTS = {
    Fact.LOCAL_HOT: "本地热搜",
    Fact.NATIONAL_HOT: "全国热搜",
    Fact.NATIONAL_MEDIA: "全国性媒体",
    Fact.MINOR: "涉未成年人",
    Fact.DEATH: "涉人员死亡",
    Fact.COURT_VIOLENCE: "法院内暴力或死亡",
}
_COUNTS = {"posts": ("帖文", "条"), "platforms": ("平台", "个"), "media": ("媒体", "家")}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the level of an open episode follows from. All counts are raw, copies included."""

    posts: int
    court_negative: Share
    platforms: int
    media: int
    flags: Mapping[Fact, Flag] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A level and the reasons for it: lines that hold, then what is unknown."""

    level: Level
    lines: tuple[str, ...]


def rank(level: Level) -> int:
    """0 for blue … 3 for red."""
    return ORDER.index(level)


def propose(facts: Facts, table: LevelTable | None = None) -> Proposal:
    """The level of an open episode: the highest with enough lines or one ★, else blue."""
    chosen = table or default_policy().levels
    held: list[str] = []
    weight = dict.fromkeys(ORDER, 0)
    for level, line in chosen.rows():
        reason, counted = _reason(line, facts, chosen)
        if reason:
            held.append(f"{WORDS[level]}：{reason}")
            weight[level] += counted
    least = chosen.lines_needed
    level = max((level for level in ORDER if weight[level] >= least), key=rank, default=Level.BLUE)
    opening = "一般：讨论量突增" if level is Level.BLUE else "讨论量突增"
    return Proposal(level, (opening, *held, *_unknown(facts, chosen)))


def counts(flag: Flag, star: Star) -> bool:
    """Whether a ★ counts; a person's no outweighs the posts."""
    if flag.confirmed is not None:
        return flag.confirmed
    if flag.carried is None:
        return False
    share = flag.carried
    return share.k >= star.least and share.k * 100 >= star.percent * share.n


def line_words(line: Line) -> str:
    """A line of the table in words, for the settings page."""
    if isinstance(line, CountLine):
        return f"{_COUNTS[line.line][0]} ≥ {line.least} {_COUNTS[line.line][1]}"
    if isinstance(line, ShareLine):
        return f"涉院负面 ≥ {line.percent}%，n ≥ {line.least}"
    return f"★ {FACTS[line.star]}"


def _reason(line: Line, facts: Facts, table: LevelTable) -> tuple[str, int]:
    """Words of a line that holds, "" of one that doesn't, and how many lines it counts for."""
    if isinstance(line, CountLine):
        count = {"posts": facts.posts, "platforms": facts.platforms, "media": facts.media}
        seen, (name, unit) = count[line.line], _COUNTS[line.line]
        return (f"{name} {seen} {unit}（≥{line.least}）" if seen >= line.least else ""), 1
    if isinstance(line, ShareLine):
        share = facts.court_negative
        if share.n < line.least or share.k * 100 < line.percent * share.n:
            return "", 1
        rate = f"{share.k / share.n:.0%}（n={share.n}；≥{line.percent}%，n≥{line.least}）"
        return f"涉院负面 {rate}", 1
    flag = facts.flags.get(line.star, Flag(line.star))
    return (_star_words(flag) if counts(flag, table.star) else ""), table.lines_needed


def _star_words(flag: Flag) -> str:
    name = FACTS[flag.fact]
    if flag.confirmed or flag.carried is None:
        return f"★{name}（人工确认）"
    return f"★{name}（去重后 {flag.carried.k}/{flag.carried.n} 条提及，待核）"


def _unknown(facts: Facts, table: LevelTable) -> tuple[str, ...]:
    asked = dict.fromkeys(
        line.star for _, line in table.rows() if not isinstance(line, CountLine | ShareLine)
    )
    names = [FACTS[fact] for fact in asked if not facts.flags.get(fact, Flag(fact)).known]
    return (f"未知：{'、'.join(names)}",) if names else ()

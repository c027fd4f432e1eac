"""Coverage of a source's last seven days, hour by hour: as a strip, as a table, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from desk.display import span
from desk.wording import GAPS
from domain.hours import HOUR, Basis, HourState, SourceHour
from domain.time import SHANGHAI

DAYS = 7
#: Sign and word of an hour; the sign never stands alone, and no meaning is in colour alone.
SIGNS: dict[HourState, tuple[str, str]] = {
    HourState.FULL: ("", "已覆盖"),
    HourState.PARTIAL: ("◐", "部分覆盖"),
    HourState.BLIND: ("✕", "失联"),
    HourState.MADE_GOOD: ("↺", "失联后已补采"),
    HourState.THIN: ("▽", "明显少于往常"),
    HourState.PENDING: ("…", "尚未到齐"),
}
#: Height of the strip, in units of its drawing; an hour is one unit wide.
HEIGHT = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of the table: what stands in it, and all of it in words."""

    sign: str
    count: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Day:
    """A row of the table; cells of hours that are not watched are None."""

    day: date
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """Hours in a row that look the same, on the strip: `filled` of `HEIGHT` is what was seen."""

    x: int
    width: int
    filled: float
    state: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Hours in a row with one reason."""

    when: str
    words: str
    reason: str
    detail: str
    covered: str


@dataclass(frozen=True, slots=True)
class Week:
    """Everything the pages show of a source's coverage.

    Attributes:
        words: the sentence that stands beside the strip and is read instead of it.
    """

    since: datetime
    bars: tuple[Bar, ...]
    days: tuple[Day, ...]
    troubles: tuple[Trouble, ...]
    words: str


def week_start(now: datetime) -> datetime:
    """Midnight in Shanghai, six days ago."""
    today = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS - 1)


def week_of(hours: Sequence[SourceHour], now: datetime) -> Week:
    """The week that ends today, from one source's hours, oldest first."""
    since = week_start(now)
    by_start = {hour.start: hour for hour in hours}
    return Week(
        since=since,
        bars=tuple(_bars(hours, since)),
        days=tuple(_day(by_start, since + timedelta(days=number)) for number in range(DAYS)),
        troubles=tuple(reversed(list(_troubles(hours, now)))),
        words=summary(hours),
    )


def summary(hours: Sequence[SourceHour]) -> str:
    """“覆盖 97.5%（160 小时中），失联 4.0 小时，其中 3.0 小时已补采”."""
    over = [hour for hour in hours if hour.settled]
    if not over:
        return "还没有满一小时的记录"
    blind = sum(hour.blind for hour in over)
    good = sum(max(hour.covered + hour.blind - 1, 0) for hour in over)
    words = share_words(over)
    if blind >= 0.05:
        words += f"，失联 {blind:.1f} 小时"
        words += f"，其中 {good:.1f} 小时已补采" if good >= 0.05 else "，未能补采"
    if thin := sum(hour.state is HourState.THIN for hour in over):
        words += f"，{thin} 小时明显少于往常"
    return words


def share_words(hours: Sequence[SourceHour]) -> str:
    """“覆盖 97.5%（160 小时）”, of the hours that are over."""
    over = [hour for hour in hours if hour.settled]
    if not over:
        return "覆盖未知（还没有满一小时的记录）"
    return f"覆盖 {sum(hour.covered for hour in over) / len(over):.1%}（{len(over)} 小时）"


def hour_words(hour: SourceHour) -> str:
    """An hour in one sentence: “21日 05:00：12 帖，往周同时段 30 帖；覆盖 40%，被限流”."""
    local = hour.start.astimezone(SHANGHAI)
    got = f"{hour.got} 帖"
    if hour.estimated:
        got += f"（按 {hour.rate:g} 抽样，推算 {hour.scaled:.0f} 帖）"
    parts = [got, _expectation(hour), f"覆盖 {hour.covered:.0%}"]
    if hour.reason:
        parts.append(GAPS[hour.reason])
    return f"{local.day}日 {local:%H:%M} {SIGNS[hour.state][1]}：" + "，".join(parts)


def _expectation(hour: SourceHour) -> str:
    if hour.expected is None:
        return f"尚无预期（历史 {hour.history} 周，需 3 周）"
    if hour.basis is Basis.DECLARED:
        return f"按声明每小时至少 {hour.expected:.1f} 帖（平均）"
    return f"往周同时段 {hour.expected:.0f} 帖（{hour.history} 周中位数）"


def _day(hours: dict[datetime, SourceHour], start: datetime) -> Day:
    found = (hours.get(start + number * HOUR) for number in range(24))
    return Day(start.date(), tuple(_cell(hour) if hour else None for hour in found))


def _cell(hour: SourceHour) -> Cell:
    unseen = hour.state is HourState.BLIND
    return Cell(
        sign=SIGNS[hour.state][0],
        count="" if unseen and not hour.got else str(hour.got),
        state=hour.state.value,
        words=hour_words(hour),
    )


def _bars(hours: Sequence[SourceHour], since: datetime) -> Iterator[Bar]:
    def look(hour: SourceHour) -> tuple[str, float]:
        return hour.state.value, round(hour.covered, 1)

    shown = [hour for hour in hours if hour.start >= since]
    place = 0
    while place < len(shown):
        first, end = shown[place], place + 1
        while (
            end < len(shown)
            and look(shown[end]) == look(first)
            and shown[end].start - shown[end - 1].start == HOUR
        ):
            end += 1
        x = int((first.start - since) / HOUR)
        yield Bar(x, end - place, HEIGHT * round(first.covered, 1), first.state.value)
        place = end


def _troubles(hours: Sequence[SourceHour], now: datetime) -> Iterator[Trouble]:
    """Hours in a row with one reason and state, oldest first."""
    marked = [hour for hour in hours if hour.reason or hour.state is HourState.THIN]
    keyed = (
        ((hour.reason, hour.detail, hour.state, hour.start - number * HOUR), hour)
        for number, hour in enumerate(marked)
    )
    for (reason, detail, state, _), group in groupby(keyed, key=lambda pair: pair[0]):
        run = [hour for _, hour in group]
        covered = sum(hour.covered for hour in run) / len(run)
        yield Trouble(
            when=span(run[0].start, run[-1].start + HOUR, now),
            words=" ".join(SIGNS[state]).strip(),
            reason=GAPS[reason] if reason else "数量低于预期",
            detail=detail,
            covered=f"{covered:.0%}（{len(run)} 小时）",
        )

"""Turns of phrase several sections share: days, hours, coverage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.time import SHANGHAI
from reports.figures import WeekFigures
from reports.period import Week
from reports.suppression import change

#: A difference below this is “基本持平” [D].
LEVEL_WITHIN = 0.05


def day(moment: datetime) -> str:
    """“11月18日”."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日"


def minute(moment: datetime) -> str:
    """“11月18日 14:05”."""
    return f"{day(moment)} {moment.astimezone(SHANGHAI):%H:%M}"


def window(week: Week) -> str:
    """“2026年11月13日至11月19日”."""
    first, last = week.first_day, week.last_day
    year = f"{last.year}年" if last.year != first.year else ""
    return f"{first.year}年{first.month}月{first.day}日至{year}{last.month}月{last.day}日"


def whole_hours(hours: float) -> str:
    """“不到 1 小时”, “31 小时”."""
    return "不到 1 小时" if hours < 1 else f"{hours:.0f} 小时"


def short(topic: str) -> str:
    """A topic's name without what stands in brackets."""
    return topic.split("（", maxsplit=1)[0]


def articles(numbers: Iterable[int]) -> str:
    """“第13、22条”, “—” when there is none."""
    joined = "、".join(str(number) for number in numbers)
    return f"第{joined}条" if joined else "—"


def article_lines(numbers: Sequence[int]) -> str:
    """Numbers of articles for a narrow cell, two a line: “13、22、⏎25、26”."""
    pairs = ["、".join(map(str, numbers[i : i + 2])) for i in range(0, len(numbers), 2)]
    return "、\n".join(pairs) or "—"


def coverage(week: WeekFigures) -> str:
    """What was seen of the week, as a sentence without full stop."""
    if week.coverage is None:
        return "没有登记任何信息源，数字不能说明舆情有无"
    if week.blind:
        return f"信息源几乎全部失联（累计 {whole_hours(week.blind_hours)}），不能据此判断没有舆情"
    if not week.whole:
        return f"信息源累计失联 {whole_hours(week.blind_hours)}，数字可能偏低"
    return "信息源全周正常"


def against_last_week(now: int, before: int, weeks: tuple[WeekFigures, ...]) -> str:
    """The change, or why there is none to give."""
    if weeks[0].blind:
        return "本周失联，不可比"
    if weeks[1].blind:
        return "上周无数据，不可比"
    return change(now, before)

"""How times, shares and numbers read: always Shanghai time, always with n, unknown is 未知."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from markupsafe import Markup

from desk.wording import CLOCKS, UNKNOWN
from domain.alerts import Count, Share
from domain.policy import ClockReading, ClockState
from domain.time import SHANGHAI

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def clock_time(moment: datetime, now: datetime) -> str:
    """“14:05” today, “11月22日 14:05” this year, “2025年11月22日 14:05” before."""
    local, today = moment.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    text = f"{local:%H:%M}"
    if local.date() == today.date():
        return text
    day = f"{local.month}月{local.day}日 {text}"
    return day if local.year == today.year else f"{local.year}年{day}"


def span(start: datetime, end: datetime, now: datetime) -> str:
    """“10:05–10:40”; both ends carry their day when one of them isn't today's."""
    days = {moment.astimezone(SHANGHAI).date() for moment in (start, end)}
    first = clock_time(start, now)
    if len(days) == 1:
        return f"{first}–{end.astimezone(SHANGHAI):%H:%M}"
    last = end.astimezone(SHANGHAI)
    return f"{first}–{last.month}月{last.day}日 {last:%H:%M}"


def age(moment: datetime, now: datetime) -> str:
    """“12 分钟前”; a moment ahead of the clock reads “时间在未来”, because it is an error to see."""
    gone = now - moment
    if gone < -_MINUTE:
        return "时间在未来"
    if gone < _MINUTE:
        return "刚刚"
    return f"{duration(gone)}前"


def duration(length: timedelta) -> str:
    """“38 分钟”, “5 小时”, “3 天”: whole units, rounded down."""
    if length >= 2 * _DAY:
        return f"{length // _DAY} 天"
    if length >= _HOUR:
        return f"{length // _HOUR} 小时"
    return f"{max(length, _MINUTE) // _MINUTE} 分钟"


def window(minutes: int) -> str:
    """Length of a score's window: “15 分钟”, “6 小时”."""
    return f"{minutes // 60} 小时" if minutes and minutes % 60 == 0 else f"{minutes} 分钟"


def time_tag(moment: datetime, now: datetime) -> Markup:
    """A `<time>` element: “14:05（12 分钟前）”; `desk.js` keeps the age fresh."""
    return Markup('<time datetime="{}">{}<span class="age">（{}）</span></time>').format(
        moment.isoformat(timespec="seconds"), clock_time(moment, now), age(moment, now)
    )


def left(reading: ClockReading, now: datetime) -> str:
    """“● 余 4 小时 20 分钟”, “✕ 已超 12 分钟”, “✓ 按时完成”: sign and word, never colour alone."""
    sign, word = CLOCKS[reading.state]
    if reading.due_at is None or reading.state in {ClockState.MET, ClockState.LATE}:
        return f"{sign} {word}"
    return f"{sign} {word} {long_duration(abs(reading.due_at - now))}"


def long_duration(length: timedelta) -> str:
    """“4 小时 20 分钟”, “2 天 3 小时”, “12 分钟”: two units, rounded down."""
    minutes = max(length // _MINUTE, 0)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天" + (f" {hours} 小时" if hours else "")
    if hours:
        return f"{hours} 小时" + (f" {rest} 分钟" if rest else "")
    return f"{rest} 分钟"


def percent(share: Share) -> str:
    """“61%（n=131）”; 未知 when n is 0, because there is nothing to divide by."""
    if share.ratio is None:
        return UNKNOWN
    return f"{share.ratio:.0%}（n={share.n}）"


def number(value: float | None) -> str:
    """An integer with thousands separators, one decimal otherwise; None is 未知."""
    if value is None:
        return UNKNOWN
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def heat(count: Count | None) -> str:
    """“46 帖（去重后 31 帖，38 人）”."""
    if count is None:
        return "0 帖"
    parts = [] if count.distinct is None else [f"去重后 {count.distinct:,} 帖"]
    parts += [] if count.authors is None else [f"{count.authors:,} 人"]
    return f"{count.posts:,} 帖" + (f"（{'，'.join(parts)}）" if parts else "")


def estimate(posts: int | None) -> str:
    """“（抽样，推算全量约 1,200 帖）”; nothing for a count that is no sample's."""
    return "" if posts is None else f"（抽样，推算全量约 {posts:,} 帖）"


def day_start(day: date) -> datetime:
    """First instant of a Shanghai day."""
    return datetime.combine(day, time(), SHANGHAI)

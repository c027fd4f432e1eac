"""Moments as platforms and papers print them; anything unknown is an error, never "now"."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime

from domain.errors import BadInput
from domain.time import SHANGHAI, as_utc

_FIRST_YEAR = 1990
#: How far ahead of us a source's clock may be before its time counts as wrong.
_AHEAD = timedelta(days=1)
#: A time without a year, or counted from today, was meant as past; clocks differ by minutes.
_SKEW = timedelta(hours=1)
_LONGEST = 64

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_WEIBO = re.compile(
    r"[a-z]{3} (?P<month>[a-z]{3}) (?P<day>\d{1,2}) (?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)"
    r" (?P<sign>[+-])(?P<zh>\d\d):?(?P<zm>\d\d) (?P<year>\d{4})"
)
_CLOCK = r"(?P<half>凌晨|早上|上午|中午|下午|晚上|晚)? ?(?P<h>\d{1,2})(?:[:时点](?P<m>\d{1,2})?(?:[:分](?P<s>\d{1,2})?)?)[秒分]?"
_DAY = re.compile(rf"(?P<day>今天|今日|昨天|昨日|前天)(?: ?{_CLOCK})?")
_AGO = re.compile(
    r"(?P<number>\d{1,5}|半|几) ?个?(?P<unit>秒钟?|分钟?|小时|天|周) ?(?:以?前|ago)?前?"
)
_UNITS = {"秒": "seconds", "分": "minutes", "小时": "hours", "天": "days", "周": "weeks"}
_FULL = re.compile(
    rf"(?P<year>\d{{4}}) ?[年/.-] ?(?P<month>\d{{1,2}}) ?[月/.-] ?(?P<day>\d{{1,2}})日?"
    rf"(?:,? ?(?:星期|周)[一二三四五六日天])?(?:,? ?{_CLOCK})?"
)
_NO_YEAR = re.compile(rf"(?P<month>\d{{1,2}}) ?[月/.-] ?(?P<day>\d{{1,2}})日?(?: ?{_CLOCK})?")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_COMPACT = re.compile(r"\d{8}(?:\d{4}(?:\d\d)?)?")
_LABEL = re.compile(r"^(?:发布时间|发表时间|发布日期|时间|日期|发布于|发表于|编辑于)[: ]{0,2}")


def parse_moment(text: str, now: datetime, zone: tzinfo = SHANGHAI) -> datetime:
    """Return the moment `text` prints, aware, in UTC.

    Args:
        text: a form of sources.md (刚刚, 5分钟前, 今天09:15, 昨天 23:05, 01-03, 11月20日 09:15,
            2026年11月20日09:15, ISO 8601, Weibo's and RFC 2822), or Unix seconds or milliseconds.
        now: the present instant, aware; what relative forms count from.
        zone: zone of forms that name none.

    Raises:
        BadInput: unknown form, no such day, before 1990, or more than a day ahead of `now`.
    """
    present = as_utc(now)
    form = unicodedata.normalize("NFKC", text[: _LONGEST + 1]).strip()
    if not form or len(form) > _LONGEST:
        raise _unknown(form)
    form = _LABEL.sub("", " ".join(form.split()))
    try:
        moment = as_utc(_read(form, present.astimezone(zone)))
    except (ValueError, OverflowError) as error:
        raise BadInput(
            f"no such day or hour: {_shape(form)}",
            remedy="correct the date in the source or mapping",
        ) from error
    if moment.year < _FIRST_YEAR:
        raise BadInput(
            f"a time before {_FIRST_YEAR}", remedy="map the right column; 0 and 1970 mean unknown"
        )
    if moment > present + _AHEAD:
        raise BadInput(
            "a time more than a day in the future",
            remedy="check the column, its zone and this machine's clock",
        )
    return moment


def _read(form: str, now: datetime) -> datetime:
    """Try the forms from the strictest on. Raises ValueError for an impossible day or hour."""
    lower = form.lower()
    if match := _WEIBO.fullmatch(lower):
        return _weibo(match)
    if lower in ("刚刚", "刚才", "just now"):
        return now
    if (match := _AGO.fullmatch(lower)) and "前" in lower:
        return _ago(match, now)
    if match := _DAY.fullmatch(lower):
        return _counted_from_today(match, now)
    if _EPOCH.fullmatch(lower):
        return datetime.fromtimestamp(int(lower) / (1000 if len(lower) == 13 else 1), UTC)
    if _COMPACT.fullmatch(lower):
        return datetime.strptime(lower.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=now.tzinfo)
    if match := _FULL.fullmatch(lower):
        day = datetime(
            int(match["year"]), int(match["month"]), int(match["day"]), tzinfo=now.tzinfo
        )
        return _at_clock(day, match)
    if match := _NO_YEAR.fullmatch(lower):
        return _latest_year(match, now)
    return _standard(form, now)


def _weibo(match: re.Match[str]) -> datetime:
    if match["month"] not in _MONTHS or int(match["zh"]) > 14 or int(match["zm"]) > 59:
        raise ValueError(match["month"])
    offset = timedelta(hours=int(match["zh"]), minutes=int(match["zm"]))
    local = datetime(
        int(match["year"]), _MONTHS[match["month"]], int(match["day"]),
        int(match["h"]), int(match["m"]), int(match["s"]), tzinfo=UTC,
    )  # fmt: skip
    return local - offset if match["sign"] == "+" else local + offset


def _ago(match: re.Match[str], now: datetime) -> datetime:
    unit = _UNITS[match["unit"].removesuffix("钟")]
    if match["number"] == "几":
        raise _unknown(match[0])
    number = 0.5 if match["number"] == "半" else float(match["number"])
    return now.astimezone(UTC) - timedelta(**{unit: number})


def _counted_from_today(match: re.Match[str], now: datetime) -> datetime:
    days = {"今": 0, "昨": 1, "前": 2}[match["day"][0]]
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = _at_clock(midnight - timedelta(days=days), match)
    if moment > now + _SKEW:
        raise BadInput(
            "a time of today that is still to come",
            remedy="the page is from an earlier day: fetch it again, or read it with its own date",
        )
    return moment


def _latest_year(match: re.Match[str], now: datetime) -> datetime:
    """The latest year in which the day exists and isn't ahead: 12-31 read in January is last year's."""
    month, day = int(match["month"]), int(match["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise ValueError(match[0])
    for year in range(now.year + 1, now.year - 9, -1):
        try:
            moment = _at_clock(datetime(year, month, day, tzinfo=now.tzinfo), match)
        except ValueError:
            if (month, day) != (2, 29):
                raise
            continue
        if moment <= now + _SKEW:
            return moment
    raise ValueError(match[0])


def _at_clock(day: datetime, match: re.Match[str]) -> datetime:
    hour, minute, second = (int(match[name] or 0) for name in ("h", "m", "s"))
    half = match["half"] or ""
    if half in ("下午", "晚上", "晚") and 1 <= hour < 12:
        hour += 12
    if half == "中午" and hour < 11:
        hour += 12
    return day.replace(hour=hour, minute=minute, second=second)


def _standard(form: str, now: datetime) -> datetime:
    """ISO 8601 and RFC 2822, read by the standard library."""
    try:
        moment = datetime.fromisoformat(form)
    except ValueError:
        try:
            moment = parsedate_to_datetime(form)
        except (ValueError, TypeError, IndexError):
            raise _unknown(form) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def _shape(form: str) -> str:
    """The form with its content hidden: digits as 9, unknown letters as ?."""
    known = set("年月日时分秒前今昨天上下午刚点 :/.-+,TZ")
    return "".join(
        "9" if character.isdigit() else character if character in known else "?"
        for character in form[:32]
    )


def _unknown(form: str) -> BadInput:
    return BadInput(
        f"an unknown form of date: {_shape(form) or 'empty'}",
        remedy="map the column that holds the time, or write it as 2026-11-20T09:15:32+08:00",
    )

"""Dates: every form of sources.md, and the mistakes peers make with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.time import SHANGHAI
from text.dates import parse_moment

NOW = datetime(2026, 11, 23, 12, 30, 40, tzinfo=SHANGHAI)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI).astimezone(UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fri Nov 20 09:15:32 +0800 2026", local(2026, 11, 20, 9, 15, 32)),
        ("Fri Nov 20 01:15:32 +0000 2026", local(2026, 11, 20, 9, 15, 32)),
        ("刚刚", local(2026, 11, 23, 12, 30, 40)),
        ("30秒前", local(2026, 11, 23, 12, 30, 10)),
        ("5分钟前", local(2026, 11, 23, 12, 25, 40)),
        ("13小时前", local(2026, 11, 22, 23, 30, 40)),
        ("半小时前", local(2026, 11, 23, 12, 0, 40)),
        ("3天前", local(2026, 11, 20, 12, 30, 40)),
        ("今天09:15", local(2026, 11, 23, 9, 15)),
        ("今天 09:15", local(2026, 11, 23, 9, 15)),
        ("昨天 23:05", local(2026, 11, 22, 23, 5)),
        ("昨天23:05", local(2026, 11, 22, 23, 5)),
        ("昨天", local(2026, 11, 22)),
        ("前天 08:00", local(2026, 11, 21, 8)),
        ("11-20", local(2026, 11, 20)),
        ("11-24", local(2025, 11, 24)),
        ("11月20日 09:15", local(2026, 11, 20, 9, 15)),
        ("11月20日09:15", local(2026, 11, 20, 9, 15)),
        ("12月1日 09:15", local(2025, 12, 1, 9, 15)),
        ("02-29", local(2024, 2, 29)),
        ("2026年11月20日 09:15", local(2026, 11, 20, 9, 15)),
        ("2026年11月20日09:15", local(2026, 11, 20, 9, 15)),
        ("2026年11月20日9时15分", local(2026, 11, 20, 9, 15)),
        ("2026年11月20日 下午3:05", local(2026, 11, 20, 15, 5)),
        ("2026年11月20日", local(2026, 11, 20)),
        ("2026年11月20日 星期五 09:15", local(2026, 11, 20, 9, 15)),
        ("２０２６年１１月２０日", local(2026, 11, 20)),
        ("2026-11-20", local(2026, 11, 20)),
        ("2026/11/20 9:15", local(2026, 11, 20, 9, 15)),
        ("2026.11.20 09:15:32", local(2026, 11, 20, 9, 15, 32)),
        ("2026-11-20 09:15:32.250", local(2026, 11, 20, 9, 15, 32, 250000)),
        ("2026-11-20T09:15:32", local(2026, 11, 20, 9, 15, 32)),
        ("2026-11-20T09:15:32+08:00", local(2026, 11, 20, 9, 15, 32)),
        ("2026-11-20T01:15:32.901Z", local(2026, 11, 20, 9, 15, 32, 901000)),
        ("20261120T011532Z", local(2026, 11, 20, 9, 15, 32)),
        ("20261120091532", local(2026, 11, 20, 9, 15, 32)),
        ("20261120", local(2026, 11, 20)),
        ("Fri, 20 Nov 2026 09:15:32 +0800", local(2026, 11, 20, 9, 15, 32)),
        ("Fri, 20 Nov 2026 01:15:32 GMT", local(2026, 11, 20, 9, 15, 32)),
        ("1795137332", local(2026, 11, 20, 9, 15, 32)),
        ("1795137332000", local(2026, 11, 20, 9, 15, 32)),
        ("发布时间：2026-11-20 09:15", local(2026, 11, 20, 9, 15)),
    ],
)
def test_forms(text: str, expected: datetime) -> None:
    moment = parse_moment(text, NOW)
    assert moment == expected
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "昨天吃饭了", "几分钟前", "转发", "2026-13-01", "2026年2月30日", "13-01", "02-30", "25:61",
        "1970-01-01", "0000000000", "1989年6月1日", "2027-01-01", "今天23:50", "2026-11-25", "2026-11-20 25:00",
        "9" * 5000, "99999999999999", "Fri Foo 20 09:15:32 +0800 2026", "Fri Nov 20 09:15:32 +9999 2026",
        "99999小时前", "99999天前", "-5分钟前", "\x00", "2026-11-20T", "5 月", "第3天",
    ],
)  # fmt: skip
def test_what_is_refused(text: str) -> None:
    if text == "99999小时前":  # eleven years ago: far, yet a moment
        assert parse_moment(text, NOW) == NOW - timedelta(hours=99999)
        return
    with pytest.raises(BadInput) as error:
        parse_moment(text, NOW)
    assert error.value.remedy
    assert len(str(error.value)) < 300


def test_a_date_without_year_read_in_january() -> None:
    january = datetime(2027, 1, 2, 0, 10, tzinfo=SHANGHAI)
    assert parse_moment("12-31", january) == local(2026, 12, 31)
    assert parse_moment("12月31日 23:59", january) == local(2026, 12, 31, 23, 59)
    assert parse_moment("01-02", january) == local(2027, 1, 2)
    assert parse_moment("昨天 23:05", january) == local(2027, 1, 1, 23, 5)


def test_a_source_whose_clock_is_minutes_ahead_at_new_year() -> None:
    eve = datetime(2026, 12, 31, 23, 58, tzinfo=SHANGHAI)
    assert parse_moment("01-01 00:02", eve) == local(2027, 1, 1, 0, 2)


def test_the_error_hides_the_text() -> None:
    with pytest.raises(BadInput) as error:
        parse_moment("张三在2026", NOW)
    assert "张三" not in str(error.value)
    assert "??" in str(error.value)


def test_today_is_the_day_of_the_zone_not_of_utc() -> None:
    early = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # 01:00 on the 23rd in Shanghai
    assert parse_moment("今天00:30", early) == local(2026, 11, 23, 0, 30)


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        parse_moment("刚刚", datetime(2026, 1, 1))  # noqa: DTZ001


moments = st.datetimes(datetime(1990, 1, 2), datetime(2026, 11, 23, 12, 0))  # noqa: DTZ001


@given(moments, st.integers(-12, 14))
def test_weibo_form_round_trip(naive: datetime, hours: int) -> None:
    moment = naive.replace(microsecond=0, tzinfo=timezone(timedelta(hours=hours)))
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    written = (
        f"{days[moment.weekday()]} {months[moment.month - 1]} {moment.day:02}"
        f" {moment:%H:%M:%S %z} {moment.year}"
    )
    if moment <= NOW + timedelta(days=1):
        assert parse_moment(written, NOW) == moment


@given(moments)
def test_chinese_and_iso_forms_agree(naive: datetime) -> None:
    moment = naive.replace(second=0, microsecond=0, tzinfo=SHANGHAI)
    forms = (
        f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}",
        f"{moment:%Y-%m-%d %H:%M}",
        f"{moment:%Y/%m/%d %H:%M:%S}",
        moment.astimezone(UTC).isoformat(),
    )
    assert len({parse_moment(form, NOW) for form in forms}) == 1


@given(st.datetimes(datetime(2020, 1, 1), datetime(2029, 12, 31)), st.integers(0, 363))  # noqa: DTZ001
def test_a_date_without_year_is_within_the_past_year(naive: datetime, days: int) -> None:
    now = naive.replace(tzinfo=SHANGHAI)
    meant = now - timedelta(days=days)
    if (meant.month, meant.day) == (2, 29):
        return
    read = parse_moment(f"{meant:%m-%d}", now).astimezone(SHANGHAI)
    assert read.date() == meant.date()


@given(st.text(max_size=80))
def test_anything_else_is_bad_input_or_a_moment_in_range(text: str) -> None:
    try:
        moment = parse_moment(text, NOW)
    except BadInput:
        return
    assert moment.year >= 1990
    assert moment <= NOW + timedelta(days=1)

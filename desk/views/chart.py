"""A case's observed and expected course: one chart, its answer as title, its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import vl_convert

import charts
from desk.display import clock_time, span
from desk.services import Services
from domain.alerts import Alert
from domain.cases import Case
from domain.protocols import TimelinePoint
from domain.time import SHANGHAI

#: What the links of a case's chart offer: key → (words, length, bucket). About 150 points each.
SPANS: dict[str, tuple[str, timedelta, timedelta]] = {
    "24h": ("24 小时", timedelta(hours=24), timedelta(minutes=15)),
    "7d": ("7 天", timedelta(days=7), timedelta(hours=1)),
    "30d": ("30 天", timedelta(days=30), timedelta(hours=6)),
}
#: An alert's chart begins this long before the episode, so that the usual is seen first.
BEFORE = timedelta(hours=18)
_AFTER = timedelta(hours=6)
_LONG = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Course:
    """Points of a case with their bucket; `title` is the answer the chart gives."""

    points: tuple[TimelinePoint, ...]
    bucket: timedelta
    title: str
    subtitle: str


def of_case(services: Services, case: Case, length_key: str) -> Course:
    """The last `length_key` (a key of `SPANS`; an unknown one reads as the first)."""
    words, length, bucket = SPANS.get(length_key, SPANS["24h"])
    return _course(services, case, services.clock() - length, services.clock(), bucket, words)


def of_alert(services: Services, alert: Alert, case: Case) -> Course:
    """From before the episode to its end, or to now while it is open."""
    since = alert.why.window_start - BEFORE
    until = min(services.clock(), alert.last_bucket_at + _AFTER)
    until = max(until, alert.why.window_end)
    bucket = timedelta(hours=1) if until - since > _LONG else timedelta(minutes=15)
    return _course(services, case, since, until, bucket, "前后")


def _course(
    services: Services,
    case: Case,
    since: datetime,
    until: datetime,
    bucket: timedelta,
    words: str,
) -> Course:
    now = services.clock()
    start = _floor(since, bucket)
    points = tuple(services.timeline.points(case, start, until, bucket))
    posts, people = sum(p.posts for p in points), sum(p.authors for p in points)
    reach = span(start, until, now)
    subtitle = f"{reach}，每格 {_bucket_words(bucket)}；共 {posts:,} 帖（{people:,} 人次）"
    return Course(points, bucket, answer(points, now, words), subtitle)


def answer(points: Sequence[TimelinePoint], now: datetime, words: str) -> str:
    """The chart's answer: when the course left the expected band, or that it didn't."""
    if not points:
        return "没有可画的数据"
    if all(point.covered == 0 for point in points):
        return "这段时间信息源全部失联，没有数据"
    above = [point for point in points if point.covered > 0 and point.authors > point.high]
    if not above:
        return f"{words}发言人数在平日范围内"
    peak = max(above, key=lambda point: point.authors)
    first = next(point for point in above if point.start >= _run_start(points, peak))
    return (
        f"{clock_time(first.start, now)} 起高于预期，"
        f"{clock_time(peak.start, now)} 最多（{peak.authors:,} 人，平日 {peak.expected:.1f}）"
    )


def _run_start(points: Sequence[TimelinePoint], peak: TimelinePoint) -> datetime:
    """Where the run above the band that holds the peak began."""
    start = peak.start
    for point in reversed([point for point in points if point.start < peak.start]):
        if point.covered > 0 and point.authors <= point.high:
            break
        start = point.start
    return start


def specification(course: Course) -> dict[str, Any]:
    """The Vega-Lite specification with its data."""
    rows = [
        {
            "start": f"{point.start.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
            "kind": "hour",
            "posts": point.posts,
            "authors": point.authors,
            "expected": point.expected,
            "low": point.low,
            "high": point.high,
            "covered": point.covered,
        }
        for point in course.points
    ]
    minutes = int(course.bucket.total_seconds() // 60)
    return charts.with_values(
        charts.load("case_hours"),
        rows,
        title=course.title,
        subtitle=course.subtitle,
        parameters={"bucket_minutes": minutes},
    )


def picture(course: Course) -> str:
    """The chart as SVG, for browsers without JavaScript; no address may be read while drawing."""
    svg: str = vl_convert.vegalite_to_svg(
        specification(course), vl_version=charts.VEGA_LITE, allowed_base_urls=[]
    )
    return svg


def _floor(moment: datetime, bucket: timedelta) -> datetime:
    """Start of the bucket that holds `moment`, counted from Shanghai midnight."""
    local = moment.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + (local - midnight) // bucket * bucket).astimezone(moment.tzinfo)


def _bucket_words(bucket: timedelta) -> str:
    minutes = int(bucket.total_seconds() // 60)
    return f"{minutes // 60} 小时" if minutes % 60 == 0 else f"{minutes} 分钟"

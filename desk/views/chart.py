"""A case's observed and expected course: one chart, its answer as title, its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import vl_convert

import charts
from desk.display import clock_time, estimate, span, window
from desk.services import Services
from desk.views.sampled import wholes
from domain.alerts import Alert
from domain.cases import Case
from domain.protocols import Query, TimelinePoint
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
#: Share of the chart's width that a short label takes, and from where on one stands to the left.
_LABEL_WIDTH, _LATE = 0.12, 0.7


@dataclass(frozen=True, slots=True)
class Course:
    """Points of a case with their bucket; `title` is the answer the chart gives.

    `acts` are what the court did: instant and words, within the points.
    """

    points: tuple[TimelinePoint, ...]
    bucket: timedelta
    title: str
    subtitle: str
    acts: tuple[tuple[datetime, str], ...] = ()


class Courses:
    """Courses of cases and alerts; page, data and picture of the same minute share one reading.

    A course costs about 50 ms, because it walks through weeks of buckets.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._points = lru_cache(maxsize=128)(self._read)
        self._picture = lru_cache(maxsize=32)(_draw)

    def of_case(self, case: Case, length_key: str) -> Course:
        """The last `length_key` (a key of `SPANS`; an unknown one reads as the first)."""
        words, length, bucket = SPANS.get(length_key, SPANS["24h"])
        minute = self._minute()
        return self._course(case, minute - length, minute, bucket, words)

    def of_alert(
        self, alert: Alert, case: Case, acts: Sequence[tuple[datetime, str]] = ()
    ) -> Course:
        """From before the episode to its end, or to now while it is open; `acts` are marked."""
        since = alert.why.window_start - BEFORE
        until = max(min(self._minute(), alert.last_bucket_at + _AFTER), alert.why.window_end)
        bucket = timedelta(hours=1) if until - since > _LONG else timedelta(minutes=15)
        course = self._course(case, since, until, bucket, "前后")
        return replace(course, acts=tuple(act for act in acts if since <= act[0] < until))

    def picture(self, course: Course) -> str:
        """The chart as SVG, for browsers without JavaScript."""
        return self._picture(course)

    def _course(
        self, case: Case, since: datetime, until: datetime, bucket: timedelta, words: str
    ) -> Course:
        now, start = self._services.clock(), _floor(since, bucket)
        points = self._points(case, start, until, bucket, self._minute())
        posts, people = sum(p.posts for p in points), sum(p.authors for p in points)
        reach = f"{span(start, until, now)}，每格 {window(int(bucket.total_seconds() // 60))}"
        query = Query(cases=(case.id,), since=start, until=until)
        estimated = estimate(wholes(self._services, query).get(case.id))
        cells = self._services.store.counts(query, (), distinct=True)
        texts = sum(cell.distinct or 0 for cell in cells)
        subtitle = f"{reach}；共 {posts:,} 帖（去重后 {texts:,} 帖，{people:,} 人次）{estimated}"
        return Course(points, bucket, answer(points, now, words), subtitle)

    def _read(
        self, case: Case, since: datetime, until: datetime, bucket: timedelta, _minute: datetime
    ) -> tuple[TimelinePoint, ...]:
        return tuple(self._services.timeline.points(case, since, until, bucket))

    def _minute(self) -> datetime:
        """The end of the running minute: what is drawn includes now, and is redrawn each minute."""
        return self._services.clock().replace(second=0, microsecond=0) + timedelta(minutes=1)


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
    top = "当时最多" if first is peak else f"{clock_time(peak.start, now)} 最多"
    figures = f"（{peak.authors:,} 人，平日 {peak.expected:.1f}）"
    return f"{clock_time(first.start, now)} 起高于预期，{top}{figures}"


def _run_start(points: Sequence[TimelinePoint], peak: TimelinePoint) -> datetime:
    """Where the run above the band that holds the peak began."""
    start = peak.start
    for point in reversed([point for point in points if point.start < peak.start]):
        if point.covered > 0 and point.authors <= point.high:
            break
        start = point.start
    return start


def specification(course: Course) -> dict[str, Any]:
    """The Vega-Lite specification with its data.

    The title stands above it as text of the page, where it wraps on a phone.
    """
    rows: list[dict[str, object]] = [
        {
            "start": f"{point.start.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
            "kind": "hour",
            "posts": point.posts,
            "distinct": point.distinct,
            "authors": point.authors,
            "expected": point.expected,
            "low": point.low,
            "high": point.high,
            "covered": point.covered,
        }
        for point in course.points
    ]
    for at, words, late in _apart(course):
        side = "left" if late else "right"
        start = f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"
        rows.append({"start": start, "kind": "act", "label": words, "side": side})
    minutes = int(course.bucket.total_seconds() // 60)
    form = charts.load("case_hours")
    # The caption below the chart explains the hatching; in a narrow page the label would lie on it.
    form["layer"] = [layer for layer in form["layer"] if layer.get("name") != "gap_label"]
    return charts.with_values(
        form,
        rows,
        parameters={"bucket_minutes": minutes},
    )


def _apart(course: Course) -> list[tuple[datetime, str, bool]]:
    """Acts with labels that don't lie on each other: those close together share one, at the first.

    The last value says that the label stands to the left of its line, for want of room.
    """
    if not course.points:
        return []
    first = course.points[0].start
    length = course.points[-1].start + course.bucket - first
    apart: list[tuple[datetime, str, bool]] = []
    for at, words in course.acts:
        if apart and at - apart[-1][0] < length * _LABEL_WIDTH:
            before = apart.pop()
            apart.append((before[0], f"{before[1]}、{words}", before[2]))
        else:
            apart.append((at, words, at - first > length * _LATE))
    return apart


def _draw(course: Course) -> str:
    """The chart as SVG; no address may be read while drawing."""
    svg: str = vl_convert.vegalite_to_svg(
        specification(course), vl_version=charts.VEGA_LITE, allowed_base_urls=[]
    )
    return svg


def _floor(moment: datetime, bucket: timedelta) -> datetime:
    """Start of the bucket that holds `moment`, counted from Shanghai midnight."""
    local = moment.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + (local - midnight) // bucket * bucket).astimezone(moment.tzinfo)

"""The timeline of GDELT DOC 2.0 (sources.md H): how many articles it saw, bucket by bucket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from crawlers.documents import mapping, string, wrong
from domain.errors import BadInput
from domain.seeds import Volume

_WIDTHS = {"15m": timedelta(minutes=15), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_FORM = "%Y%m%dT%H%M%SZ"
#: Three months of quarters of an hour.
_MOST_BUCKETS = 9_000
#: GDELT monitors about a million articles a day; far more is no count.
_MOST_ARTICLES = 10**9


def read_timeline(document: Any) -> list[Volume]:
    """The buckets of a ``timelinevolraw`` answer, oldest first.

    Raises:
        BadInput: it is none, or a bucket is not what it should be.
    """
    about = mapping(mapping(document, "answer").get("query_details", {}), "query_details")
    width = _WIDTHS.get(string(about.get("date_resolution"), "date_resolution"))
    if width is None:
        raise wrong("date_resolution", f"one of {', '.join(_WIDTHS)}")
    timeline = document.get("timeline")
    if not isinstance(timeline, list):
        raise wrong("timeline", "a list")
    buckets = [one for series in timeline for one in _data(series)]
    if len(buckets) > _MOST_BUCKETS:
        raise BadInput("the timeline has more buckets than three months can hold")
    volumes = {volume.start: volume for volume in (_volume(one, width) for one in buckets)}
    return [volumes[start] for start in sorted(volumes)]


def _data(series: Any) -> list[Any]:
    data = mapping(series, "series").get("data")
    if not isinstance(data, list):
        raise wrong("data", "a list")
    return data


def _volume(bucket: Any, width: timedelta) -> Volume:
    fields = mapping(bucket, "bucket")
    try:
        start = datetime.strptime(string(fields.get("date"), "date"), _FORM).replace(tzinfo=UTC)
    except ValueError as error:
        raise wrong("date", "a time such as 20261120T000000Z") from error
    return Volume(start, width, _count(fields.get("value")), _count(fields.get("norm", 0)))


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_ARTICLES:
        raise wrong("value", "a count")
    return value

"""GDELT DOC 2.0 (sources.md H): raw volumes in its form, and its plain sentences for what is wrong.

One article of the world's is one article of its count; nothing lies further back than three months.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from demo.model import Published
from demo.servers.failures import Control, Failure
from demo.servers.http import Answer, Request, Site, json_answer, not_found

_PATH = "/api/v2/doc/doc"
_FORM = "%Y%m%d%H%M%S"
_SHORTEST_QUERY = 2
_HOURLY = timedelta(days=7)
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_MONITORED = 120_000


def gdelt_site(world: Published, control: Control) -> Site:
    """Return the index that saw every article of `world`."""

    def site(request: Request) -> Answer:
        if request.path == "/robots.txt":
            return Answer(b"User-agent: *\nAllow: /\n", content_type="text/plain")
        if request.path != _PATH:
            return not_found()
        if len(request.query.get("query", "")) < _SHORTEST_QUERY:
            return Answer(b"Your query was too short or too long.\n")
        since, until = (_moment(request.query[f"{end}datetime"]) for end in ("start", "end"))
        width = _HOUR if until - since <= _HOURLY else _DAY
        seen = Counter(
            _start(article.moment, width)
            for article in world.articles(request.now)
            if not control.is_deleted(article.number)
        )
        starts = []
        start = _start(since, width)
        while start < until and Failure.BLANK_PAGE not in request.failures:
            starts.append(start)
            start += width
        data = [
            {"date": f"{one:%Y%m%dT%H%M%SZ}", "value": seen[one], "norm": _MONITORED}
            for one in starts
        ]
        if Failure.DUPLICATES in request.failures:
            data += data[:3]
        return json_answer(
            {
                "query_details": {
                    "title": request.query["query"],
                    "date_resolution": "hour" if width == _HOUR else "day",
                },
                "timeline": [{"series": "Article Count", "data": data}],
            }
        )

    return site


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _FORM).replace(tzinfo=UTC)


def _start(moment: datetime, width: timedelta) -> datetime:
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + (moment - day) // width * width

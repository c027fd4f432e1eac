"""What a figure rests on: how many posts, of which time, from which sources, seen how well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.services import Services
from desk.views.feed import GapLine, gap_lines, titles
from desk.views.hours import share_words, summary
from domain.alerts import Alert
from domain.cases import Case
from domain.hours import SourceHour
from domain.protocols import Query
from domain.sources import Gap
from records.coverage import post_gaps, post_statuses


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A source of the figure.

    Attributes:
        posts: of it; 0 for one that was watched and had none.
        rate: share of its stream that it delivers.
        seen: its hours in words (`desk.views.hours.summary`).
    """

    source: str
    title: str
    posts: int
    rate: float
    seen: str


@dataclass(frozen=True, slots=True)
class Basis:
    """n, window, sources, gaps.

    Attributes:
        seen: the hours of all sources together, in words.
    """

    n: int
    since: datetime
    until: datetime
    sources: tuple[SourceLine, ...]
    gaps: tuple[GapLine, ...]
    seen: str


def of_alert(services: Services, alert: Alert) -> Basis:
    """Of the episode as the alert counted it; the hours as they are covered by now."""
    why = alert.why
    return _basis(
        services, why.posts, why.window_start, why.window_end, dict(why.sources), why.gaps
    )


def of_case(services: Services, case: Case, since: datetime, until: datetime) -> Basis:
    """Of the case's posts with since ≤ published < until."""
    cells = services.store.counts(
        Query(cases=(case.id,), since=since, until=until), ("case", "source")
    )
    posts = {cell.key[1]: cell.posts for cell in cells if cell.key[0] == case.id}
    gaps = post_gaps(services.records, since, until)
    return _basis(services, sum(posts.values()), since, until, posts, gaps)


def _basis(
    services: Services, n: int, since: datetime, until: datetime,
    posts: Mapping[str, int], gaps: Sequence[Gap],
) -> Basis:  # fmt: skip
    records, names = services.records, titles(services)
    rates = {status.source: status.sample_rate for status in post_statuses(records)}
    watched = sorted({*posts, *rates}, key=lambda source: (-posts.get(source, 0), source))
    # The hours the window touches: a shorter stretch isn't recorded.
    first = since.replace(minute=0, second=0, microsecond=0)
    hours: defaultdict[str, list[SourceHour]] = defaultdict(list)
    for hour in records.hours.between(first, until, watched):
        hours[hour.source].append(hour)
    return Basis(
        n=n,
        since=since,
        until=until,
        sources=tuple(
            SourceLine(
                source, names.get(source, source), posts.get(source, 0),
                rates.get(source, 1.0), summary(hours[source]),
            )
            for source in watched
        ),
        gaps=tuple(gap_lines(gaps, names, services.clock())),
        seen=share_words([hour for source in watched for hour in hours[source]]),
    )  # fmt: skip

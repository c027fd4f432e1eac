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
        distinct: different texts among them; None where an alert kept posts alone.
        rate: share of its stream that it delivers.
        seen: its hours in words (`desk.views.hours.summary`).
    """

    source: str
    title: str
    posts: int
    rate: float
    seen: str
    distinct: int | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """n, window, sources, gaps.

    Attributes:
        distinct: different texts among the n posts.
        seen: the hours of all sources together, in words.
    """

    n: int
    distinct: int
    since: datetime
    until: datetime
    sources: tuple[SourceLine, ...]
    gaps: tuple[GapLine, ...]
    seen: str


def of_alert(services: Services, alert: Alert) -> Basis:
    """Of the episode as the alert counted it; the hours as they are covered by now."""
    why = alert.why
    return _basis(
        services, (why.posts, why.distinct), why.window_start, why.window_end,
        dict(why.sources), why.gaps,
    )  # fmt: skip


def of_case(services: Services, case: Case, since: datetime, until: datetime) -> Basis:
    """Of the case's posts with since ≤ published < until."""
    query, store = Query(cases=(case.id,), since=since, until=until), services.store
    cells = store.counts(query, ("source",), distinct=True)
    posts = {cell.key[0]: cell.posts for cell in cells}
    texts = {cell.key[0]: cell.distinct for cell in cells}
    # A text of two sources is one text: the whole is no sum of the sources.
    distinct = sum(cell.distinct or 0 for cell in store.counts(query, (), distinct=True))
    gaps = post_gaps(services.records, since, until)
    n = sum(posts.values()), distinct
    return _basis(services, n, since, until, posts, gaps, texts)


def _basis(
    services: Services, n: tuple[int, int], since: datetime, until: datetime,
    posts: Mapping[str, int], gaps: Sequence[Gap], texts: Mapping[str, int | None] | None = None,
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
        n=n[0],
        distinct=n[1],
        since=since,
        until=until,
        sources=tuple(
            SourceLine(
                source, names.get(source, source), posts.get(source, 0),
                rates.get(source, 1.0), summary(hours[source]),
                None if texts is None else texts.get(source, 0),
            )
            for source in watched
        ),
        gaps=tuple(gap_lines(gaps, names, services.clock())),
        seen=share_words([hour for source in watched for hour in hours[source]]),
    )  # fmt: skip

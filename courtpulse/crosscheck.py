"""Our news volume held against an outside news index's: are our own news sources blind?

Only numbers are compared, never articles, and nothing of it is counted as a post. The rule:

* The past of the window says how many articles of ours go with one of theirs. For its last 24
  hours, given both totals, ours are binomial with that share if nothing has changed (the
  conditional test of two Poisson rates: Przyborowski & Wilenski, Biometrika 31, 1940).
* Our news sources **may be blind** when so few, or fewer, have a chance below 1 in 1,000 **and** we
  saw less than half of what was to be expected: news comes in clumps, which the test takes for
  independent.
* With fewer than five expected, or no past of ours, nothing is said.

A bucket in which one of our sources is known to have been blind is left out: missing is not zero,
and what is known need not be found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from crawlers.declared_seeds import GdeltSource
from domain.posts import Platform
from domain.protocols import Query, Store
from domain.seeds import CrossCheck, Volume, VolumePoint
from domain.sources import Gap
from domain.time import as_utc

log = structlog.get_logger()

#: What is judged: long enough for weekday habits not to matter much, short enough to act on.
JUDGED = timedelta(hours=24)
#: Below this chance …
UNLIKELY = 0.001
#: … and this share of the expected, we may be blind …
SHORTFALL = 0.5
#: … but not on fewer expected than this.
LEAST_EXPECTED = 5.0
_HOUR = timedelta(hours=1)


def judge(
    source: str,
    title: str,
    volumes: Sequence[Volume],
    ours: Mapping[datetime, int],
    blind: Sequence[tuple[datetime, datetime]],
    now: datetime,
) -> CrossCheck:
    """Compare complete buckets by the rule above.

    Args:
        volumes: what the outside index saw; buckets that are not over by `now` are left out.
        ours: first instant of a bucket → our news posts in it; a bucket without any may be missing.
        blind: stretches in which one of our sources is known to have been blind.
    """
    whole = [one for one in volumes if one.start + one.width <= now]
    seen = [one for one in whole if not _within(one, blind)]
    until = max((one.start + one.width for one in whole), default=now)
    since = until - JUDGED
    points = tuple(VolumePoint(one.start, one.articles, ours.get(one.start, 0)) for one in seen)
    past = [point for point in points if point.start < since]
    last = [point for point in points if point.start >= since]
    outside, own = sum(point.outside for point in last), sum(point.ours for point in last)
    outside_past = sum(point.outside for point in past)
    own_past = sum(point.ours for point in past)
    expected = outside * own_past / outside_past if outside_past else 0.0
    chance = 1.0
    if expected >= LEAST_EXPECTED:
        chance = binomial_tail(own, own + own_past, outside / (outside + outside_past))
    return CrossCheck(
        source=source,
        title=title,
        at=now,
        since=since,
        until=until,
        outside=outside,
        ours=own,
        expected=expected,
        chance=chance,
        blind=chance < UNLIKELY and own < SHORTFALL * expected,
        skipped=len(whole) - len(seen),
        points=points,
    )


def binomial_tail(k: int, n: int, p: float) -> float:
    """Probability of at most `k` of `n` at rate `p`, 0 < p < 1; summed in logarithms."""
    if k >= n:
        return 1.0
    if not 0 < p < 1:
        return 1.0 if p <= 0 else 0.0
    terms = [
        math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1)
        + i * math.log(p) + (n - i) * math.log1p(-p)
        for i in range(k + 1)
    ]  # fmt: skip
    largest = max(terms)
    return min(1.0, math.exp(largest) * math.fsum(math.exp(term - largest) for term in terms))


def compare(
    declaration: GdeltSource,
    volumes: Sequence[Volume],
    store: Store,
    news: Sequence[str],
    gaps: Sequence[Gap],
    now: datetime,
) -> CrossCheck | None:
    """The cross-check of one outside index; None when it told nothing.

    Args:
        news: names of our declared news sources, used where the declaration names none.
        gaps: known gaps of any source within the window.
    """
    if not volumes:
        return None
    compared = tuple(declaration.compared or news)
    start, width = volumes[0].start, volumes[0].width
    ours = _ours(store, declaration, compared, start, width, now)
    blind = [(gap.start, gap.end or now) for gap in gaps if gap.source in compared]
    found = judge(declaration.source, declaration.title, volumes, ours, blind, now)
    log.info(
        "cross-checked", source=declaration.source, outside=found.outside, ours=found.ours,
        expected=round(found.expected, 1), blind=found.blind,
    )  # fmt: skip
    return found


def _ours(
    store: Store,
    declaration: GdeltSource,
    compared: tuple[str, ...],
    start: datetime,
    width: timedelta,
    now: datetime,
) -> dict[datetime, int]:
    """Our posts by the outside index's buckets; counted finely, because buckets of a store begin
    where it likes."""
    fine = min(width, _HOUR)
    query = Query(
        text=declaration.words, sources=compared, platforms=(Platform.NEWS.value,), since=start,
        until=now,
    )  # fmt: skip
    found: dict[datetime, int] = {}
    for count in store.counts(query, ("platform",), fine) if compared else ():
        assert count.start is not None  # a bucket was asked for
        place = start + (as_utc(count.start) - start) // width * width
        found[place] = found.get(place, 0) + count.posts
    return found


def _within(volume: Volume, blind: Sequence[tuple[datetime, datetime]]) -> bool:
    end = volume.start + volume.width
    return any(begin < end and stop > volume.start for begin, stop in blind)

"""One case: its counts, and how far back it was linked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.services import Services
from desk.views.sampled import wholes
from domain.alerts import Count, Share
from domain.annotation import Certainty, Sentiment, Target
from domain.cases import Case
from domain.protocols import Backfill, Query


@dataclass(frozen=True, slots=True)
class Numbers:
    """Counts of one window.

    Attributes:
        negative: of the posts that are surely about the court.
        unsure: posts likely about the court whose attitude is unsure or mixed.
        whole: posts of the whole streams, estimated; None when none of them is sampled.
    """

    words: str
    count: Count | None
    negative: Share
    unsure: int
    whole: int | None = None


@dataclass(frozen=True, slots=True)
class BackFill:
    """When the past was linked; before `names_since` names could not be matched."""

    done_at: datetime
    names_since: datetime | None


_WINDOWS = (
    ("1 小时", timedelta(hours=1)),
    ("24 小时", timedelta(days=1)),
    ("7 天", timedelta(days=7)),
)


def numbers(desk: Services, case: Case) -> list[Numbers]:
    """Posts, people and court-negative share of the last hour, day and week."""
    now = desk.clock()
    return [_numbers(desk, case, words, now - length, now) for words, length in _WINDOWS]


def _numbers(desk: Services, case: Case, words: str, since: datetime, until: datetime) -> Numbers:
    window = Query(cases=(case.id,), since=since, until=until)
    counted = desk.store.counts(window, ["case"], distinct=True)
    counts = [count for count in counted if count.key[0] == case.id]
    about_court = Query(
        cases=(case.id,), since=since, until=until, targets=(Target.COURT.value,), relevant=True
    )
    sure, unsure = Counter[str](), 0
    for cell in desk.store.counts(about_court, ["case", "sentiment", "certainty"]):
        owner, sentiment, certainty = cell.key
        if owner == case.id and certainty == Certainty.SURE:
            sure[sentiment] += cell.posts
        elif owner == case.id:
            unsure += cell.posts
    return Numbers(
        words,
        counts[0] if counts else None,
        Share(sure[Sentiment.NEGATIVE], sure.total()),
        unsure,
        wholes(desk, window).get(case.id),
    )


def note_back_fill(desk: Services, case: Case, found: Backfill) -> None:
    """Remember how far back names were matched, so that the case's page can always say so."""
    desk.records.marks.set(f"watched/{case.id}", desk.clock())
    if found.names_since is not None:
        desk.records.marks.set(f"names/{case.id}", found.names_since)


def back_fill(desk: Services, case: Case) -> BackFill | None:
    """None for a case that was not watched from these pages."""
    done = desk.records.marks.get(f"watched/{case.id}")
    if done is None:
        return None
    return BackFill(done, desk.records.marks.get(f"names/{case.id}"))

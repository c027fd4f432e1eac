"""Scores, alerts and the reasons they carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.sources import Gap


class Level(StrEnum):
    """Four levels (practice.md §2). The program proposes; a named person confirms."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class AlertState(StrEnum):
    """proposed → confirmed | dismissed → closed."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Score:
    """A detector's verdict on one case and bucket.

    Attributes:
        value: −log10 of the tail probability less bias, ≥ 0; comparable between cases.
        window: minutes of the window that gave the value; 0 when the value is 0.
        observed: distinct authors in that window.
        expected: expected distinct authors in it.
    """

    value: float
    window: int = 0
    observed: int = 0
    expected: float = 0.0


@dataclass(frozen=True, slots=True)
class Count:
    """One cell of a count.

    Attributes:
        key: values of the dimensions asked for, in their order.
        start: first instant of the time bucket, UTC; None when no bucket was asked for.
        posts: posts in the cell.
        authors: posts that are their author's first on the case in 24 h; None unless
            "case" is among the dimensions, because the flag belongs to post and case.
    """

    key: tuple[str, ...]
    start: datetime | None
    posts: int
    authors: int | None


@dataclass(frozen=True, slots=True)
class Share:
    """k of n, never a bare percentage."""

    k: int
    n: int

    @property
    def ratio(self) -> float | None:
        """k/n, or None when n is 0."""
        return self.k / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A post that stands for its near-duplicates. Its text stays in the index alone."""

    post_id: str
    copies: int


@dataclass(frozen=True, slots=True)
class Why:
    """Everything an alert claims, traceable to posts.

    Attributes:
        window_start, window_end: the episode so far, UTC; all counts below are over it.
        score: the highest score; `score.window` minutes up to `peak_at` gave it.
        stream: "all" or "court_negative", whichever scored higher.
        posts, distinct: raw and near-duplicate-free number of posts.
        authors: distinct authors (rolling 24 h).
        similar: posts that are near-duplicates of another / all posts.
        court_negative: negative toward the court / relevant and about the court.
        attitudes: (target, sentiment, posts), largest first.
        terms: words that stand out against the case's own past, with weight.
        questions: (wording, posts) of the focus questions, most raised first; a wording may
            change as posts come in: compare with `QuestionMatcher.new`, not by letters.
        sources: (source, posts), largest first; media: distinct news sources and media accounts.
        gaps: sources that were blind within the window.
        level_lines: the lines of the level table that fired, in words.
    """

    window_start: datetime
    window_end: datetime
    peak_at: datetime
    score: Score
    stream: str
    posts: int
    distinct: int
    authors: int
    similar: Share
    court_negative: Share
    attitudes: tuple[tuple[str, str, int], ...] = ()
    topics: tuple[tuple[str, int], ...] = ()
    terms: tuple[tuple[str, float], ...] = ()
    questions: tuple[tuple[str, int], ...] = ()
    sources: tuple[tuple[str, int], ...] = ()
    media: int = 0
    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[Gap, ...] = ()
    level_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert per case and episode.

    Attributes:
        id: stable key, hash of case id and the episode's first bucket; later posts extend it.
        level: proposed level; `confirmed_level` is a person's.
        first_published_at: earliest post of the episode; detected_at: when we raised it.
        closed_at: set when no bucket reached the threshold for six hours, or a person closed it.
        reason: a person's words when dismissing.
    """

    id: str
    case_id: str
    state: AlertState
    level: Level
    first_published_at: datetime
    detected_at: datetime
    last_bucket_at: datetime
    why: Why
    confirmed_level: Level | None = None
    confirmed_at: datetime | None = None
    acknowledged_at: datetime | None = None
    closed_at: datetime | None = None
    reason: str = ""
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Notification:
    """What a channel delivers: no post text, a link to the page that has it.

    Attributes:
        key: idempotency key; a receiver that sees it twice may drop the second.
        facts: label and value pairs in reading order, e.g. ("1 小时", "46 帖（38 人），平日 3.1").
    """

    key: str
    title: str
    level: Level
    url: str
    created_at: datetime
    facts: tuple[tuple[str, str], ...] = field(default_factory=tuple)

"""What rooms offer each other. One screen: an implementation is one file, a test is one suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from domain.alerts import Count, Notification, Score
from domain.annotation import AnnotatedPost, Annotation, CaseLink
from domain.cases import Case
from domain.posts import Platform, Post
from domain.questions import MOST_QUESTIONS, Answer, FocusQuestion, Narrative
from domain.sources import Gap, SourceRun

Dimension = Literal[
    "case", "target", "sentiment", "certainty", "emotion", "topic", "demand", "source",
    "platform", "verified_type", "copies", "template",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """A filter over the index; empty fields don't filter, filled ones are joined by AND.

    Attributes:
        text: words, all of which must occur; "quoted parts" occur as they stand. Chinese needs
            no blanks; one- and two-character words are found.
        since, until: publication time, since ≤ t < until.
        targets, sentiments, certainties: of the whole text; of what it says about the cases, when
            `cases` are named or counts are by case (`AnnotatedPost.stance`). A post then matches
            when one of the cases named fits, and is in the cells of those of its cases that fit.
        certainties: values of `domain.annotation.Certainty`.
        emotions: values of `domain.annotation.Emotion`, or "unknown".
        copies, templates: ids of families (`domain.annotation.Family`); the id of a post without
            a family is that of the family it is alone in.
        linked: True: only posts of some case; False: only posts of none.
        relevant: True: without "irrelevant"; False: only those.
    """

    text: str = ""
    cases: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    sentiments: tuple[str, ...] = ()
    certainties: tuple[str, ...] = ()
    emotions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    demands: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    linked: bool | None = None
    relevant: bool | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A slice of a search, newest first (ties by id), and how many match in all (exact)."""

    posts: tuple[AnnotatedPost, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Upserted:
    """What an upsert did; `refused` posts are tombstoned and stay away."""

    created: int
    updated: int
    refused: int


class Store(Protocol):
    """Searchable posts and exact counts. All calls raise `StoreFailure` when the backend fails."""

    def prepare(self) -> None: ...  # create or migrate what is missing; safe to repeat
    def upsert(self, posts: Sequence[AnnotatedPost]) -> Upserted: ...  # by post.id; visible at once
    def get(self, ids: Sequence[str]) -> list[AnnotatedPost]: ...  # known ones, in the order asked
    def search(self, query: Query, *, limit: int = 50, offset: int = 0) -> Page: ...
    def counts(
        self,
        query: Query,
        by: Sequence[Dimension],
        bucket: timedelta | None = None,
        *,
        distinct: bool = False,
    ) -> list[Count]: ...  # non-empty cells, sorted by key, start; a post is in every cell it has
    def total(self, query: Query) -> int: ...
    def newest(
        self, sources: Sequence[str]
    ) -> dict[str, datetime]: ...  # publication of each source's newest post, of those with any
    def tombstone(
        self, ids: Sequence[str], at: datetime
    ) -> int: ...  # delete for good, keep id+time
    def delete_before(
        self, moment: datetime, source: str = ""
    ) -> int: ...  # by publication time, of one source or of all; how many
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What an annotator reads: the text and where it stood."""

    text: str
    platform: Platform


class Annotator(Protocol):
    """Labels texts. Deterministic: the same text gives the same labels, in any batch."""

    @property
    def name(self) -> str: ...  # name and version, stored with every annotation
    def annotate(self, readings: Sequence[Reading]) -> list[Annotation]: ...


class CaseLinker(Protocol):
    """Finds the watched cases a text is about, with the reason; flags are set by the caller."""

    def link(self, text: str) -> tuple[CaseLink, ...]: ...


class TermFinder(Protocol):
    """Words of `texts` that stand out against `background`, heaviest first."""

    def terms(
        self, texts: Sequence[str], background: Sequence[str], limit: int = 10
    ) -> list[tuple[str, float]]: ...


class QuestionMatcher(Protocol):
    """What people ask of a case; the same posts give the same questions, in any order."""

    def questions(
        self, posts: Sequence[Post], limit: int = MOST_QUESTIONS
    ) -> list[FocusQuestion]: ...  # raised by most distinct posts first
    def answered(
        self, questions: Sequence[FocusQuestion], draft: str
    ) -> list[Answer]: ...  # of the questions a draft covers; the others are missing
    def new(
        self, wordings: Sequence[str], known: Sequence[str]
    ) -> list[str]: ...  # wordings that ask nothing that one of `known` asks
    def gist(self, wording: str) -> str: ...  # can't be searched for; for what leaves the office


class NarrativeFinder(Protocol):
    """Near-same statements of a burst against the case's past, most made first."""

    def narratives(
        self, posts: Sequence[Post], past: Sequence[Post], limit: int = 5
    ) -> list[Narrative]: ...


class Detector(Protocol):
    """Streaming burst detector over many cases in step; state is rebuilt by stepping again.

    Buckets are five minutes, numbered by `domain.time.bucket_index`, stepped without holes.
    """

    def watch(self, case_id: str, since: int) -> None: ...  # before stepping past `since`
    def step(
        self, bucket: int, counts: Mapping[str, int], covered: Mapping[str, float] | None = None
    ) -> dict[str, Score]: ...  # covered: case → share of the stream seen, 0 = gap; absent = 1


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `messages` within any stretch of `per`."""

    messages: int
    per: timedelta


class Progress(Protocol):
    """How far a notification has come; a long one is several messages, and none is sent twice."""

    def left(self, messages: Sequence[bytes]) -> Iterator[bytes]: ...  # asking on = it was taken


class Notifier(Protocol):
    """One channel. Raises `NotifyFailure`; returns only when the receiver took it all."""

    kind: str
    rates: tuple[Rate, ...]  # what the receiver allows

    def send(self, notification: Notification, progress: Progress) -> None: ...


class RunLog(Protocol):
    """Where sources report what they did; kept by `records`."""

    def add_run(self, run: SourceRun) -> None: ...
    def open_gap(self, gap: Gap) -> None: ...  # one open gap a source; the first reason stays
    def close_gap(self, source: str, at: datetime) -> None: ...
    def add_gap(self, gap: Gap) -> None: ...  # a stretch that is over, e.g. a capped window
    def last_covered(self, source: str) -> datetime | None: ...  # end of the last covered window


@dataclass(frozen=True, slots=True)
class TimelinePoint:
    """One bucket of a case's chart.

    Attributes:
        start: first instant of the bucket, UTC.
        authors: observed distinct authors (rolling 24 h); posts: observed posts.
        expected, low, high: expected authors and the band that holds 95 % of quiet buckets.
        covered: share of the watched stream that was seen, 0 = blind.
        court_negative, court_unsure: posts surely negative toward the court; posts likely about
            the court whose attitude is unsure or mixed.
        distinct: different texts among `posts`, counted within the bucket alone.
    """

    start: datetime
    posts: int
    authors: int
    court_negative: int
    expected: float
    low: float
    high: float
    covered: float
    court_unsure: int = 0
    distinct: int = 0


class Timeline(Protocol):
    """A case's observed and expected course, for the console and reports."""

    def points(
        self, case: Case, since: datetime, until: datetime, bucket: timedelta
    ) -> list[TimelinePoint]: ...


@dataclass(frozen=True, slots=True)
class Backfill:
    """What watching a case found in the past.

    Attributes:
        linked: posts that now belong to the case.
        names_since: from here on names could be matched too (segments still held); before it
            only words that are not names. None when no segment is held.
        unlinked: posts that belonged to it before and that it no longer matches.
    """

    linked: int
    names_since: datetime | None
    unlinked: int = 0


class CaseWatcher(Protocol):
    """Starts watching a case, or one that was changed, and links the past to it."""

    def watch(self, case: Case) -> Backfill: ...


class Explainer(Protocol):
    """The spans of a text that drove its court-directed label, heaviest first; spans are verbatim."""

    def spans(self, reading: Reading) -> list[str]: ...
    def weights(
        self, reading: Reading
    ) -> list[tuple[str, float]]: ...  # the same, with what the label's log-odds lose without

"""Scores, alerts and the reasons they carry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.sampling import whole
from domain.sources import Gap


class Level(StrEnum):
    """Four levels (practice.md §2). The program proposes; a named person confirms."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


class AlertState(StrEnum):
    """proposed → confirmed | dismissed → closed; a relapse within 14 days: closed → proposed."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    CLOSED = "closed"


class Fact(StrEnum):
    """Facts behind the ★ lines of the level table (practice.md §2)."""

    LOCAL_HOT = "local_hot"
    NATIONAL_HOT = "national_hot"
    NATIONAL_MEDIA = "national_media"
    MINOR = "minor"
    DEATH = "death"
    COURT_VIOLENCE = "court_violence"


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
        distinct: different texts among the posts: families of copies, exact in every store; None
            unless asked for, because counting them costs more than counting posts.
    """

    key: tuple[str, ...]
    start: datetime | None
    posts: int
    authors: int | None
    distinct: int | None = None


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
class Flag:
    """What is known of a fact: a person's (or the registry's) word, or how many posts carry it.

    Attributes:
        confirmed: True or False by a person; None when nobody said.
        carried: de-duplicated posts that carry it, of all; None when nothing reads for it.
    """

    fact: Fact
    confirmed: bool | None = None
    carried: Share | None = None

    @property
    def known(self) -> bool:
        """Whether anybody or anything looked."""
        return self.confirmed is not None or self.carried is not None


@dataclass(frozen=True, slots=True)
class Campaign:
    """Similar content said in step, in aggregate (practice.md §4). A label: it decides nothing.

    Attributes:
        start, end: first and last post of the hour, or of the episode, that looks most so.
        alike: posts of template similarity or nearer / all posts of that stretch; copies: of these
            nearly verbatim; distinct: different texts among all of the stretch, by `Family.copies`.
        signs: what says “in step”, in words.
        authors_per_post: among those alike; tags: concentration of hashtags; variety: distinct
            3-grams of all.
    """

    start: datetime
    end: datetime
    alike: Share
    copies: Share
    distinct: int
    signs: tuple[str, ...]
    authors_per_post: float
    tags: float
    variety: float


@dataclass(frozen=True, slots=True)
class ToldNarrative:
    """A narrative of an episode as its alert keeps it.

    Attributes:
        text: a wording of it, verbatim from a redacted post.
        share: posts that tell it / posts of the episode that were read.
        past: posts of the case's own past that already told it; 0 = new in this episode.
        first_at: the episode's first post that tells it.
        sources: (source, posts), largest first.
        distinct: different texts among those that tell it; None in alerts from before it was kept.
    """

    text: str
    share: Share
    past: int
    first_at: datetime
    sources: tuple[tuple[str, int], ...] = ()
    distinct: int | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """Everything an alert claims, traceable to posts.

    Attributes:
        window_start, window_end: the episode so far, UTC; all counts below are over it.
        score: the highest score; `score.window` minutes up to `peak_at` gave it.
        stream: "all" or "court_negative", whichever scored higher.
        posts, distinct: posts, and different texts among them: families of the index
            (`domain.annotation.Family.copies`) when the alert was last counted.
        authors: distinct authors (rolling 24 h).
        similar: posts that copy an earlier one of the episode / posts whose texts were read.
        court_negative: surely negative toward the court / surely about the court, and relevant.
        court_unsure: relevant posts likely about the court whose attitude is unsure or mixed:
            in neither number of `court_negative`.
        attitudes: (target, sentiment, posts) of those that are sure, largest first.
        unsure, mixed: posts whose attitude on this case is unsure, or mixed (decision 0006).
        terms: words that stand out against the case's own past, with weight.
        questions: (wording, posts) of the focus questions, most raised first; a wording may
            change as posts come in: compare with `QuestionMatcher.new`, not by letters.
        question_texts: different texts among the posts of each of `questions`, in their order;
            empty in alerts from before they were kept.
        narratives: near-same statements of several posts, most told first.
        sources: (source, posts), largest first; media: distinct news sources and media accounts.
        gaps: sources that were blind within the window.
        level_lines: the lines of the level table that fired, in words.
        platforms: (platform, posts), largest first.
        flags: every fact behind a ★ line with what is known of it.
        concern: score of the court-negative stream at its highest, which `score` hides where all
            posts together scored higher; None when that stream never reached the threshold.
        campaign: similar content said in step, None when there is none to label.
        sampled: (source, share of its stream that it delivers) of the sampled ones in `sources`.
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
    court_unsure: int = 0
    unsure: int = 0
    mixed: int = 0
    platforms: tuple[tuple[str, int], ...] = ()
    flags: tuple[Flag, ...] = ()
    concern: Score | None = None
    campaign: Campaign | None = None
    narratives: tuple[ToldNarrative, ...] = ()
    sampled: tuple[tuple[str, float], ...] = ()
    question_texts: tuple[int, ...] = ()

    @property
    def asked(self) -> tuple[tuple[str, int, int | None], ...]:
        """(wording, posts, different texts or None) of the focus questions."""
        texts = self.question_texts or (None,) * len(self.questions)
        return tuple(
            (words, posts, distinct)
            for (words, posts), distinct in zip(self.questions, texts, strict=True)
        )

    @property
    def whole(self) -> int | None:
        """Posts of the whole streams, estimated; None when no source is sampled."""
        return whole(self.sources, dict(self.sampled))


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's level of an earlier episode, when they gave it, and when that episode came up."""

    level: Level
    at: datetime
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert per case and episode, and the relapses that follow it within 14 days.

    Attributes:
        id: stable key, hash of case id and the episode's first bucket; later posts extend it.
        level: proposed level; `confirmed_level` is a person's.
        first_published_at: earliest post of the episode; detected_at: when we raised it.
        closed_at: set when no bucket reached the threshold for six hours, or a person closed it.
        reason: a person's words when dismissing.
        confirmed_by, acknowledged_by: names as those people gave them.
        relapses: how often it came back; relapsed_at: when last. Then `why` is of the newest
            episode, and confirmation and acknowledgement are asked for anew.
        began_at: first instant of the first episode; None while there was only one.
        confirmed_from: the proposed level when a person gave theirs; None when that isn't known.
        earlier: the newest confirmation before the latest relapse: its clocks run on.
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
    confirmed_by: str = ""
    acknowledged_by: str = ""
    relapses: int = 0
    relapsed_at: datetime | None = None
    began_at: datetime | None = None
    confirmed_from: Level | None = None
    earlier: Confirmation | None = None

    @property
    def raised_at(self) -> datetime:
        """When it last came up: the latest relapse, else the detection."""
        return self.relapsed_at or self.detected_at

    @property
    def standing_level(self) -> Level:
        """A person's level, unless the proposal rose above what it was when they gave it."""
        if self.confirmed_level is None:
            return self.level
        order = list(Level)
        proposed, confirmed = order.index(self.level), order.index(self.confirmed_level)
        rose = self.confirmed_from is None or proposed > order.index(self.confirmed_from)
        return self.level if rose and proposed > confirmed else self.confirmed_level


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

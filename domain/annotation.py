"""What the models say about a post; labels as in the annotation guideline."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.posts import Post


class Target(StrEnum):
    """Whom the attitude (or information) of a text is about."""

    COURT = "court"
    PARTY = "party"
    EVENT = "event"
    OTHER = "other"


class Sentiment(StrEnum):
    """Attitude toward the target, not the mood of the text."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class Demand(StrEnum):
    """The one explicit demand of a text."""

    ACCOUNTABILITY = "accountability"
    CORRECT = "correct"
    SPEED_UP = "speed_up"
    DISCLOSE = "disclose"
    PROTECT = "protect"
    SERVICE = "service"
    PUNISH = "punish"
    SUGGEST = "suggest"
    CONSULT = "consult"
    NONE = "none"


#: Topic id of texts that have nothing to do with a court; excludes all others.
IRRELEVANT = "irrelevant"


@dataclass(frozen=True, slots=True)
class Topic:
    """An entry of the topic catalogue (`nlp/concern_topics.yaml`).

    Attributes:
        group: "concern" (counts in the ranking) or "context" (volume only).
        articles: numbers of the articles of 法发〔2013〕9号 it belongs to.
        owner_dept: department that answers for it; never a trial division (Art. 5).
    """

    id: str
    zh: str
    group: str
    articles: tuple[int, ...]
    owner_dept: str
    keywords: tuple[str, ...] = ()
    negative_keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotation:
    """Labels of one post.

    Attributes:
        topics: 1–3 topic ids, main topic first; ("irrelevant",) stands alone.
        scores: the model's own confidence per field ("target", "sentiment", "demand", "topics",
            "irony"), 0–1. Not calibrated unless the annotator's card says so.
        model: name and version of the annotator.
    """

    target: Target
    sentiment: Sentiment
    topics: tuple[str, ...]
    demand: Demand = Demand.NONE
    irony: bool = False
    scores: dict[str, float] = field(default_factory=dict)
    model: str = ""

    @property
    def relevant(self) -> bool:
        """Whether the text concerns a Chinese court or a case before one."""
        return IRRELEVANT not in self.topics

    @property
    def court_negative(self) -> bool:
        """Counts in the court-negative rate: relevant, about the court, negative."""
        return (
            self.relevant and self.target is Target.COURT and self.sentiment is Sentiment.NEGATIVE
        )


@dataclass(frozen=True, slots=True)
class CaseLink:
    """Why a post belongs to a case.

    Attributes:
        reason: "number", "alias" or "formula".
        matched: the words that matched, as they stand in the case's registry entry.
        counts_as_author: the post is its author's first on this case within 24 h, so it counts
            in detection. Decided once, at annotate; re-running a segment gives the same flag.
    """

    case_id: str
    reason: str
    matched: tuple[str, ...]
    counts_as_author: bool = True


@dataclass(frozen=True, slots=True)
class AnnotatedPost:
    """What the index holds: a fully redacted post, its labels, the cases it belongs to."""

    post: Post
    annotation: Annotation
    links: tuple[CaseLink, ...] = ()

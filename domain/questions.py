"""What people ask and say of a case, and what a draft statement answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.alerts import Share

#: A wording is at most this long (practice.md §5, quotes).
WORDING = 40
#: At most so many focus questions (practice.md §2, 研判).
MOST_QUESTIONS = 7


class QuestionKind(StrEnum):
    """The form in which a point is raised most often."""

    QUESTION = "question"
    CLAIM = "claim"
    DEMAND = "demand"


@dataclass(frozen=True, slots=True)
class FocusQuestion:
    """A question, claim or demand that several posts raise in their own words.

    Attributes:
        id: 16 hex digits made from the wording raised first; stays while that post does.
        text: the wording most like all others, verbatim from one post, ≤ `WORDING` characters.
        posts: posts that raise it; distinct: the same without near-duplicates.
        post_ids: those posts, earliest first.
        wordings: all different wordings, most frequent first; a draft is compared with these.
    """

    id: str
    text: str
    kind: QuestionKind
    posts: int
    distinct: int
    first_at: datetime
    last_at: datetime
    post_ids: tuple[str, ...] = ()
    wordings: tuple[str, ...] = ()


class AnswerKind(StrEnum):
    """The three ways to cover a question (practice.md §5, coverage)."""

    ANSWERED = "answered"
    UNDER_CHECK = "under_check"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Answer:
    """A question that a draft covers, and the span of the draft that does, verbatim."""

    question_id: str
    kind: AnswerKind
    span: str


@dataclass(frozen=True, slots=True)
class Narrative:
    """Near-same statements in a burst.

    Attributes:
        text: wording that stands for them, verbatim, ≤ `WORDING` characters.
        share: posts that make the statement / all posts of the burst.
        past: posts of the case's own past that already made it; 0 = new in this burst.
        first_at: first post of the burst that makes it; peak_at: start of its strongest hour.
        hours: (start of the hour, posts that make it, posts of the burst in that hour).
        sources: (source, posts), largest first.
    """

    text: str
    share: Share
    distinct: int
    past: int
    first_at: datetime
    peak_at: datetime
    hours: tuple[tuple[datetime, int, int], ...]
    sources: tuple[tuple[str, int], ...]
    post_ids: tuple[str, ...] = ()

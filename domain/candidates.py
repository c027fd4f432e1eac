"""A case that posts seem to be about and nobody watches: proposed by the program, decided by people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.cases import MatchFormula


class CandidateState(StrEnum):
    """What became of a candidate."""

    OPEN = "open"
    ACCEPTED = "accepted"  # became a case
    MERGED = "merged"  # its words joined a case
    REFUSED = "refused"
    FADED = "faded"  # no longer trends; nobody decided


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the form of a new case is filled with; names of private persons are masked (余某)."""

    title: str
    court: str = ""
    numbers: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    formula: MatchFormula = field(default_factory=MatchFormula)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a candidate. Counts are of the window [since, until).

    Attributes:
        anchors: what holds its posts together, strongest first, e.g. "number:（2026）…号",
            "name:夜市伤人案", "tag:…", "pair:…"; the identity of the candidate across runs.
        posts, distinct: with and without near-duplicates (≥ .8).
        authors: distinct authors; None when the posts name none (feeds, imports).
        sources: source → posts.
        past, expected: posts in the past, and what it leads to expect in the window.
        score: −log10 of the chance of so many posts if nothing had changed.
        post_ids: examples, near-duplicates left out, earliest first.
    """

    anchors: tuple[str, ...]
    since: datetime
    until: datetime
    posts: int
    distinct: int
    authors: int | None
    sources: dict[str, int]
    past: int
    expected: float
    score: float
    terms: tuple[str, ...]
    post_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate as the records keep it.

    Attributes:
        refused_at_posts: how many posts it had when it was refused; it comes back when it grows
            by the stated factor beyond that.
        case_id: the case it became or joined.
    """

    id: str
    state: CandidateState
    suggestion: Suggestion
    evidence: Evidence
    first_at: datetime
    updated_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None
    reason: str = ""
    case_id: str = ""
    refused_at_posts: int = 0

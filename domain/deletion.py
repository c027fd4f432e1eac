"""What was deleted because its author or the law wants it, and what had left the house before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeletionReason(StrEnum):
    """Why a post has to go."""

    GONE = "gone"  # the source, asked again, no longer shows it
    PUSHED = "pushed"  # the source's stream said that it was deleted
    ASKED = "asked"  # somebody asked the court, or a person here decided


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A post that may never come back: its id and no word of it."""

    post_id: str
    source: str
    reason: DeletionReason
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Deletion:
    """The count record of one deletion: how many, why, of which source, when; no text.

    Attributes:
        source: "" where no place knew the post any more.
        asked: ids that were to go; held: how many of them the index still held then.
        cases: ids of watched cases the posts belonged to.
        places: (place, how much of it went), in the order in which the places were cleared.
        finished_at: None while a place is still to be cleared; the next round goes on there.
    """

    id: int
    source: str
    reason: DeletionReason
    asked_at: datetime
    asked: int
    held: int
    cases: tuple[str, ...] = ()
    places: tuple[tuple[str, int], ...] = ()
    finished_at: datetime | None = None


class ExportKind(StrEnum):
    """How something left the press office."""

    REPORT = "report"
    NOTIFICATION = "notification"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Export:
    """Something that left, and how many posts stand behind it.

    Attributes:
        name: file name, channel, or address; unique within its kind together with `version`.
        version: SHA-256 of a file, key of a notification: the same again is entered once.
        posts: posts it rests on or quotes in other words.
        deleted: of these, how many were deleted since and not yet dealt with.
        settled_at: when somebody last recalled or replaced it; settled_by: who.
    """

    id: int
    kind: ExportKind
    name: str
    version: str
    made_at: datetime
    posts: int
    deleted: int = 0
    settled_at: datetime | None = None
    settled_by: str = ""

"""Sources, their runs and their gaps. Missing is never zero."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class GapReason(StrEnum):
    """Why we saw nothing, or not all."""

    DOWN = "down"
    TIMEOUT = "timeout"
    HTTP_ERROR = "http_error"
    RATE_LIMITED = "rate_limited"
    TOKEN_EXPIRED = "token_expired"
    LOGIN_PAGE = "login_page"
    CAPTCHA = "captcha"
    BLANK_PAGE = "blank_page"
    BAD_BODY = "bad_body"
    ROBOTS = "robots"
    TOO_LARGE = "too_large"
    PAGE_CAP = "page_cap"
    BELOW_EXPECTATION = "below_expectation"
    NOT_RUN = "not_run"
    DISK_FULL = "disk_full"
    BACKLOG = "backlog"
    NO_BASIS = "no_basis"
    LICENCE_EXPIRED = "licence_expired"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time for which a source told us nothing, or too little.

    Attributes:
        end: first instant after it, or None while it lasts.
        detail: one line for the press office: status, error code, what to do.
    """

    source: str
    start: datetime
    end: datetime | None
    reason: GapReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SourceRun:
    """What one run of a source did.

    Attributes:
        window_start, window_end: the stretch of publication time the run was to cover, UTC.
        seen: items the source delivered; new: not in the inbox or index before.
        rejected: items in quarantine.
        gap: reason when the window was not (wholly) covered, else None.
    """

    source: str
    started_at: datetime
    finished_at: datetime
    window_start: datetime
    window_end: datetime
    requests: int = 0
    seen: int = 0
    new: int = 0
    rejected: int = 0
    gap: GapReason | None = None
    detail: str = ""


class Health(StrEnum):
    """State of a source as the strip on the feed shows it."""

    OK = "ok"
    SAMPLED = "sampled"
    LATE = "late"
    BLIND = "blind"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source's state now, for pages, reports and `courtpulse sources`."""

    source: str
    title: str
    platform: str
    health: Health
    last_run_at: datetime | None
    last_post_at: datetime | None
    blind_since: datetime | None = None
    reason: GapReason | None = None
    detail: str = ""
    sample_rate: float = 1.0

"""The one exception tree. Every error says where it happened and what the user can do about it."""

from __future__ import annotations

from datetime import timedelta


class CourtpulseError(Exception):
    """Base of all errors courtpulse raises on purpose.

    Args:
        problem: what is wrong, one sentence, never the text of a post.
        remedy: what the user can do, one sentence.
        where: the file, source or item concerned, if any.
    """

    #: HTTP status a page or API answers with when this error reaches it.
    http_status = 500

    def __init__(self, problem: str, *, remedy: str = "", where: str = "") -> None:
        self.problem, self.remedy, self.where = problem, remedy, where
        super().__init__(
            (f"{where}: " if where else "") + problem + (f" ({remedy})" if remedy else "")
        )


class ConfigurationError(CourtpulseError):
    """A setting or a declaration (source, case, route, topic) is wrong. Nothing was started."""


class BadInput(CourtpulseError):
    """One item from outside can't be used. It goes to the quarantine, the rest goes on."""

    http_status = 422


class SourceFailure(CourtpulseError):
    """A source can't be read now. It becomes a :class:`domain.sources.Gap`, never a zero."""

    http_status = 502


class StoreFailure(CourtpulseError):
    """The index or the records can't be read or written. The segment stays in the inbox."""

    http_status = 503


class StoreBusy(StoreFailure):
    """The index sheds load, is locked, or answers too late. Less at once, or later, may work."""


class NotFound(CourtpulseError):
    """The case, alert, post or report asked for does not exist."""

    http_status = 404


class NotAllowed(CourtpulseError):
    """The request would cross a red line (practice.md §6) or a state that forbids it."""

    http_status = 409


class NotifyFailure(CourtpulseError):
    """A channel didn't take a notification.

    Attributes:
        retryable: whether trying again can help.
        retry_after: how long the receiver wants to be left alone; None when it didn't say.
    """

    http_status = 502

    def __init__(
        self,
        problem: str,
        *,
        retryable: bool,
        retry_after: timedelta | None = None,
        remedy: str = "",
        where: str = "",
    ) -> None:
        self.retryable, self.retry_after = retryable, retry_after
        super().__init__(problem, remedy=remedy, where=where)

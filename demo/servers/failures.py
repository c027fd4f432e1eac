"""How sources fail (sources.md), switchable per server while it runs.

A test says ``handle.fail(Failure.CAPTCHA, "weibo")``; a person adds ``?_fail=captcha`` to an
address or starts the servers with ``DEMO_FAIL=weibo:captcha,news_gbk:wrong_charset``.
"""

from __future__ import annotations

import threading
from enum import StrEnum

from domain.errors import ConfigurationError

SERVERS = ("weibo", "feed", "news_utf8", "news_gbk")


class Failure(StrEnum):
    """One way to fail; those from BLANK_PAGE on change what is said, the others how."""

    FORBIDDEN = "403"
    TEAPOT = "418"
    TOO_MANY = "429"
    WALL = "432"
    SERVER_ERROR = "500"
    RATE_LIMIT_IP = "10022"
    RATE_LIMIT = "10023"
    RATE_LIMIT_API = "10024"
    TOKEN_EXPIRED = "21327"
    CAPTCHA = "captcha"
    CAPTCHA_PAGE = "captcha_page"
    LOGIN_PAGE = "login_page"
    REDIRECT_LOOP = "redirect_loop"
    RESET = "reset"
    TRUNCATED = "truncated"
    SLOW_LORIS = "slow_loris"
    WRONG_CHARSET = "wrong_charset"
    OVERSIZE = "oversize"
    GZIP_BOMB = "gzip_bomb"
    ROBOTS_DISALLOW = "robots_disallow"
    ROBOTS_ERROR = "robots_error"
    BLANK_PAGE = "blank_page"
    DUPLICATES = "duplicates"
    EDITS = "edits"
    DELETIONS = "deletions"


class Control:
    """What is broken at the moment, and which posts their authors edited or deleted."""

    def __init__(self, servers: tuple[str, ...] = SERVERS) -> None:
        self._servers = servers
        self._lock = threading.Lock()
        self._failures: dict[str, set[Failure]] = {server: set() for server in servers}
        self._edits: dict[int, str] = {}
        self._deleted: set[int] = set()

    def fail(self, kind: Failure | str, server: str = "") -> None:
        """Begin to fail in this way, at one server or at all."""
        failure = parse_failure(str(kind))
        with self._lock:
            for name in self._named(server):
                self._failures[name].add(failure)

    def heal(self, server: str = "") -> None:
        """End all failures, at one server or at all; edits and deletions stay."""
        with self._lock:
            for name in self._named(server):
                self._failures[name].clear()

    def failures(self, server: str) -> frozenset[Failure]:
        """Return what is broken at `server` now."""
        with self._lock:
            return frozenset(self._failures[server])

    def edit(self, mid: int, text: str) -> None:
        """Let the author of post `mid` change its text."""
        with self._lock:
            self._edits[mid] = text

    def delete(self, mid: int) -> None:
        """Let the author of post `mid` delete it."""
        with self._lock:
            self._deleted.add(mid)

    def edited(self, mid: int) -> str | None:
        """Return the new text of a post, None when it was not edited."""
        with self._lock:
            return self._edits.get(mid)

    def is_deleted(self, mid: int) -> bool:
        """Return whether the post is gone."""
        with self._lock:
            return mid in self._deleted

    def changes(self) -> tuple[dict[int, str], set[int]]:
        """Return all edits and all deletions so far."""
        with self._lock:
            return dict(self._edits), set(self._deleted)

    def _named(self, name: str) -> tuple[str, ...]:
        if name and name not in self._servers:
            raise ConfigurationError(
                f"no server is called {name!r}", remedy=f"one of {', '.join(self._servers)}"
            )
        return (name,) if name else self._servers


def parse_failure(word: str) -> Failure:
    """Return the failure of that name.

    Raises:
        ConfigurationError: there is none.
    """
    try:
        return Failure(word)
    except ValueError as error:
        known = ", ".join(Failure)
        raise ConfigurationError(
            f"no failure is called {word!r}", remedy=f"one of {known}"
        ) from error


def apply_setting(control: Control, setting: str) -> None:
    """Apply ``DEMO_FAIL``: ``server:failure`` pairs joined by commas.

    Raises:
        ConfigurationError: a pair is malformed or names an unknown server or failure.
    """
    for pair in filter(None, (part.strip() for part in setting.split(","))):
        server, separator, kind = pair.partition(":")
        if not separator:
            raise ConfigurationError(
                f"{pair!r} is no server:failure pair", remedy="e.g. weibo:429", where="DEMO_FAIL"
            )
        control.fail(kind, server)

"""What a robot sees of a request, and what it says."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.time import Clock


@dataclass(frozen=True, slots=True)
class Request:
    """A POST; `document` is None when the body is no JSON object."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    now: datetime

    @property
    def document(self) -> dict[str, Any] | None:
        """The body as JSON."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `text` is what a reader of the group sees, None when it was refused."""

    document: dict[str, Any]
    text: str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


#: A robot: judges a request.
Robot = Callable[[Request], Reply]


class Meter:
    """Counts what came within a stretch; `lock` is for how long one that sends more is refused."""

    def __init__(
        self,
        limit: int,
        clock: Clock,
        per: timedelta = timedelta(minutes=1),
        lock: timedelta = timedelta(0),
    ) -> None:
        self._limit, self._clock, self._per, self._lock = limit, clock, per, lock
        self._seen: deque[datetime] = deque()
        self._locked_until: datetime | None = None

    def exceeded(self) -> bool:
        """Count one more; whether it is one too many."""
        now = self._clock()
        if self._locked_until and now < self._locked_until:
            return True
        while self._seen and not now - self._per < self._seen[0] <= now:
            self._seen.popleft()
        if len(self._seen) >= self._limit:
            self._locked_until = now + self._lock
            return True
        self._seen.append(now)
        return False

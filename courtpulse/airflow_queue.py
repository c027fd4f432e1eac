"""Does Airflow's local executor still take tasks? One that doesn't is started again.

Its workers wait on one pipe in turn, the next in line holding a lock. A worker killed while it waits
(the kernel does so when memory is short) keeps that lock for ever: tasks are queued, none is started,
and nothing ends with an error. Of tasks queued for minutes there is no other cause here, because the
scheduler queues no more of them than there are workers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import structlog

from domain.time import Clock, system_clock

log = structlog.get_logger()

#: Seconds between two looks.
_EVERY = 30.0
#: A task that is queued so long is not going to be started. Under load 20 s were seen.
_LONGEST = timedelta(minutes=2)
#: Seconds that a scheduler has to show that starting it again helped.
_AGAIN = 600.0
_TIMEOUT = 5.0


class QueueWatch:
    """Looks at the oldest queued task now and then, and calls `restart` when it got stuck."""

    def __init__(
        self,
        address: str,
        restart: Callable[[], None],
        clock: Clock = system_clock,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address, self._restart = address, restart
        self._clock, self._seconds = clock, seconds
        self._looked = self._restarted = float("-inf")
        self._unanswered = False

    def check(self) -> None:
        """Look, unless it is too early; an API that doesn't answer is told once and waited for."""
        now = self._seconds()
        if now - self._looked < _EVERY or now - self._restarted < _AGAIN:
            return
        self._looked = now
        try:
            oldest = self._oldest()
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            if not self._unanswered:
                log.warning("airflow's queue can't be looked at", error=type(error).__name__)
            self._unanswered = True
            return
        self._unanswered = False
        if oldest is not None and self._clock() - oldest > _LONGEST:
            log.warning("airflow takes no tasks; its scheduler is started again", since=str(oldest))
            self._restarted = now
            self._restart()

    def _oldest(self) -> datetime | None:
        """When the task that waits longest was queued; None when none waits."""
        with httpx.Client(base_url=self._address, timeout=_TIMEOUT) as client:
            token = client.get("/auth/token").raise_for_status().json()["access_token"]
            found = client.get(
                "/api/v2/dags/~/dagRuns/~/taskInstances",
                params={"state": "queued", "limit": 100},
                headers={"Authorization": f"Bearer {token}"},
            )
        waiting = found.raise_for_status().json()["task_instances"]
        queued = [
            datetime.fromisoformat(one["queued_when"]) for one in waiting if one["queued_when"]
        ]
        return min(queued, default=None)

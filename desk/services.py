"""Everything the pages need, passed in by the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_bytes
from typing import Protocol

from domain.alerts import Alert
from domain.annotation import Topic
from domain.intake import IntakeState
from domain.policy import ClockReading, CourtThreshold, Step, Table
from domain.protocols import CaseWatcher, Explainer, QuestionMatcher, Store, Timeline
from domain.time import Clock, system_clock
from records import Records

#: Names a browser on this machine may call us by; accounts come before any other.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Rules(Protocol):
    """What the pages show of the alert policy. Reading it changes nothing."""

    def clocks(self, alert: Alert) -> tuple[ClockReading, ...]: ...  # first to run out first
    def mutes(self) -> dict[str, str]: ...  # open alert → why nobody is told of it, in words
    def steps(self, alert: Alert) -> tuple[Step, ...]: ...  # what the stages say now
    def events(self) -> dict[str, tuple[str, ...]]: ...  # first alert of an event → its alerts
    def thresholds(
        self,
    ) -> tuple[CourtThreshold, ...]: ...  # courts of watched cases, and any moved
    def relapse_days(self) -> int: ...  # how long a closed alert or case may come back
    def tables(self, page: str) -> tuple[Table, ...]: ...  # "levels", "routes" or "budget"


@dataclass(frozen=True, slots=True)
class Rejects:
    """Rejected items of a source that wait for the same reason; `left_out`: more that weren't kept."""

    source: str
    problem: str
    count: int
    left_out: int = 0


class Intake(Protocol):
    """How the intake stands."""

    def state(self) -> IntakeState: ...  # raises StoreFailure when the inbox can't be listed
    def rejects(self) -> tuple[Rejects, ...]: ...  # by source, most first


@dataclass(frozen=True, slots=True)
class Services:
    """What `create_app` is given.

    Attributes:
        court_name: stands at the head of every page.
        reports_folder: files of reports outside it are never served.
        intake: None where pages run without the inbox; they then say that it is unknown.
        hosts: host names (no port) a request may be addressed to.
        secret: signs the form tokens; a new one makes open forms stale, nothing else.
        viewer: whose “last looked” it is; one press office, one mark, until accounts exist.
        poll_seconds: how often a listener asks the records for news.
    """

    store: Store
    records: Records
    timeline: Timeline
    watcher: CaseWatcher
    explainer: Explainer
    questions: QuestionMatcher
    rules: Rules
    topics: Mapping[str, Topic]
    court_name: str
    reports_folder: Path
    clock: Clock = system_clock
    intake: Intake | None = None
    hosts: tuple[str, ...] = LOOPBACK
    secret: bytes = field(default_factory=lambda: token_bytes(32), repr=False)
    viewer: str = "desk"
    poll_seconds: float = 1.0

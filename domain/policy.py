"""Decisions about alerts: who is told, who isn't and why; silences, clocks, threshold steps.

Everything a person did carries their name as they gave it; there are no accounts yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.alerts import Fact, Level


class Outcome(StrEnum):
    """What the policy says about one alert at one instant."""

    NOTIFY = "notify"
    RENOTIFY = "renotify"
    ESCALATE = "escalate"
    MUTED = "muted"
    QUIET = "quiet"


#: Outcomes that channels act on.
TOLD = frozenset({Outcome.NOTIFY, Outcome.RENOTIFY, Outcome.ESCALATE})


@dataclass(frozen=True, slots=True)
class Step:
    """What one stage said.

    Attributes:
        stage: name of the stage, e.g. "silence".
        reason: stable key, e.g. "silenced"; `words` say it in Chinese with its figures.
        outcome: None when the stage let the alert pass on to the next.
    """

    stage: str
    reason: str
    words: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The policy's word on an alert, kept as a trail.

    Attributes:
        key: idempotency key of what is sent, and of the decision itself.
        subject: "alert", or "clock:<id>:<stage>" for a clock's warning.
        reason: that of the deciding stage; `words` are what is new, in Chinese.
        escalation: 0 = the first people of a route, 1 = the next, …
        level: the level that stood then; `theta`: threshold then.
        event: cases of the court-wide event that it told of.
        relapses, questions: what was known then; telling again needs more than this.
        routed: a line for each channel considered and why, written when it is queued.
    """

    key: str
    alert_id: str
    at: datetime
    outcome: Outcome
    reason: str
    words: str
    level: Level
    subject: str = "alert"
    escalation: int = 0
    confirmed_level: Level | None = None
    relapses: int = 0
    questions: tuple[str, ...] = ()
    theta: float | None = None
    steps: tuple[Step, ...] = ()
    routed: tuple[str, ...] = ()
    event: tuple[str, ...] = ()


class SilenceScope(StrEnum):
    """What a silence covers; its `value` is an id, a name or a level."""

    CASE = "case"
    COURT = "court"
    TOPIC = "topic"
    LEVEL = "level"


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody is told of what it covers; pages go on showing it, marked.

    Attributes:
        scope, value: e.g. ("court", "云岫区人民法院"). A level covers itself and all below.
        ends_at: always set; `ended_at`: when a person ended it earlier.
    """

    id: int
    scope: SilenceScope
    value: str
    reason: str
    made_by: str
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""

    def active(self, at: datetime) -> bool:
        """Whether it holds at `at`."""
        end = self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)
        return self.starts_at <= at < end


@dataclass(frozen=True, slots=True)
class FlagMark:
    """A person's word on a fact behind a ★ line; the newest one of a fact counts.

    Attributes:
        value: True: it is so; False: it is not; None: the earlier word is withdrawn.
    """

    alert_id: str
    fact: Fact
    value: bool | None
    made_by: str
    at: datetime
    reason: str = ""


class ActKind(StrEnum):
    """What a court does that stops a clock or is marked on a chart."""

    REPORTED = "reported"
    PUBLISHED = "published"
    CONFERENCE = "conference"
    REPLIED = "replied"
    CHECKED = "checked"
    CALLED_BACK = "called_back"


@dataclass(frozen=True, slots=True)
class Act:
    """Something the court did about an alert; `note` says what, never a link to a person."""

    id: int
    alert_id: str
    kind: ActKind
    at: datetime
    made_by: str
    note: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""


class ClockState(StrEnum):
    """Where a clock stands. WAITING: nobody has confirmed the alert, so it hasn't started."""

    WAITING = "waiting"
    RUNNING = "running"
    NEAR = "near"
    OVERDUE = "overdue"
    MET = "met"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One clock of one alert at one instant.

    Attributes:
        id, zh, source: name, words and where the figure is from (practice.md §2).
        due_at: first instant that is too late; warn_at: from here on it is near.
        met_at: when the act that stops it was done.
        holiday_table_missing: working days were counted Monday to Friday.
    """

    id: str
    zh: str
    source: str
    state: ClockState
    started_at: datetime | None = None
    warn_at: datetime | None = None
    due_at: datetime | None = None
    met_at: datetime | None = None
    holiday_table_missing: bool = False


@dataclass(frozen=True, slots=True)
class ThresholdStep:
    """One step of a court's threshold, made by a decision on one alert.

    Attributes:
        kind: "dismissed" or "confirmed"; amount: what it adds to θ, before the bounds.
        undone_at: from here on it no longer counts; the past is not rewritten.
    """

    id: int
    court: str
    alert_id: str
    kind: str
    amount: float
    made_by: str
    at: datetime
    undone_at: datetime | None = None
    undone_by: str = ""


@dataclass(frozen=True, slots=True)
class ThresholdMove:
    """A moment at which a court's shift changed: what did it, and the shift from then on."""

    at: datetime
    step: ThresholdStep
    undone: bool
    shift: float


@dataclass(frozen=True, slots=True)
class CourtThreshold:
    """θ of one court: by the budget, plus what its people's decisions made of it.

    Attributes:
        theta: the threshold that counts; not always the sum, for it has a floor.
        least, most: bounds of the shift; moves: oldest first.
    """

    court: str
    base: float
    shift: float
    theta: float
    least: float
    most: float
    moves: tuple[ThresholdMove, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Settings as a page shows them: read, not written, there.

    Attributes:
        problem, remedy: why the settings can't be used, when they can't; `rows` are empty then.
    """

    id: str
    title: str
    note: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = field(default_factory=tuple)
    problem: str = ""
    remedy: str = ""

"""What the stages look at: everything about one alert at one instant, read once, changed never."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.policy.settings import PolicySettings
from domain.alerts import Alert, AlertState, Level
from domain.cases import Case
from domain.policy import TOLD, Decision, Outcome, Silence


@dataclass(frozen=True, slots=True)
class Peer:
    """Another open alert, its case, and what was decided about it before, oldest first."""

    alert: Alert
    case: Case
    trail: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """One alert and what bears on it.

    Attributes:
        theta: the threshold of its court now.
        trail: what was decided about it before, oldest first (subject "alert" only).
        new_questions: what focus questions that nobody was told of are about; no wording of a post.
        silences: those that hold now; peers: the other open alerts.
    """

    alert: Alert
    case: Case
    now: datetime
    settings: PolicySettings
    theta: float
    trail: tuple[Decision, ...] = ()
    new_questions: tuple[str, ...] = ()
    silences: tuple[Silence, ...] = ()
    peers: tuple[Peer, ...] = ()

    @property
    def level(self) -> Level:
        """The level that stands: `Alert.standing_level`."""
        return self.alert.standing_level

    @property
    def open(self) -> bool:
        """Whether it still waits for, or holds, somebody's attention."""
        states = {AlertState.PROPOSED, AlertState.CONFIRMED}
        return self.alert.closed_at is None and self.alert.state in states

    @property
    def told(self) -> Sequence[Decision]:
        """What was told of the present episode, oldest first; before a relapse is another one."""
        return [
            decision
            for decision in self.trail
            if decision.outcome in TOLD and decision.relapses == self.alert.relapses
        ]

    @property
    def escalations(self) -> int:
        """How often nobody had answered in the present episode."""
        return sum(decision.outcome is Outcome.ESCALATE for decision in self.told)

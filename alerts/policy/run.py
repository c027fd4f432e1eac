"""Applies the policy to what is open and keeps what it decided. Written again, it changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.policy.clocks import read_clocks
from alerts.policy.feedback import settle
from alerts.policy.settings import PolicySettings
from alerts.policy.situation import Peer, Situation
from alerts.policy.stages import court_wide, hearing_day, led_event, silenced, steps
from alerts.policy.thresholds import effective, shift
from domain.alerts import Alert, AlertState
from domain.cases import Case
from domain.errors import NotFound
from domain.policy import TOLD, ClockReading, ClockState, Decision, Outcome, Step
from domain.protocols import QuestionMatcher
from domain.time import Clock, system_clock
from records import Records

#: Opens the matcher of focus questions, when there is a question to compare.
Questions = Callable[[], QuestionMatcher]

#: A dismissed or closed alert's clocks are no longer read after this long.
_CLOCKS_READ = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """Decisions a run kept, by outcome; `clocks` are warnings of clocks among the told."""

    told: int
    muted: int
    clocks: int
    threshold_steps: int


class Policy:
    """The policy over the records at one instant a run.

    Args:
        theta: threshold by the budget; courts' steps are added to it.
        questions: compares focus questions by likeness, and says what one is about in words that
            can't be searched for, because they leave the office.
    """

    def __init__(
        self,
        records: Records,
        settings: PolicySettings,
        theta: float,
        questions: Questions,
        clock: Clock = system_clock,
    ) -> None:
        self._records, self._settings, self._theta = records, settings, theta
        self._questions, self._clock = questions, clock

    def run(self) -> PolicyReport:
        """Decide on every open alert and every clock; take decisions of people into thresholds."""
        taken = settle(self._records, self._settings.feedback, self._clock)
        told = muted = clocks = 0
        for situation in self.situations():
            decision = self.decide(situation)
            if decision is not None and self._records.decisions.put(decision):
                told += decision.outcome in TOLD
                muted += decision.outcome is Outcome.MUTED
        for alert in self._clocked():
            clocks += self._warn(alert)
        return PolicyReport(told, muted, clocks, taken)

    def situations(self) -> list[Situation]:
        """One for each open alert."""
        return [self._told(bare) for bare in self._bare(self._open(self._cases()))]

    def mutes(self) -> dict[str, str]:
        """Alert id → why nobody is told of it now, in words; those that are told are left out."""
        found = {}
        for situation in self._bare(self._open(self._cases())):
            for stage in (court_wide, silenced, hearing_day):
                step = stage(situation)
                if step.outcome is Outcome.MUTED:
                    found[situation.alert.id] = step.words
                    break
        return found

    def peers(self) -> list[Peer]:
        """Open alerts with their cases."""
        return self._open(self._cases())

    def situation(self, alert_id: str) -> Situation:
        """That of one alert in any state.

        Raises:
            NotFound: no such alert, or its case is gone.
        """
        alert, cases = self._records.alerts.get(alert_id), self._cases()
        if alert.case_id not in cases:
            raise NotFound(f"no case {alert.case_id!r}", remedy="courtpulse cases list")
        others = [peer for peer in self._open(cases) if peer.alert.id != alert_id]
        own = Peer(alert, cases[alert.case_id], self.trail(alert))
        return self._told(self._bare([own, *others])[0])

    def _cases(self) -> dict[str, Case]:
        return {case.id: case for case in self._records.cases.all(archived=True)}

    def _open(self, cases: Mapping[str, Case]) -> list[Peer]:
        found = [
            alert
            for alert in self._records.alerts.open()
            if alert.case_id in cases and alert.state is not AlertState.DISMISSED
        ]
        trails = self._records.decisions.trails([alert.id for alert in found])
        return [
            Peer(alert, cases[alert.case_id], _about_alert(trails.get(alert.id, ())))
            for alert in found
        ]

    def _bare(self, peers: Sequence[Peer]) -> list[Situation]:
        """Situations of `peers`, new questions left out, in a few queries for all."""
        silences, now = tuple(self._records.silences.active()), self._clock()
        thetas = {court: self._theta_of(court) for court in {peer.case.court for peer in peers}}
        return [
            Situation(
                alert=peer.alert,
                case=peer.case,
                now=now,
                settings=self._settings,
                theta=thetas[peer.case.court],
                trail=peer.trail,
                silences=silences,
                peers=tuple(other for other in peers if other is not peer),
            )
            for peer in peers
        ]

    def _told(self, bare: Situation) -> Situation:
        """`bare` with what those questions are about that are new since people were told."""
        known = [wording for decision in bare.trail for wording in decision.questions]
        asked = [wording for wording, _ in bare.alert.why.questions]
        new = self._news(asked, known) if asked and bare.trail else ()
        return replace(bare, new_questions=new)

    def _news(self, asked: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
        """What the wordings of `asked` are about that ask nothing that one of `known` asks."""
        matcher = self._questions()
        return tuple(dict.fromkeys(matcher.gist(wording) for wording in matcher.new(asked, known)))

    def trail(self, alert: Alert) -> tuple[Decision, ...]:
        """What was decided about the alert itself, clocks left out."""
        return _about_alert(self._records.decisions.trail(alert.id))

    def theta(self, case: Case) -> float:
        """θ of the case's court now."""
        return self._theta_of(case.court)

    def _theta_of(self, court: str) -> float:
        own = self._records.steps.all(court)
        moved = shift(own, self._settings.feedback, self._clock())
        return float(effective(self._theta, moved))

    def decide(self, situation: Situation) -> Decision | None:
        """What the stages say; None when that is nothing, or what was decided last."""
        said = steps(situation)
        last = said[-1]
        assert last.outcome is not None
        if last.outcome is Outcome.QUIET:
            return None
        if last.outcome is Outcome.MUTED and _same(situation.trail, last, situation):
            return None
        asked = tuple(wording for wording, _ in situation.alert.why.questions)
        alert, number = situation.alert, len(situation.trail) + 1
        told, escalates = last.outcome in TOLD, last.outcome is Outcome.ESCALATE
        event = led_event(situation) if told else None
        return Decision(
            key=f"{alert.id}-{number}-{last.outcome.value}",
            alert_id=alert.id,
            at=situation.now,
            outcome=last.outcome,
            reason=last.reason,
            words=last.words,
            level=situation.level,
            # What is new goes to the first people again: a step is of who didn't answer alone.
            escalation=situation.escalations + 1 if escalates else 0,
            confirmed_level=alert.confirmed_level,
            relapses=alert.relapses,
            questions=asked if told else (),
            theta=round(situation.theta, 3),
            steps=said,
            event=event.cases if event else (),
        )

    def _clocked(self) -> list[Alert]:
        """Confirmed alerts whose clocks may still run, closed ones included."""
        since = self._clock() - _CLOCKS_READ
        return [
            alert
            for alert in self._records.alerts.confirmed_since(since)
            if alert.state is not AlertState.DISMISSED
        ]

    def readings(self, alert: Alert) -> tuple[ClockReading, ...]:
        """The alert's clocks now."""
        return read_clocks(alert, self._records.acts.of(alert.id), self._settings, self._clock())

    def _warn(self, alert: Alert) -> int:
        """Tell once that a clock is near its end, and once that it ran out."""
        told = 0
        for reading in self.readings(alert):
            words = _STAGES.get(reading.state)
            if words is None or reading.started_at is None:
                continue
            subject = f"clock:{reading.id}:{reading.state.value}"
            key = f"{alert.id}-{subject}-{int(reading.started_at.timestamp())}"
            if self._records.decisions.known(key):
                continue
            decision = Decision(
                key=key,
                alert_id=alert.id,
                at=self._clock(),
                outcome=Outcome.NOTIFY,
                reason=subject,
                words=words.format(clock=reading.zh),
                level=alert.confirmed_level or alert.level,
                subject=subject,
                confirmed_level=alert.confirmed_level,
                relapses=alert.relapses,
                steps=(Step("clock", subject, words.format(clock=reading.zh), Outcome.NOTIFY),),
            )
            told += self._records.decisions.put(decision)
        return told


def _about_alert(trail: Sequence[Decision]) -> tuple[Decision, ...]:
    return tuple(decision for decision in trail if decision.subject == "alert")


def _same(trail: Sequence[Decision], step: Step, situation: Situation) -> bool:
    """Whether the last thing decided was this mute, of this level and episode."""
    if not trail:
        return False
    last = trail[-1]
    return (last.outcome, last.reason, last.level, last.relapses) == (
        step.outcome,
        step.reason,
        situation.level,
        situation.alert.relapses,
    )


_STAGES: Mapping[ClockState, str] = {
    ClockState.NEAR: "时限将到：{clock}",
    ClockState.OVERDUE: "时限已过：{clock}",
}

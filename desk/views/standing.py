"""Where an alert stands with the policy: clocks, mutes, decisions, facts, acts, what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from desk.services import Services
from desk.views.feed import AlertLine, lines
from desk.wording import ACTS, FACTS, LEVELS
from domain.alerts import Alert, Fact, Flag
from domain.cases import Case
from domain.policy import Act, ClockReading, Decision, FlagMark, Step
from domain.time import SHANGHAI


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact behind a ★ line: what texts carry, what people said last, and by whom."""

    flag: Flag
    word: str
    mark: FlagMark | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page shows of one alert's policy.

    Attributes:
        muted: why nobody is told of it now; "" when it is told.
        relatives: other open alerts of the same event, then of the same court.
    """

    clocks: tuple[ClockReading, ...]
    muted: str
    steps: tuple[Step, ...]
    trail: tuple[Decision, ...]
    facts: tuple[FactView, ...]
    acts: tuple[Act, ...]
    event: tuple[AlertLine, ...]
    court: tuple[AlertLine, ...]


def of(services: Services, alert: Alert, case: Case) -> Standing:
    """The standing of `alert` now."""
    rules, records = services.rules, services.records
    event, court = _relatives(services, alert, case)
    return Standing(
        clocks=rules.clocks(alert),
        muted=rules.mutes().get(alert.id, ""),
        steps=rules.steps(alert),
        trail=tuple(reversed(records.decisions.trail(alert.id))),
        facts=_facts(services, alert),
        acts=tuple(records.acts.of(alert.id)),
        event=event,
        court=court,
    )


def _facts(services: Services, alert: Alert) -> tuple[FactView, ...]:
    """Every fact, with people's newest word at once, also before detection has taken it in."""
    known = {flag.fact: flag for flag in alert.why.flags}
    marks = {mark.fact: mark for mark in services.records.flags.history(alert.id)}
    return tuple(
        FactView(known.get(fact, Flag(fact)), FACTS[fact], marks.get(fact)) for fact in Fact
    )


def _relatives(
    services: Services, alert: Alert, case: Case
) -> tuple[tuple[AlertLine, ...], tuple[AlertLine, ...]]:
    members = next((ids for ids in services.rules.events().values() if alert.id in ids), ())
    cases = {one.id: one for one in services.records.cases.all(archived=True)}
    opened = [one for one in services.records.alerts.open() if one.id != alert.id]
    event = [one for one in opened if one.id in members]
    court = [
        one
        for one in opened
        if one not in event and one.case_id in cases and cases[one.case_id].court == case.court
    ]
    return tuple(lines(services, event)), tuple(lines(services, court))


def chart_acts(services: Services, alert: Alert, case: Case) -> list[tuple[datetime, str]]:
    """What the court did, for the chart: confirmation, acts that stand, hearings."""
    acts = [
        (act.at, ACTS[act.kind])
        for act in services.records.acts.of(alert.id)
        if act.withdrawn_at is None
    ]
    if alert.confirmed_at is not None and alert.confirmed_level is not None:
        acts.append((alert.confirmed_at, f"确认{LEVELS[alert.confirmed_level][0]}级"))
    acts += [(datetime.combine(day, time(9), SHANGHAI), "开庭") for day in case.hearings]
    return sorted(acts)

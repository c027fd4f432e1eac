"""Routes: what goes to whom, by court, level, topic, kind and time of day; docs/routes.md has it all.

Recipients are names: a channel, a person, a shift, or ``on-duty``, whoever is on any shift then.
When a route's people are all off duty, what it wanted goes to `otherwise`, and so does an alert that
routes would take at another hour, but none takes now: nothing falls between two shifts or hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.duty import WHOLE_DAY, Hours, Roster, stretches
from alerts.levels import rank
from alerts.notices import Kind, Notice, sample
from alerts.workdays import Workdays
from domain.alerts import Level
from domain.duty import Person
from domain.protocols import Notifier

ON_DUTY = "on-duty"
_OFF_HOURS = "不在时段内"
#: What is decided about an alert once and never again, so somebody must get it.
_ABOUT_ALERTS = frozenset({Kind.ALERT, Kind.NEWS, Kind.ESCALATION, Kind.CLOCK})
#: How long a channel that may have got a message is not sent it again (ADR 9) [D].
WINDOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to people.

    Attributes:
        window: when we died while sending, the receiver may have the message; for so long it is
            not sent again.
    """

    name: str
    notifier: Notifier
    window: timedelta = WINDOW


@dataclass(frozen=True, slots=True)
class Route:
    """What goes to whom; empty filters let everything through.

    Attributes:
        steps: who is told when nobody has answered once, twice, …; the policy says when that is.
            Beyond the last it is told again, and without any the first people are.
    """

    name: str
    to: tuple[str, ...]
    courts: tuple[str, ...] = ()
    min_level: Level = Level.BLUE
    topics: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    hours: Hours = WHOLE_DAY
    steps: tuple[tuple[str, ...], ...] = ()

    def wants(self, notice: Notice, at: datetime, workdays: Workdays) -> str:
        """Why not; "" when it does. What concerns no court or no topic passes these filters."""
        if self.kinds and notice.kind not in self.kinds:
            return "不收这类通知"
        if notice.court and self.courts and notice.court not in self.courts:
            return "不是这些法院"
        if rank(notice.level) < rank(self.min_level):
            return "级别不够"
        if notice.topics and self.topics and not set(notice.topics) & set(self.topics):
            return "不是这些话题"
        if not self.hours.holds(at, workdays):
            return _OFF_HOURS
        return ""

    def recipients(self, step: int) -> tuple[str, ...]:
        """Who is told after `step` waits without an answer."""
        return (
            self.to if step == 0 or not self.steps else self.steps[min(step, len(self.steps)) - 1]
        )


@dataclass(frozen=True, slots=True)
class Routing:
    """Channels, people, shifts and routes of one file."""

    channels: Mapping[str, Channel] = field(default_factory=dict)
    roster: Roster = field(default_factory=lambda: Roster({}))
    routes: Sequence[Route] = ()
    otherwise: tuple[str, ...] = ()

    def channels_for(self, notice: Notice, at: datetime) -> tuple[list[str], list[str]]:
        """Names of the channels `notice` goes to at `at`, and a line for each route: why (not)."""
        chosen: dict[str, None] = {}
        lines, late = [], False
        for route in self.routes:
            if reason := route.wants(notice, at, self.roster.workdays):
                lines.append(f"{route.name}：{reason}")
                late = late or reason == _OFF_HOURS
                continue
            found = self._resolve(route.recipients(notice.step), at)
            lines.append(
                f"{route.name}：{'、'.join(found)}"
                if found
                else f"{route.name}：无人值班，改送 {'、'.join(self._resolve(self.otherwise, at))}"
            )
            chosen.update(dict.fromkeys(found or self._resolve(self.otherwise, at)))
        if late and not chosen and notice.kind in _ABOUT_ALERTS:
            chosen.update(dict.fromkeys(self._resolve(self.otherwise, at)))
            lines.append(f"此刻没有路由收它，改送 {'、'.join(chosen) or '无人（otherwise 未设）'}")
        return list(chosen), lines

    def uncovered(
        self, level: Level, court: str, since: datetime, days: int = 7
    ) -> list[tuple[datetime, datetime]]:
        """When no route takes a new alert of `level` of `court`, to a quarter of an hour.

        Topics are left out: a route for some topics counts as taking it.
        """
        notice = Notice(Kind.ALERT, sample(level, since), court=court)

        def nobody(at: datetime) -> bool:
            return all(route.wants(notice, at, self.roster.workdays) for route in self.routes)

        return stretches(since, days, nobody)

    def _resolve(self, names: Iterable[str], at: datetime) -> list[str]:
        found: dict[str, None] = {}
        for name in names:
            if name in self.channels:
                found[name] = None
                continue
            for person in self._people(name, at):
                found.update(dict.fromkeys(person.channels))
        return list(found)

    def _people(self, name: str, at: datetime) -> list[Person]:
        if name in self.roster.people:
            return [self.roster.people[name]]
        return self.roster.on_duty(at, "" if name == ON_DUTY else name)

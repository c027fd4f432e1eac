"""What the pages show of the alert policy: clocks, mutes, stages, thresholds, settings as tables."""

from __future__ import annotations

from collections.abc import Callable

from alerts.policy.clocks import read_clocks
from alerts.policy.grouping import events
from alerts.policy.stages import steps
from alerts.policy.thresholds import changes, effective, shift
from courtpulse.policy_tables import budget_tables, level_tables, route_tables
from courtpulse.rooms import Rooms
from domain.alerts import Alert
from domain.errors import ConfigurationError
from domain.policy import ClockReading, CourtThreshold, Step, Table


class PolicyRules:
    """Implements `desk.services.Rules` over the program's rooms."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def clocks(self, alert: Alert) -> tuple[ClockReading, ...]:
        """The alert's clocks now."""
        rooms = self._rooms
        acts = rooms.records.acts.of(alert.id)
        return read_clocks(alert, acts, rooms.policy_settings, rooms.clock())

    def relapse_days(self) -> int:
        """Days within which a closed alert comes back, and a closed case is still counted."""
        return self._rooms.policy_settings.relapse_days

    def mutes(self) -> dict[str, str]:
        """Open alerts nobody is told of, and why."""
        return self._rooms.policy().mutes()

    def steps(self, alert: Alert) -> tuple[Step, ...]:
        """What the stages say of the alert now."""
        return steps(self._rooms.policy().situation(alert.id))

    def events(self) -> dict[str, tuple[str, ...]]:
        """Open alerts by event, the first of each as its key."""
        found = events(self._rooms.policy().peers())
        return {key: tuple(peer.alert.id for peer in peers) for key, peers in found.items()}

    def thresholds(self) -> tuple[CourtThreshold, ...]:
        """θ of every court that has a watched case or a step."""
        records, rules = self._rooms.records, self._rooms.policy_settings.feedback
        every, base, now = records.steps.all(), self._rooms.budget().theta, self._rooms.clock()
        courts = {case.court for case in records.cases.all()} | {step.court for step in every}
        return tuple(
            CourtThreshold(
                court=court,
                base=base,
                shift=moved,
                theta=float(effective(base, moved)),
                least=rules.least,
                most=rules.most,
                moves=tuple(changes(own, rules)),
            )
            for court in sorted(courts)
            for own in [[step for step in every if step.court == court]]
            for moved in [shift(own, rules, now)]
        )

    def tables(self, page: str) -> tuple[Table, ...]:
        """The settings of one page; a file that can't be used is a table with its problem."""
        made: dict[str, Callable[[Rooms], tuple[Table, ...]]] = {
            "levels": level_tables,
            "routes": route_tables,
            "budget": budget_tables,
        }
        try:
            return made[page](self._rooms)
        except ConfigurationError as error:
            where = f"{error.where}：" if error.where else ""
            problem = f"{where}{error.problem}"
            return (Table("broken", "设置不能用", "", problem=problem, remedy=error.remedy),)

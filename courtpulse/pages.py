"""Serves the desk's pages."""

from __future__ import annotations

from collections import Counter

import uvicorn

from courtpulse.explain import LabelExplainer
from courtpulse.flow import Flow, opened
from courtpulse.rooms import Rooms
from courtpulse.rules import PolicyRules
from courtpulse.settings import Settings
from desk import Services
from desk.services import Rejects
from domain.intake import IntakeState


class PressureView:
    """What the pages show of the intake."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def state(self) -> IntakeState:
        """One look at disk and inbox."""
        return self._rooms.pressure.state()

    def rejects(self) -> tuple[Rejects, ...]:
        """What waits in the quarantine, by source and reason, most first."""
        left_out = self._rooms.quarantine.left_out()
        counted = Counter((item.source, item.error) for item in self._rooms.quarantine.list())
        found = []
        for (source, problem), count in counted.most_common():
            found.append(Rejects(source, problem, count, left_out.pop(source, 0)))
        return tuple(found)


def services(flow: Flow) -> Services:
    """What the pages need, from the rooms of `flow`."""
    rooms = flow.rooms
    return Services(
        store=rooms.store,
        records=rooms.records,
        timeline=rooms.timeline,
        watcher=flow.watcher(),
        explainer=LabelExplainer(rooms.annotator),
        questions=rooms.questions,
        rules=PolicyRules(rooms),
        topics=rooms.topics,
        court_name=rooms.settings.court,
        reports_folder=rooms.reports,
        clock=rooms.clock,
        intake=PressureView(rooms),
    )


def serve(settings: Settings) -> None:
    """Serve until told to stop (SIGINT or SIGTERM)."""
    from desk.app import create_app

    with opened(settings) as flow:
        flow.register_sources()
        uvicorn.run(
            create_app(services(flow)),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,
            # Open event streams never end by themselves.
            timeout_graceful_shutdown=2,
        )

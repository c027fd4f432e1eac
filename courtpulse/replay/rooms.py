"""The rooms of a replay: its own clock, equal texts read once, messages recorded and never sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from courtpulse.rooms import Rooms
from domain.annotation import Annotation
from domain.protocols import Annotator, Progress, Rate, Reading

if TYPE_CHECKING:
    from alerts.routes import Routing
    from domain.alerts import Notification

#: Channel of a replay without a routes file: it is told everything.
CHANNEL = "recording"
#: Readings whose labels are remembered; forwarded posts and placeholders repeat themselves.
_REMEMBERED = 50_000


@dataclass(slots=True)
class DataClock:
    """A clock that stands where the replay puts it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


class Remembering:
    """Reads equal texts once. Exact, because a text's labels depend on that text alone."""

    def __init__(self, annotator: Annotator) -> None:
        self._annotator = annotator
        self._known: dict[Reading, Annotation] = {}

    @property
    def name(self) -> str:
        """The annotator's."""
        return self._annotator.name

    def annotate(self, readings: Sequence[Reading]) -> list[Annotation]:
        """Label `readings`, in their order."""
        new = [one for one in dict.fromkeys(readings) if one not in self._known]
        if len(self._known) + len(new) > _REMEMBERED:
            self._known.clear()
            new = list(dict.fromkeys(readings))
        self._known.update(zip(new, self._annotator.annotate(new), strict=True))
        return [self._known[one] for one in readings]


@dataclass(slots=True)
class Recorder:
    """Implements `domain.protocols.Notifier`; what it takes stays in the replay's records."""

    kind: str = CHANNEL
    rates: tuple[Rate, ...] = ()

    def send(self, notification: Notification, progress: Progress) -> None:
        """Take it whole."""
        for _ in progress.left([notification.key.encode()]):
            pass


class ReplayRooms(Rooms):
    """`Rooms` over a replay's folder; nothing in it reaches the network."""

    @cached_property
    def annotator(self) -> Annotator:  # type: ignore[override]  # any annotator does here
        """The model of the settings, asked once for each text."""
        from nlp.encoder.serving import NeuralAnnotator

        return Remembering(NeuralAnnotator.load(self.model))

    @cached_property
    def routing(self) -> Routing:
        """The routes of the settings with recorders for channels; without routes, one for all."""
        from alerts.open_routes import load_routes
        from alerts.routes import Channel, Route, Routing

        # No window: a replay killed while sending knows that nobody outside has the message.
        notifier, window = Recorder(), timedelta(0)
        if self.settings.routes is None:
            channels = {CHANNEL: Channel(CHANNEL, notifier, window)}
            return Routing(channels, routes=[Route("replay", to=(CHANNEL,))])
        read = load_routes(self.settings.routes, self.clock, self.policy_settings.workdays())
        channels = {name: Channel(name, notifier, window) for name in read.channels}
        return replace(read, channels=channels)

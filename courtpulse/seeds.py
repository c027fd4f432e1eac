"""What sources tell besides posts, and who takes it; see `courtpulse.hearings` and `.crosscheck`."""

from __future__ import annotations

from collections.abc import Callable

from courtpulse import crosscheck, hearings
from courtpulse.rooms import Rooms
from crawlers.declarations import Declaration
from crawlers.declared_seeds import GdeltSource, HearingsSource
from crawlers.jobs import Outcome
from domain.posts import Platform
from domain.seeds import SEED_KINDS
from domain.sources import Gap


def taking(
    rooms: Rooms, declaration: Declaration, first: Callable[[Outcome], None]
) -> Callable[[Outcome], None]:
    """Takes what a run told besides posts, after `first` took it.

    Taking the same twice changes nothing, so a run that is killed before it is recorded, and
    repeated, does no harm: the comparison of two looks that it makes then replaces the first.
    """

    def told(outcome: Outcome) -> None:
        first(outcome)
        rooms.records.captures.add(outcome.captures)
        if isinstance(declaration, HearingsSource):
            _hearings(rooms, declaration, outcome)
        elif isinstance(declaration, GdeltSource):
            _volumes(rooms, declaration, outcome)

    return told


def is_seed(declaration: Declaration) -> bool:
    """Whether the source delivers no posts, so that its silence says nothing of theirs."""
    return declaration.kind in SEED_KINDS


def _hearings(rooms: Rooms, declaration: HearingsSource, outcome: Outcome) -> None:
    if outcome.hearings:
        hearings.seed(rooms.records, declaration, outcome.hearings, rooms.clock())


def _volumes(rooms: Rooms, declaration: GdeltSource, outcome: Outcome) -> None:
    now = rooms.clock()
    found = crosscheck.compare(
        declaration, outcome.volumes, rooms.store, _news(rooms), _gaps(rooms, declaration), now
    )
    if found is not None:
        rooms.records.cross_checks.save(found)


def _news(rooms: Rooms) -> list[str]:
    """Our sources of news; a bridge of public accounts is none."""
    return [
        name
        for name, source in rooms.sources.items()
        if source.platform is Platform.NEWS and not is_seed(source)
    ]


def _gaps(rooms: Rooms, declaration: GdeltSource) -> list[Gap]:
    now = rooms.clock()
    return rooms.records.runs.gaps(now - declaration.window, now)

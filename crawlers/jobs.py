"""What passes between `crawlers.run` and the spider's process: a job in, an outcome back, as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter

from crawlers.declarations import Declaration
from crawlers.pieces import Hole
from crawlers.unfinished import NOTHING, Unfinished
from domain.completeness import Capture
from domain.ledger import RobotsReading
from domain.seeds import ListedHearing, Volume
from domain.sources import GapReason


@dataclass(frozen=True, slots=True)
class Places:
    """Where a run reads and writes.

    Attributes:
        inbox: folder or fsspec URL of the inbox.
        tokens, quarantine, state: folders.
        sites: folder of the declaration, searched for ``<source>.py``; None: only the program's.
    """

    inbox: str
    tokens: Path
    quarantine: Path
    state: Path
    sites: Path | None = None

    @classmethod
    def under(cls, data_dir: Path, inbox: str = "", sites: Path | None = None) -> Places:
        """The usual layout: everything in one data folder, unless the inbox lies elsewhere."""
        return cls(
            inbox=inbox or str(data_dir / "inbox"),
            tokens=data_dir / "tokens",
            quarantine=data_dir / "quarantine",
            state=data_dir / "state",
            sites=sites,
        )


@dataclass(frozen=True, slots=True)
class Held:
    """A post we hold, as a re-check needs it: its id here, and its address without an account."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Job:
    """One run of one source.

    Attributes:
        now: the caller's clock at the start; the spider's clock goes on from here.
        window_start, window_end: publication time to cover, UTC.
        covered_until: end of what earlier runs covered; None on the first run.
        contact: address in the user agent, where a site's owner finds out who we are.
        recheck: posts to ask for instead of collecting; see `crawlers.recheck`.
        unfinished: what earlier runs left of their windows.
        ask_robots: only ask robots.txt about the addresses; see `crawlers.robots_check`.
    """

    declaration: Annotated[Declaration, Field(discriminator="kind")]
    places: Places
    now: datetime
    window_start: datetime
    window_end: datetime
    covered_until: datetime | None
    contact: str
    recheck: tuple[Held, ...] = ()
    unfinished: Unfinished = NOTHING
    ask_robots: bool = False

    @property
    def state_path(self) -> Path:
        """The source's state file."""
        return self.places.state / f"{self.declaration.source}.json"

    @property
    def unfinished_path(self) -> Path:
        """Where the source's unfinished pieces are kept."""
        return unfinished_path(self.places, self.declaration.source)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a spider's process reports.

    Attributes:
        reason: why the window is not covered; None when it is from `covered_from` on.
        covered_from: later than the window's start when a page limit cut the window short.
        segments: names of the inbox segments written.
        fault: an error of ours (disk, configuration), not the source's: (class, problem, remedy).
        planned: the window was read in pieces; holes: those that were not read to their end.
        unfinished: what is left to the next run; captures: two looks at the same hours.
        heard_until: of a stream, its last sign of life; None for a poll or when there was none.
        hearings, volumes: what a source told that is no post.
        gone: ids of posts that the source says are no longer there; present: how many are.
        robots: what robots.txt said, by host.
    """

    requests: int
    seen: int
    new: int
    rejected: int
    covered_from: datetime
    reason: GapReason | None = None
    detail: str = ""
    segments: tuple[str, ...] = ()
    fault: tuple[str, str, str] | None = None
    gone: tuple[str, ...] = ()
    present: int = 0
    robots: tuple[RobotsReading, ...] = ()
    hearings: tuple[ListedHearing, ...] = ()
    volumes: tuple[Volume, ...] = ()
    planned: bool = False
    holes: tuple[Hole, ...] = ()
    unfinished: Unfinished = NOTHING
    captures: tuple[Capture, ...] = ()
    heard_until: datetime | None = None


def unfinished_path(places: Places, source: str) -> Path:
    """Where a source's unfinished pieces are kept."""
    return places.state / "unfinished" / f"{source}.json"


@cache
def job_form() -> TypeAdapter[Job]:
    """JSON form of a job."""
    return TypeAdapter(Job)


@cache
def outcome_form() -> TypeAdapter[Outcome]:
    """JSON form of an outcome."""
    return TypeAdapter(Outcome)

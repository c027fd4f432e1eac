"""The demonstration run once through the whole program at a frozen instant; tests work on copies."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from courtpulse.flow import Flow, opened
from courtpulse.settings import Settings
from demo.declare import TOKEN_VARIABLE, write_hotline, write_sources
from demo.scenario import World
from demo.servers import ACCESS_TOKEN, Handle, start
from domain.sources import SourceRun

T0 = datetime(2026, 11, 23, 8, tzinfo=UTC)
NOW = T0 + timedelta(minutes=30)


@dataclass
class Clock:
    """Stands still until it is set."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Court:
    """A data folder with the world that was collected into it.

    Attributes:
        servers: the local sources; their clock is `clock`.
        runs: what each source said of its first run.
        log: everything that was printed, the spiders' processes included.
    """

    folder: Path
    world: World
    servers: Handle
    clock: Clock
    runs: dict[str, SourceRun] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.folder / "logs" / "run.log"

    @property
    def settings(self) -> Settings:
        return Settings(data=self.folder, sources=(self.folder / "sources",))

    @contextlib.contextmanager
    def flow(self) -> Iterator[Flow]:
        with opened(self.settings, self.clock) as flow:
            yield flow


@contextlib.contextmanager
def _printed_into(path: Path) -> Iterator[None]:
    """Send what this process and its children print into `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    saved = os.dup(2)
    with path.open("a", encoding="utf-8") as file:
        os.dup2(file.fileno(), 2)
        try:
            with contextlib.redirect_stdout(file), contextlib.redirect_stderr(file):
                yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    """What a test that called the program set up for its logs ends with it."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def environment() -> Iterator[pytest.MonkeyPatch]:
    """No settings but ours."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COURTPULSE_")]:
            patch.delenv(name)
        patch.setenv(TOKEN_VARIABLE, ACCESS_TOKEN)
        yield patch


@pytest.fixture(scope="session")
def collected(
    tmp_path_factory: pytest.TempPathFactory, environment: pytest.MonkeyPatch
) -> Iterator[Court]:
    """The whole chain, once. Leave it as it is: `court` is a copy to work on."""
    world, clock = World(T0), Clock()
    folder = tmp_path_factory.mktemp("court")
    with start(world, clock=clock) as servers:
        court = Court(folder, world, servers, clock)
        write_sources(folder / "sources", servers.urls)
        write_hotline(folder / "imports", world)
        with _printed_into(court.log), court.flow() as flow:
            for case in world.cases:
                flow.rooms.records.cases.save(case)
            flow.register_sources()
            court.runs = {name: flow.collect(name) for name in flow.rooms.sources}
            for batch in flow.batches():
                flow.annotate(batch)
            flow.detect()
            flow.notify()
            flow.report_weekly(datetime(2026, 11, 17).date())  # noqa: DTZ001 - a day
        yield court


@pytest.fixture
def court(collected: Court, tmp_path: Path) -> Court:
    """A copy of the collected data folder, at the same sources, with a clock of its own."""
    folder = tmp_path / "court"
    shutil.copytree(collected.folder, folder)
    return Court(folder, collected.world, collected.servers, Clock(), dict(collected.runs))


@pytest.fixture
def later(collected: Court, court: Court) -> Iterator[Callable[[timedelta], None]]:
    """Moves the clocks of the copy and of the sources on."""

    def move(by: timedelta) -> None:
        court.clock.now += by
        collected.clock.now = court.clock.now

    yield move
    collected.clock.now = NOW

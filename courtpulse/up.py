"""`courtpulse up`: the whole service on one machine, and nothing left behind when it ends."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

import httpx
from rich.console import Console
from rich.markup import escape

from courtpulse import airflow
from courtpulse.airflow import SCHEDULER
from courtpulse.airflow_queue import QueueWatch
from courtpulse.doctor import port_is_free
from courtpulse.flow import opened
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from courtpulse.supervisor import Child, GivenUp, Supervisor
from domain.errors import ConfigurationError, CourtpulseError

#: Seconds between rounds when a plain loop stands in for Airflow.
_ROUND = 60
#: Longest wait for a page or for Airflow's API server to answer.
_START_LIMIT = 180.0

console = Console(stderr=True)


class _Stop(Exception):
    """SIGINT or SIGTERM arrived."""


def run(settings: Settings, *, demo: bool, airflow: bool, browser: bool) -> int:
    """Start everything, wait for Ctrl-C, stop everything; returns the exit code."""
    supervisor = Supervisor()
    with _stop_on_signals():
        try:
            _Start(settings, supervisor, demo=demo, airflow=airflow).run(browser=browser)
            queue = _queue_watch(settings, supervisor) if airflow else None
            while True:
                supervisor.check()
                if queue:
                    queue.check()
                time.sleep(1)
        except _Stop:
            console.print("\nstopping …")
            code = 0
        except CourtpulseError as error:
            console.print(f"[bold red]error[/] {escape(error.problem)}")
            console.print(f"      {escape(error.remedy)} (logs: {settings.folder / 'logs'})")
            code = 1
        except GivenUp as error:
            console.print(f"[bold red]error[/] {error}; the end of {error.child.log_file}:")
            console.print(error.child.tail(), markup=False, highlight=False)
            code = 1
        finally:
            _ignore_signals()
            killed = supervisor.stop()
    console.print("stopped" + (f"; had to kill {', '.join(killed)}" if killed else " cleanly"))
    return code


def _queue_watch(settings: Settings, supervisor: Supervisor) -> QueueWatch:
    address = f"http://127.0.0.1:{settings.airflow_port}"
    return QueueWatch(address, lambda: supervisor.restart(_airflow_child(SCHEDULER)))


def _airflow_child(process: str) -> str:
    return f"airflow-{process}"


class _Start:
    """The steps from nothing to a running service."""

    def __init__(
        self, settings: Settings, supervisor: Supervisor, *, demo: bool, airflow: bool
    ) -> None:
        self.settings, self.supervisor = settings, supervisor
        self.demo, self.airflow = demo, airflow
        self.environment: dict[str, str] = {**os.environ, "COURTPULSE_DATA": str(settings.folder)}

    def run(self, *, browser: bool) -> None:
        """Start the parts in the order in which they need each other."""
        began = time.monotonic()
        self._check_ports()
        self._check_rules()
        if self.demo:
            self._step("demonstration sources", self._start_demonstration)
        preparing = _Background(self._prepare_airflow) if self.airflow else None
        self._step("records, index and pages", self._start_pages)
        if self.demo:
            self._step("two weeks of fictional posts", self._load_demonstration)
        if preparing:
            self._step("Airflow's database", preparing.result)
            self._step("Airflow", self._start_airflow)
        else:
            self._add("loop", ["run", "--every", str(_ROUND)])
        address = f"http://{self.settings.host}:{self.settings.port}/"
        console.print(f"\n[bold]舆情预警[/]  {address}")
        if self.airflow:
            console.print(f"Airflow   http://127.0.0.1:{self.settings.airflow_port}/")
        console.print(
            f"ready in {time.monotonic() - began:.0f} s; data in {self.settings.folder}; "
            "Ctrl-C stops everything"
        )
        if browser:
            webbrowser.open(address)

    def _check_ports(self) -> None:
        wanted = {"COURTPULSE_PORT": self.settings.port}
        if self.airflow:
            wanted["COURTPULSE_AIRFLOW_PORT"] = self.settings.airflow_port
        for name, port in wanted.items():
            if not port_is_free(port):
                raise ConfigurationError(
                    f"port {port} is in use",
                    remedy=f"is courtpulse running already? else set {name}",
                )

    def _check_rules(self) -> None:
        """A wrong policy or routes file is noticed now, not by the first alert nobody gets."""
        rooms = Rooms(self.settings)
        _ = rooms.policy_settings, rooms.routing

    def _start_demonstration(self) -> None:
        from courtpulse import demonstration

        world = demonstration.prepare(self.settings)
        # The demonstration's own sources, court and addresses; children inherit them.
        os.environ.update(world.environment)
        self.environment.update(world.environment)
        self.settings = Settings.load()
        self._add_command("demonstration", world.command)
        for url in world.probes:
            _wait_for(url, self.supervisor)

    def _start_pages(self) -> None:
        with opened(self.settings) as flow:
            flow.register_sources()
            _ = flow.rooms.store
        self._add("pages", ["pages"])
        _wait_for(f"http://127.0.0.1:{self.settings.port}/health", self.supervisor)

    def _load_demonstration(self) -> None:
        from courtpulse import demonstration

        with opened(self.settings) as flow:
            demonstration.load(flow, lambda line: console.print(f"    {line}", highlight=False))

    def _prepare_airflow(self) -> None:
        from courtpulse.sources import declared

        sources = declared(self.settings.sources).values()
        airflow.prepare(self.settings, [source.pool_name for source in sources])

    def _start_airflow(self) -> None:
        environment = airflow.environment(self.settings, self.environment)
        for name in airflow.PROCESSES:
            self._add_command(_airflow_child(name), airflow.process(name), environment)
            if name == airflow.API_SERVER:
                # A task the scheduler starts before the API server answers fails.
                _wait_for(
                    f"http://127.0.0.1:{self.settings.airflow_port}/api/v2/monitor/health",
                    self.supervisor,
                )

    def _add(self, name: str, arguments: list[str]) -> None:
        self._add_command(name, [sys.executable, "-m", "courtpulse", *arguments])

    def _add_command(
        self, name: str, command: list[str], environment: Mapping[str, str] | None = None
    ) -> None:
        log_file = self.settings.folder / "logs" / f"{name}.log"
        self.supervisor.add(Child(name, command, environment or self.environment, log_file))

    def _step(self, what: str, action: Callable[[], None]) -> None:
        with console.status(f"{what} …"):
            began = time.monotonic()
            action()
        console.print(f"[green]✓[/] {what} ({time.monotonic() - began:.0f} s)")


class _Background:
    """Runs an action beside the others; `result` waits and re-raises."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._error: CourtpulseError | None = None
        self._thread = threading.Thread(target=self._run, args=(action,), daemon=True)
        self._thread.start()

    def _run(self, action: Callable[[], None]) -> None:
        try:
            action()
        except CourtpulseError as error:
            self._error = error

    def result(self) -> None:
        self._thread.join()
        if self._error is not None:
            raise self._error


def _wait_for(url: str, supervisor: Supervisor) -> None:
    """Wait until `url` answers with anything below 500.

    Raises:
        ConfigurationError: it doesn't within the limit.
        GivenUp: a child keeps dying.
    """
    deadline = time.monotonic() + _START_LIMIT
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=5).status_code < 500:
                return
        except httpx.TransportError:
            pass
        supervisor.check()
        time.sleep(0.2)
    raise ConfigurationError(
        f"{url} did not answer within {_START_LIMIT:.0f} s", remedy="look into the logs folder"
    )


@contextmanager
def _stop_on_signals() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _Stop

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_signals() -> None:
    """A second Ctrl-C must not leave half of the children running."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)

"""The fictional demonstration: its sources, its court, its cases, its first two weeks."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from courtpulse.flow import Flow
from courtpulse.settings import Settings
from demo.declare import TOKEN_VARIABLE, write_hotline, write_sources
from demo.scenario import World
from demo.servers import ACCESS_TOKEN, SERVERS
from domain.time import SHANGHAI, system_clock


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the supervisor needs: how to start the servers, what to tell everybody else.

    Attributes:
        probes: addresses that answer once the servers run.
    """

    command: list[str]
    environment: dict[str, str]
    probes: tuple[str, ...]


def prepare(settings: Settings) -> Prepared:
    """Lay the demonstration into the data folder; a second start finds the first one's world.

    Its instant T0 and its ports are chosen once and kept: posts are identified by what the
    servers say, articles by their addresses.
    """
    folder = settings.make_folder() / "demonstration"
    folder.mkdir(exist_ok=True)
    ports = _ports(folder / "ports.json")
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    world_file = folder / "world.json"
    first = not world_file.exists()
    if first:
        _write(world_file, {"t0": system_clock().isoformat(timespec="seconds"), "seed": 1})
    write_sources(folder / "sources", urls)
    if first:
        write_hotline(settings.folder / "imports", _world(world_file))
    command = [sys.executable, "-m", "demo.servers", "--world", str(world_file)]
    for name, port in ports.items():
        command += [f"--{name}", str(port)]
    return Prepared(
        command=command,
        environment={
            "COURTPULSE_SOURCES": str(folder / "sources"),
            TOKEN_VARIABLE: ACCESS_TOKEN,
            # A fictional alert must not wake a real person.
            "COURTPULSE_ROUTES": "",
            "COURTPULSE_POLICY": "",
        },
        probes=tuple(f"{url}/robots.txt" for url in urls.values()),
    )


def load(flow: Flow, tell: Callable[[str], None] = lambda _: None) -> None:
    """Watch the five cases and read the two weeks behind T0, once; later starts only go on."""
    world = _world(flow.rooms.settings.folder / "demonstration" / "world.json")
    if not flow.rooms.records.cases.all(archived=True):
        for case in world.cases:
            flow.rooms.records.cases.save(case)
    flow.register_sources()
    for source in flow.rooms.sources.values():
        run = flow.collect(source.source)
        tell(f"{source.title}: {run.new} new")
    for batch in flow.batches():
        done = flow.annotate(batch)
        tell(f"{done.posts} posts read, {done.linked} belong to watched cases")
    found = flow.detect()
    tell(f"{found.cases} cases scored, {found.raised + found.backfilled} episodes found")
    flow.notify()
    if not flow.rooms.records.reports.all(limit=1):
        today = flow.rooms.clock().astimezone(SHANGHAI).date()
        flow.report_weekly(today - timedelta(days=6))
        tell("weekly report written")


def _world(file: Path) -> World:
    content = json.loads(file.read_text(encoding="utf-8"))
    return World(datetime.fromisoformat(content["t0"]), int(content["seed"]))


def _ports(file: Path) -> dict[str, int]:
    if file.exists():
        known: dict[str, int] = json.loads(file.read_text(encoding="utf-8"))
        return known
    sockets = {name: socket.socket() for name in SERVERS}
    for probe in sockets.values():
        probe.bind(("127.0.0.1", 0))
    ports = {name: int(probe.getsockname()[1]) for name, probe in sockets.items()}
    for probe in sockets.values():
        probe.close()
    _write(file, ports)
    return ports


def _write(file: Path, content: dict[str, object] | dict[str, int]) -> None:
    temporary = file.with_suffix(".tmp")
    temporary.write_text(json.dumps(content) + "\n", encoding="utf-8")
    temporary.replace(file)

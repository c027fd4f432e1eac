"""Kill -9 at random instants over the whole pipeline: is anything lost, is anything counted twice?

    python -m bench.kills [KILLS]        default 50

Local sources show a fixed set of posts. `courtpulse run` is started over and over and killed at a
random instant, every other time with all of its children, then allowed to finish once. The index
and the alerts must equal those of a run nobody disturbed. Exit code 1 when they don't.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from courtpulse.flow import opened
from courtpulse.settings import Settings
from demo.declare import TOKEN_VARIABLE, write_hotline, write_sources
from demo.scenario import World
from demo.servers import ACCESS_TOKEN, start
from domain.protocols import Query
from domain.time import BUCKET, system_clock

#: The world's bursts lie within this time before "now", so that alerts are at stake too.
_BEHIND = timedelta(hours=2)


@dataclass(frozen=True)
class Result:
    """What stands in the index and the records after a run: equal when nothing was lost or doubled.

    Attributes:
        counts: case and bucket → posts and distinct authors.
        alerts: id → case, first post, posts of the episode.
    """

    posts: frozenset[str]
    counts: Mapping[tuple[str, str], tuple[int, int | None]]
    alerts: Mapping[str, tuple[str, str, int]]


def measure(folder: Path, kills: int, seed: int = 1) -> tuple[Result, Result, list[float]]:
    """(undisturbed, disturbed, instants of the kills in seconds after each start)."""
    now = system_clock()
    world = World(now - _BEHIND, seed=3)
    with start(world, clock=lambda: now) as servers:
        calm = _folder(folder / "calm", world, servers.urls)
        began = time.monotonic()
        _finish(calm)
        usual = time.monotonic() - began
        rough = _folder(folder / "rough", world, servers.urls)
        instants = _disturb(rough, kills, usual, random.Random(seed))
        _finish(rough)
    return _result(calm), _result(rough), instants


def _disturb(
    environment: dict[str, str], kills: int, usual: float, chance: random.Random
) -> list[float]:
    """Start and kill; instants are uniform over what a run usually takes."""
    instants: list[float] = []
    while len(instants) < kills:
        process = _start(environment)
        instant = chance.uniform(0.2, usual)
        try:
            process.wait(instant)
        except subprocess.TimeoutExpired:
            children = _children(process.pid) if len(instants) % 2 else []
            for victim in (process.pid, *children):
                _kill(victim)
            instants.append(instant)
        process.wait()
    # Spiders that outlived their parent end by themselves; the last run must not meet them.
    time.sleep(3)
    return instants


def _folder(folder: Path, world: World, urls: Mapping[str, str]) -> dict[str, str]:
    """A data folder with the world's sources and cases; returns the environment to run in."""
    folder.mkdir(parents=True)
    write_sources(folder / "sources", urls)
    write_hotline(folder / "imports", world)
    environment = {
        **os.environ,
        "COURTPULSE_DATA": str(folder),
        "COURTPULSE_SOURCES": str(folder / "sources"),
        "COURTPULSE_LOG_LEVEL": "ERROR",
        TOKEN_VARIABLE: ACCESS_TOKEN,
    }
    with opened(_settings(environment)) as flow:
        for case in world.cases:
            flow.rooms.records.cases.save(case)
    return environment


def _settings(environment: Mapping[str, str]) -> Settings:
    return Settings(
        data=Path(environment["COURTPULSE_DATA"]),
        sources=(Path(environment["COURTPULSE_SOURCES"]),),
    )


def _start(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "courtpulse", "run"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _finish(environment: dict[str, str]) -> None:
    process = _start(environment)
    _, errors = process.communicate()
    if process.returncode != 0:
        raise SystemExit(f"an undisturbed run failed:\n{errors.decode()[-2000:]}")


def _children(pid: int) -> list[int]:
    """All descendants of a process, from /proc."""
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        own = [int(child) for child in listing.read_text().split()]
    except FileNotFoundError:
        return []
    return [*own, *(grandchild for child in own for grandchild in _children(child))]


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _result(environment: Mapping[str, str]) -> Result:
    with opened(_settings(environment)) as flow:
        store, alerts = flow.rooms.store, flow.rooms.records.alerts
        counts = {
            (count.key[0], str(count.start)): (count.posts, count.authors)
            for count in store.counts(Query(), ("case",), BUCKET)
        }
        posts: list[str] = []
        while page := store.search(Query(), limit=1000, offset=len(posts)).posts:
            posts += [item.post.id for item in page]
        if len(posts) != len(set(posts)):
            raise SystemExit("a post stands in the index twice")
        return Result(
            posts=frozenset(posts),
            counts=counts,
            alerts={
                alert.id: (alert.case_id, str(alert.first_published_at), alert.why.posts)
                for alert in alerts.recent(1000)
            },
        )


def main() -> int:
    """Measure and print."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as folder:
        calm, rough, instants = measure(Path(folder), kills)
    report = {
        "kills": len(instants),
        "posts": len(calm.posts),
        "lost": len(calm.posts - rough.posts),
        "extra": len(rough.posts - calm.posts),
        "cells that differ": sum(
            calm.counts.get(cell) != rough.counts.get(cell)
            for cell in {*calm.counts, *rough.counts}
        ),
        "alerts": len(calm.alerts),
        "alerts that differ": sum(
            calm.alerts.get(key) != rough.alerts.get(key) for key in {*calm.alerts, *rough.alerts}
        ),
    }
    print(json.dumps(report, indent=2))
    return 0 if calm == rough else 1


if __name__ == "__main__":
    sys.exit(main())

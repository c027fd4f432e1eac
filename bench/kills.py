"""Kill -9 at random instants over the whole pipeline: is anything lost, is anything counted twice?

    python -m bench.kills [KILLS]        default 50

Local sources show a fixed set of posts. In a fresh data folder `courtpulse run` is started and
killed at a random instant, every other time with all of its children, and started again, until
one run comes through; then the next folder, until there were enough kills. The index and the alerts
of every folder must equal those of a run nobody disturbed. Exit code 1 when they don't.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from courtpulse.flow import opened
from courtpulse.settings import Settings
from demo.declare import TOKEN_VARIABLE, write_hotline, write_sources
from demo.scenario import World
from demo.servers import ACCESS_TOKEN, start
from domain.protocols import Query
from domain.time import BUCKET, system_clock

#: The world's bursts lie within this time before "now", so that alerts are at stake too.
_BEHIND = timedelta(hours=2)
_BACKFILL = timedelta(days=3)


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


def measure(folder: Path, kills: int, seed: int = 1) -> tuple[Result, list[Result], list[float]]:
    """(undisturbed, disturbed folders, seconds from start to kill)."""
    now = system_clock()
    world = World(now - _BEHIND, seed=3)
    chance = random.Random(seed)
    instants: list[float] = []
    rough: list[Result] = []
    with start(world, clock=lambda: now) as servers:
        environment = _folder(folder / "calm", world, servers.urls)
        began = time.monotonic()
        _finish(environment)
        usual = time.monotonic() - began
        since = _compared_from(world)
        calm = _result(environment, since)
        while len(instants) < kills:
            place = folder / f"rough-{len(rough)}"
            environment = _folder(place, world, servers.urls)
            instants += _disturb(environment, usual, chance)
            rough.append(_result(environment, since))
            shutil.rmtree(place)
    return calm, rough, instants


def _disturb(environment: dict[str, str], usual: float, chance: random.Random) -> list[float]:
    """Start and kill until one run comes through; instants uniform over what a run takes."""
    instants: list[float] = []
    while True:
        process = _start(environment)
        instant = chance.uniform(0.2, usual)
        try:
            _, errors = process.communicate(timeout=instant)
        except subprocess.TimeoutExpired:
            children = _children(process.pid) if chance.random() < 0.5 else []
            for victim in (process.pid, *children):
                _kill(victim)
            process.communicate()
            instants.append(instant)
            continue
        if process.returncode != 0:
            raise SystemExit(f"a run after kills failed:\n{errors.decode()[-2000:]}")
        # A spider that outlived its killed parent may have written one more segment.
        time.sleep(2)
        _finish(environment)
        return instants


def _folder(folder: Path, world: World, urls: Mapping[str, str]) -> dict[str, str]:
    """A data folder with the world's sources and cases; returns the environment to run in."""
    folder.mkdir(parents=True)
    for path in write_sources(folder / "sources", urls):
        # Three days hold two bursts; two weeks would let most kills fall into the first fetch.
        path.write_text(path.read_text().replace("backfill: 14d", "backfill: 3d"))
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
            flow.rooms.records.cases.save(replace(case, watched_since=_compared_from(world)))
    return environment


def _compared_from(world: World) -> datetime:
    """Runs begin minutes apart, so their three days do: what only the first can see is left out."""
    return world.t0 + _BEHIND - _BACKFILL + timedelta(hours=2)


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


def _result(environment: Mapping[str, str], since: datetime) -> Result:
    with opened(_settings(environment)) as flow:
        store, alerts = flow.rooms.store, flow.rooms.records.alerts
        counts = {
            (count.key[0], str(count.start)): (count.posts, count.authors)
            for count in store.counts(Query(since=since), ("case",), BUCKET)
        }
        posts: list[str] = []
        while page := store.search(Query(since=since), limit=1000, offset=len(posts)).posts:
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
        "seconds into a run": [round(min(instants), 1), round(max(instants), 1)],
        "folders": len(rough),
        "posts in each": len(calm.posts),
        "lost": sum(len(calm.posts - result.posts) for result in rough),
        "extra": sum(len(result.posts - calm.posts) for result in rough),
        "cells that differ": sum(_different(calm.counts, result.counts) for result in rough),
        "alerts in each": len(calm.alerts),
        "alerts that differ": sum(_different(calm.alerts, result.alerts) for result in rough),
    }
    print(json.dumps(report, indent=2))
    return 0 if all(result == calm for result in rough) else 1


def _different(one: Mapping[Any, Any], other: Mapping[Any, Any]) -> int:
    return sum(one.get(key) != other.get(key) for key in {*one, *other})


if __name__ == "__main__":
    sys.exit(main())

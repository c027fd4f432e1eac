"""How long a person waits after "watch this case": the demonstration's posts, one new case.

    python -m bench.watch [TRIALS]        default 3

The two weeks of the demonstration are collected and annotated without the case about wages, which
is then watched over a fresh copy each time. The limit is 30 s. Exit code 1 above it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from courtpulse.flow import opened
from courtpulse.settings import Settings
from demo.declare import TOKEN_VARIABLE, write_hotline, write_sources
from demo.scenario import World
from demo.servers import ACCESS_TOKEN, start
from domain.protocols import Query
from domain.time import system_clock

_CASE = "wages"
_LIMIT = 30.0


def _collect(folder: Path, world: World) -> int:
    """Collect and annotate everything; returns how many posts there are."""
    with start(world) as servers:
        write_sources(folder / "sources", servers.urls)
        write_hotline(folder / "imports", world)
        with opened(_settings(folder)) as flow:
            for case in world.cases:
                if case.id != _CASE:
                    flow.rooms.records.cases.save(case)
            flow.run_once()
            return flow.rooms.store.total(Query())


def _settings(folder: Path) -> Settings:
    return Settings(data=folder, sources=(folder / "sources",), log_level="ERROR")


def main() -> int:
    """Measure and print."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    os.environ[TOKEN_VARIABLE] = ACCESS_TOKEN
    world = World(system_clock() - timedelta(minutes=5))
    case = next(case for case in world.cases if case.id == _CASE)
    seconds, linked = [], 0
    with tempfile.TemporaryDirectory() as name:
        collected = Path(name) / "collected"
        posts = _collect(collected, world)
        for trial in range(trials):
            copy = Path(name) / f"trial-{trial}"
            shutil.copytree(collected, copy)
            with opened(_settings(copy)) as flow:
                watcher = flow.watcher()
                began = time.monotonic()
                linked = watcher.watch(replace(case, watched_since=system_clock())).linked
                seconds.append(time.monotonic() - began)
    report = {
        "posts": posts,
        "linked": linked,
        "seconds": [round(one, 2) for one in seconds],
        "limit_s": _LIMIT,
    }
    print(json.dumps(report, indent=2))
    return 1 if max(seconds) > _LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())

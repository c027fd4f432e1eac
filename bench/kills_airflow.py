"""Kill -9 of Airflow's workers, task processes and scheduler: is anything lost or counted twice?

    python -m bench.kills_airflow [SECONDS]          default 300

Real Airflow (SQLite, LocalExecutor) over `courtpulse up`: a source polled every 15 s, fifty watched
cases, a case bursting every minute. Every few seconds one of the scheduler's descendants is killed
at random: a worker, a task's supervisor, a task, a spider; now and then the scheduler itself. Then
the program is left alone until it is done. Posts, posts and authors per case and five minutes, and
the cases alerted must be those of an undisturbed program that read the same source afterwards.
Exit code 1 when they aren't. Airflow notices a dead task by its missing heartbeat; the bench sets
that to 30 s (default 300), so that recovery fits into it. Without an end within 15 minutes after the
last kill nothing is said about loss: the result is "not settled" and the exit code 1.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from bench.latency import CASES, Quiet, _declare, _free_port, title
from courtpulse.flow import opened
from courtpulse.settings import Settings
from demo.declare import TOKEN_VARIABLE
from demo.servers import ACCESS_TOKEN, start
from domain.cases import Case
from domain.protocols import Query
from domain.time import BUCKET, system_clock

_POLL = 15
_HISTORY = timedelta(days=14)
#: More deaths of one child within five minutes and the supervisor gives it up.
_SCHEDULERS = 3
#: After the last kill: heartbeats missed, retries, the next poll.
_SETTLE = 900.0
#: The second program starts minutes after the first and looks back as far from then: what only
#: the first could see is left out.
_COMPARED = timedelta(days=13)

Found = tuple[set[str], dict[tuple[str, str], tuple[int, int | None]], dict[str, str]]


def main() -> int:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 300.0
    now = system_clock()
    world = Quiet(now, random.Random(5))
    with tempfile.TemporaryDirectory() as name, start(world) as servers:
        folder = Path(name)
        _declare(folder / "sources", servers.urls["weibo"], _POLL)
        environment = _environment(folder)
        settings = _settings(folder / "rough", folder)
        _watch(settings, now)
        service = _up(environment)
        try:
            kills, bursts = _disturb(service.pid, world, seconds, random.Random(2))
            waited = _settle(settings, world, bursts)
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(90)
        rough = _found(settings, now - _COMPARED)
        calm_settings = _settings(folder / "calm", folder)
        _watch(calm_settings, now)
        calm = _found(calm_settings, now - _COMPARED)
    report = {
        "kills": sum(kills.values()),
        **{f"kills: {kind}": number for kind, number in sorted(kills.items())},
        "posts": len(calm[0]),
        "lost": len(calm[0] - rough[0]),
        "extra": len(rough[0] - calm[0]),
        "cells of counts that differ": _different(calm[1], rough[1]),
        "alerts": len(calm[2]),
        "alerts that differ": _different(calm[2], rough[2]),
        "seconds until all was indexed and alerted on after the last kill": waited,
        "settled": waited is not None,
        "met": {"0 lost, 0 doubled, the same alerts": waited is not None and rough == calm},
    }
    print(json.dumps(report, indent=2, ensure_ascii=False))
    return 0 if waited is not None and rough == calm else 1


def _environment(folder: Path) -> dict[str, str]:
    added = {
        "COURTPULSE_DATA": str(folder / "rough"),
        "COURTPULSE_SOURCES": str(folder / "sources"),
        "COURTPULSE_PORT": str(_free_port()),
        "COURTPULSE_AIRFLOW_PORT": str(_free_port() + 1),
        "COURTPULSE_LOG_LEVEL": "ERROR",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
        TOKEN_VARIABLE: ACCESS_TOKEN,
    }
    os.environ.update(added)
    return dict(os.environ)


def _settings(data: Path, folder: Path) -> Settings:
    return Settings(data=data, sources=(folder / "sources",), log_level="ERROR")


def _watch(settings: Settings, now: datetime) -> None:
    """Watch the cases and read what the source shows now, once."""
    with opened(settings) as flow:
        for case in range(CASES):
            flow.rooms.records.cases.save(
                Case(
                    f"case-{case:02d}", title(case), "江澜市中级人民法院", now - _HISTORY,
                    aliases=(title(case),),
                )
            )  # fmt: skip
        flow.run_once()


def _up(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    service = subprocess.Popen(
        [sys.executable, "-m", "courtpulse", "up"], env=environment, stderr=subprocess.PIPE
    )
    assert service.stderr is not None
    for line in service.stderr:
        if b"ready in" in line:
            break
    threading.Thread(target=service.stderr.read, daemon=True).start()
    return service


def _disturb(
    up: int, world: Quiet, seconds: float, chance: random.Random
) -> tuple[Counter[str], int]:
    """Kill one process after the other; kind → how many, and how many cases burst meanwhile."""
    kills: Counter[str] = Counter()
    until, excited = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        if seconds - (until - time.monotonic()) >= 45 * excited:
            world.excite(excited % CASES, system_clock())
            excited += 1
        time.sleep(chance.uniform(0.2, 3))
        scheduler = next((one for one in _below(up) if "airflow scheduler" in _words(one)), None)
        if scheduler is None:
            continue
        below = _below(scheduler)
        if chance.random() < 0.04 and kills["scheduler"] < _SCHEDULERS:
            victim, kind = scheduler, "scheduler"
        elif below:
            victim = chance.choice(below)
            kind = "spider" if "crawlers.child" in _words(victim) else "worker or task"
        else:
            continue
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
        kills[kind] += 1
    return kills, min(excited, CASES)


def _below(pid: int) -> list[int]:
    """All descendants of a process, from /proc."""
    try:
        listing = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    own = [int(child) for child in listing.split()]
    return [*own, *(grandchild for child in own for grandchild in _below(child))]


def _words(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _settle(settings: Settings, world: Quiet, bursts: int) -> float | None:
    """Seconds until every post is in the index and every burst alerted on; None after giving up."""
    began = time.monotonic()
    wanted = len(world.posts(system_clock()))
    with opened(settings) as flow:
        while time.monotonic() - began < _SETTLE:
            indexed = flow.rooms.store.total(Query()) >= wanted and not flow.rooms.inbox.pending()
            if indexed and len(flow.rooms.records.alerts.recent(1000)) >= bursts:
                waited = round(time.monotonic() - began)
                time.sleep(2 * _POLL)  # an alert too many would come now
                return waited
            time.sleep(1)
    return None


def _found(settings: Settings, since: datetime) -> Found:
    with opened(settings) as flow:
        store = flow.rooms.store
        posts: list[str] = []
        while page := store.search(Query(since=since), limit=1000, offset=len(posts)).posts:
            posts += [item.post.id for item in page]
        if len(posts) != len(set(posts)):
            raise SystemExit("a post stands in the index twice")
        counts = {
            (count.key[0], str(count.start)): (count.posts, count.authors)
            for count in store.counts(Query(since=since), ("case",), BUCKET)
        }
        alerts = {
            alert.id: str(alert.first_published_at)
            for alert in flow.rooms.records.alerts.recent(1000)
        }
    return set(posts), counts, alerts


def _different(one: dict, other: dict) -> int:  # type: ignore[type-arg]
    return sum(one.get(key) != other.get(key) for key in {*one, *other})


if __name__ == "__main__":
    sys.exit(main())

"""From "a post is available at its source" to "the alert stands in the feed", through real Airflow.

    python -m bench.latency [TRIALS] [POLL_SECONDS]        default 20 30

A local Weibo server, 50 watched cases with two weeks of quiet history, `courtpulse up` with Airflow
on SQLite and LocalExecutor. A trial lets twelve people post about one case within a second and
waits for the alert in the records, which the page reads every second. The limit: p95 ≤ poll
interval + 60 s. Exit code 1 above it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from courtpulse.doctor import port_is_free
from courtpulse.flow import opened
from courtpulse.logs import configure
from courtpulse.settings import Settings
from demo.declare import TOKEN_VARIABLE
from demo.model import Article, Author, Notice, WeiboPost
from demo.servers import ACCESS_TOKEN, start
from domain.cases import Case
from domain.time import system_clock
from records import Records
from text.weibo_ids import mint_mid

CASES = 50
_HISTORY = timedelta(days=14)
_PER_HOUR = 0.4
_BURST = 12
_GIVE_UP = 300.0


class Quiet:
    """Fifty cases nobody is excited about, until `excite`."""

    def __init__(self, now: datetime, chance: random.Random) -> None:
        self._lock = threading.Lock()
        self._authors, self._sequence = 0, 0
        hours = int(_HISTORY.total_seconds() / 3600)
        moments = [
            (now - timedelta(seconds=chance.uniform(60, hours * 3600)), case)
            for case in range(CASES)
            for _ in range(int(hours * _PER_HOUR))
        ]
        self._posts = [self._post(moment, case) for moment, case in sorted(moments)]

    def excite(self, case: int, now: datetime) -> None:
        """Let `_BURST` people post about a case, now."""
        with self._lock:
            self._posts += [self._post(now, case) for _ in range(_BURST)]

    def posts(self, until: datetime) -> Sequence[WeiboPost]:
        """All posts so far; none lies ahead."""
        with self._lock:
            return list(self._posts)

    def articles(self, until: datetime) -> Sequence[Article]:
        """None."""
        return ()

    def notices(self, until: datetime) -> Sequence[Notice]:
        """None."""
        return ()

    def _post(self, moment: datetime, case: int) -> WeiboPost:
        self._authors += 1
        self._sequence += 1
        moment = moment.replace(microsecond=0)
        return WeiboPost(
            mid=mint_mid(moment, self._sequence % 4_000_000),
            moment=moment,
            author=Author(
                uid=2_000_000_000 + self._authors, name=f"网友{self._authors}", followers=9
            ),
            text=f"{title(case)}开庭了，希望法院讲清楚第{self._sequence}点。",
            scene="background",
        )


def title(case: int) -> str:
    """Name of a case: two characters that stand for its number."""
    return f"{'甲乙丙丁戊己庚辛壬癸'[case % 10]}{'子丑寅卯辰'[case // 10]}巷案"


def _declare(folder: Path, url: str, poll: int) -> None:
    folder.mkdir()
    (folder / "weibo_search.yml").write_text(
        yaml.safe_dump(
            {
                "title": "微博检索",
                "kind": "weibo_api",
                "platform": "weibo",
                "basis": "本机测试服务器",
                "license_ref": "测试-2026-001",
                "owner": "新闻办",
                "schedule": {"every": f"{poll}s"},
                "endpoint": f"{url}/2/search/statuses.json",
                "queries": ["法院"],
                "credentials": {"access_token": TOKEN_VARIABLE},
                "max_pages": 20,
                "delay": "10ms",
                "backfill": "14d",
            },
            allow_unicode=True,
        ),
        encoding="utf-8",
    )


def _free_port() -> int:
    return next(port for port in range(18_000, 19_000) if port_is_free(port))


def _trial(world: Quiet, records: Records, case: int) -> float | None:
    """Seconds until the alert is in the records; None after giving up."""
    began = time.monotonic()
    world.excite(case, system_clock())
    while time.monotonic() - began < _GIVE_UP:
        if records.alerts.open(f"case-{case:02d}"):
            return time.monotonic() - began
        time.sleep(0.5)
    return None


def _set_environment(folder: Path) -> None:
    os.environ.update(
        {
            "COURTPULSE_DATA": str(folder / "data"),
            "COURTPULSE_SOURCES": str(folder / "sources"),
            "COURTPULSE_PORT": str(_free_port()),
            "COURTPULSE_AIRFLOW_PORT": str(_free_port() + 1),
            "COURTPULSE_LOG_LEVEL": "ERROR",
            TOKEN_VARIABLE: ACCESS_TOKEN,
        }
    )


def _watch_cases(since: datetime) -> None:
    """Register the cases and take in their past, so that a trial waits for what is new alone."""
    configure(Settings.load())
    with opened(Settings.load()) as flow:
        for case in range(CASES):
            flow.rooms.records.cases.save(
                Case(
                    id=f"case-{case:02d}",
                    title=title(case),
                    court="江澜市中级人民法院",
                    watched_since=since,
                    aliases=(title(case),),
                )
            )
        flow.run_once()


@contextmanager
def _service() -> Iterator[None]:
    """`courtpulse up`, ready; ended at the end."""
    service = subprocess.Popen(
        [sys.executable, "-m", "courtpulse", "up"], env=dict(os.environ), stderr=subprocess.PIPE
    )
    try:
        assert service.stderr is not None
        for line in service.stderr:
            if b"ready in" in line:
                break
        threading.Thread(target=service.stderr.read, daemon=True).start()
        yield
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(60)


def _waits(world: Quiet, trials: int, poll: int, chance: random.Random) -> list[float | None]:
    time.sleep(poll)
    records = Records.open(Settings.load().records)
    waits = []
    for trial in range(trials):
        time.sleep(chance.uniform(0, poll))
        waits.append(_trial(world, records, trial))
        print(json.dumps({"trial": trial + 1, "seconds": waits[-1]}), flush=True)
    records.close()
    return waits


def _within_limit(waits: Sequence[float | None], limit: int) -> bool:
    """Print the figures; whether every alert came, and 95 % of them within `limit` seconds."""
    taken = sorted(wait for wait in waits if wait is not None)
    p95 = taken[max(0, -(-95 * len(taken) // 100) - 1)] if taken else float("inf")
    lost = len(waits) - len(taken)
    figures = {
        "trials": len(waits),
        "never": lost,
        "median_s": round(statistics.median(taken), 1) if taken else None,
        "p95_s": round(p95, 1),
        "limit_s": limit,
        "cases": CASES,
    }
    print(json.dumps(figures, indent=2))
    return not lost and p95 <= limit


def main() -> int:
    """Measure and print."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    poll = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    chance = random.Random(5)
    now = system_clock()
    world = Quiet(now, chance)
    with tempfile.TemporaryDirectory() as name, start(world) as servers:
        _declare(Path(name) / "sources", servers.urls["weibo"], poll)
        _set_environment(Path(name))
        _watch_cases(now - _HISTORY)
        with _service():
            waits = _waits(world, trials, poll, chance)
    return 0 if _within_limit(waits, poll + 60) else 1


if __name__ == "__main__":
    sys.exit(main())

"""`courtpulse up --demo` as a newcomer meets it: real Airflow, real pages, Ctrl-C, second start."""

from __future__ import annotations

import importlib.util
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from courtpulse.doctor import port_is_free
from records import Records

_START = 240.0
#: The demonstration's burst begins a minute after the first start.
_ALERT = 240.0


def _ports() -> tuple[int, int]:
    free = (port for port in range(19_000, 20_000) if port_is_free(port))
    return next(free), next(free)


@contextmanager
def _up(folder: Path, ports: tuple[int, int]) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COURTPULSE", "AIRFLOW"))
    } | {
        "COURTPULSE_DATA": str(folder),
        "COURTPULSE_PORT": str(ports[0]),
        "COURTPULSE_AIRFLOW_PORT": str(ports[1]),
    }
    said = (folder.parent / "said").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "courtpulse", "up", "--demo"], env=environment, stderr=said
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        said.close()


def _until(condition: Callable[[], bool], limit: float, what: str, folder: Path) -> None:
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(1)
    said = (folder.parent / "said").read_text(errors="replace")[-3000:]
    pytest.fail(f"{what}: not within {limit:.0f} s; said:\n{said}")


@pytest.mark.timeout(900)
def test_up_shows_an_alert_stops_and_starts_again(
    tmp_path: Path, require: Callable[[object, str], None]
) -> None:
    require(importlib.util.find_spec("airflow"), "Airflow is not installed: the airflow extra")
    folder, ports = tmp_path / "data", _ports()
    said = tmp_path / "said"

    def ready() -> bool:
        return b"ready in" in said.read_bytes()

    with _up(folder, ports) as process:
        _until(ready, _START, "ready", folder)
        records = Records.open(f"sqlite:///{folder}/records.db")
        _until(
            lambda: any(alert.case_id == "filing" for alert in records.alerts.open()),
            _ALERT,
            "alert of the burst that begins after the start",
            folder,
        )
        page = httpx.get(f"http://127.0.0.1:{ports[0]}/", timeout=30)
        assert "云岫区法院网上立案" in page.text
        assert "微博检索（演示）" in page.text
        _until(lambda: _ran_by_airflow(folder), 120, "every step under the scheduler", folder)
        posts = httpx.get(f"http://127.0.0.1:{ports[0]}/health", timeout=30).json()["posts"]
        assert posts > 3500
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert b"stopped cleanly" in said.read_bytes()
    assert all(map(port_is_free, ports)), "something still listens"

    with _up(folder, ports):
        _until(ready, _START, "second start", folder)
        again = httpx.get(f"http://127.0.0.1:{ports[0]}/health", timeout=30).json()["posts"]
        assert again >= posts
        assert len(records.cases.all()) == 5
        raised = [
            event.kind
            for alert in records.alerts.recent()
            for event in records.alerts.history(alert.id)
        ]
        assert raised.count("raised") <= 3, "an alert was raised twice"
    records.close()


def _ran_by_airflow(folder: Path) -> bool:
    wanted = {"collect_weibo_search", "annotate", "detect", "notify"}
    with sqlite3.connect(folder / "airflow" / "airflow.db") as database:
        rows = database.execute("SELECT DISTINCT dag_id FROM task_instance WHERE state = 'success'")
        return wanted <= {row[0] for row in rows}

"""A scheduler whose executor takes no tasks is started again, once."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from courtpulse.airflow_queue import QueueWatch

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@contextmanager
def api(waiting: list[datetime | None], status: int = 200) -> Iterator[str]:
    """The two addresses of Airflow's API that are asked, with tasks queued since `waiting`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/auth/token":
                self._send({"access_token": "loopback"})
                return
            assert self.path.startswith("/api/v2/dags/~/dagRuns/~/taskInstances?state=queued")
            assert self.headers["Authorization"] == "Bearer loopback"
            tasks = [{"queued_when": at.isoformat() if at else None} for at in waiting]
            self._send({"task_instances": tasks, "total_entries": len(tasks)})

        def _send(self, document: dict[str, Any]) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Steps:
    """Seconds that pass only when told, and what was started again."""

    def __init__(self, address: str) -> None:
        self.at, self.restarts = 1000.0, 0
        self.watch = QueueWatch(address, self._restart, lambda: NOW, lambda: self.at)

    def _restart(self) -> None:
        self.restarts += 1

    def after(self, seconds: float) -> int:
        self.at += seconds
        self.watch.check()
        return self.restarts


def test_a_task_queued_for_minutes_starts_the_scheduler_again_and_then_it_is_given_time() -> None:
    with api([NOW - timedelta(seconds=5), None, NOW - timedelta(minutes=3)]) as address:
        steps = Steps(address)
        assert steps.after(0) == 1
        assert steps.after(60) == 1
        assert steps.after(600) == 2


@pytest.mark.parametrize("waiting", [[], [NOW], [NOW - timedelta(seconds=90)], [None]])
def test_a_queue_that_moves_is_left_alone(waiting: list[datetime | None]) -> None:
    with api(waiting) as address:
        steps = Steps(address)
        assert [steps.after(31) for _ in range(3)] == [0, 0, 0]


def test_an_api_that_refuses_is_no_reason_to_start_anything_again() -> None:
    with api([NOW - timedelta(hours=1)], status=403) as address:
        assert Steps(address).after(0) == 0
    assert Steps("http://127.0.0.1:9").after(0) == 0

"""The pages over the real program: real timeline, watcher, explainer, served from worker threads."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn

from courtpulse.pages import services
from desk import create_app
from domain.protocols import Query


@contextmanager
def _served(court: Any) -> Iterator[httpx.Client]:
    with court.flow() as flow, socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(services(flow)), log_level="error", timeout_graceful_shutdown=1
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with httpx.Client(base_url=address, timeout=60, headers={"origin": address}) as client:
                while not server.started:
                    time.sleep(0.02)
                yield client
        finally:
            server.should_exit = True
            thread.join(20)


def test_every_page_of_the_demonstration_reads(court: Any) -> None:
    with court.flow() as flow:
        alerts = [alert.id for alert in flow.rooms.records.alerts.recent()]
    assert len(alerts) == 3
    with _served(court) as client:
        paths = ["/", "/cases", "/cases/filing", "/posts?q=立案", "/sources", "/reports", "/about"]
        for path in (*paths, *(f"/alerts/{alert}" for alert in alerts)):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert "<main" in answer.text, path
        assert client.get("/health").json()["index"] == "ok"


def test_a_phrase_is_watched_within_thirty_seconds(court: Any) -> None:
    with _served(court) as client:
        form = client.get("/watch", params={"phrase": "离婚案拖了"}).text
        token = form.split('name="form_token" value="')[1].split('"')[0]
        began = time.monotonic()
        answer = client.post(
            "/watch",
            data={
                "form_token": token,
                "title": "离婚案久拖",
                "court": "江澜市中级人民法院",
                "aliases": "离婚案拖了",
                "stage": "一审",
            },
        )
        assert answer.status_code == 303, answer.text[:500]
        page = client.get(answer.headers["location"])
        assert page.status_code == 200
        # The limit is the press officer's, so it is a limit of the behaviour, not a speed.
        assert time.monotonic() - began < 30
        assert "离婚案久拖" in page.text
    with court.flow() as flow:
        case = next(case for case in flow.rooms.records.cases.all() if case.title == "离婚案久拖")
        counts = flow.rooms.store.counts(Query(cases=(case.id,)), ("case",))
        assert {count.key[0]: count.posts for count in counts}[case.id] > 3
        assert case.watched_since < court.clock.now, "its past is part of its chart"


@pytest.mark.parametrize("path", ["/alerts/nothing", "/cases/nothing", "/reports/nothing"])
def test_what_is_not_there_says_so(court: Any, path: str) -> None:
    with _served(court) as client:
        assert client.get(path).status_code == 404

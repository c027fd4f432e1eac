"""A real desk on loopback over real stores."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import httpx
import pytest
import uvicorn

from desk import Services, create_app


def _load_seed() -> ModuleType:
    name = "desk_seed"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("seed.py"))
        assert spec
        assert spec.loader
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def seed() -> ModuleType:
    """The fictional court of seed.py."""
    return _load_seed()


class Desk:
    """A running desk: its services, its address, a client that has the form cookie."""

    def __init__(self, services: Services, address: str) -> None:
        self.services, self.address = services, address
        self.client = httpx.Client(base_url=address, timeout=30, headers={"origin": address})

    def text(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def send(self, path: str, status: int = 303, **fields: str) -> httpx.Response:
        """Submit a form the way its page would."""
        token = self.text("/watch").split('name="form_token" value="')[1].split('"')[0]
        answer = self.client.post(path, data={"form_token": token, **fields})
        assert answer.status_code == status, answer.text
        return answer


@contextmanager
def serve(services: Services) -> Iterator[Desk]:
    """Run the desk by uvicorn on a free port of loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(create_app(services), log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the desk did not start"
        time.sleep(0.02)
    desk = Desk(services, f"http://127.0.0.1:{port}")
    try:
        yield desk
    finally:
        desk.client.close()
        server.should_exit = True
        thread.join(10)
        listener.close()


@pytest.fixture(scope="session")
def court(tmp_path_factory: pytest.TempPathFactory, seed: ModuleType) -> Path:
    """The files of the fictional court, made once; tests work on copies."""
    folder = tmp_path_factory.mktemp("court")
    services = seed.services(folder)
    seed.fill(services)
    services.store.close()
    services.records.close()
    return folder


@pytest.fixture
def empty(tmp_path: Path, seed: ModuleType) -> Iterator[Desk]:
    """A desk with nothing in it."""
    with serve(seed.services(tmp_path)) as desk:
        yield desk


@pytest.fixture
def desk(tmp_path: Path, court: Path, seed: ModuleType) -> Iterator[Desk]:
    """A desk over the fictional court; a copy of its own for each test, because tests act on it."""
    shutil.copytree(court, tmp_path / "court")
    with serve(seed.services(tmp_path / "court")) as running:
        yield running


@pytest.fixture
def ledger(desk: Desk, seed: ModuleType) -> Desk:
    """The seeded desk with a ledger and a week of hours."""
    spec = importlib.util.spec_from_file_location(
        "ledger_seed", Path(__file__).with_name("ledger_seed.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ledger_seed"] = module
    spec.loader.exec_module(module)
    module.fill(desk.services.records, seed.NOW)
    return desk

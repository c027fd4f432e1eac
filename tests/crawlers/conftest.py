"""A scriptable site on loopback, a run log in memory, and declarations written on the fly."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
import yaml

from crawlers.column_mapping import load_mapping
from crawlers.declarations import Declaration, load
from crawlers.inbox import Inbox
from crawlers.run import collect
from crawlers.table_rows import read_rows
from demo.model import Author, WeiboPost
from domain.posts import Post
from domain.sources import Gap, SourceRun
from domain.time import Clock, system_clock
from text.weibo_ids import mint_mid


@dataclass
class Page:
    """An answer: fixed, or made by `make`, which may write to the socket itself."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    make: Callable[[BaseHTTPRequestHandler], None] | None = None


class LocalSite:
    """Pages by path; everything else is a 404. Remembers what was asked, with headers."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers.items())))
                page = site.pages.get(self.path) or site.pages.get(self.path.partition("?")[0])
                site.answer(self, page or Page(b"not found", 404))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Address without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        """Paths asked, robots.txt left out."""
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def answer(self, handler: BaseHTTPRequestHandler, page: Page) -> None:
        try:
            if page.make is not None:
                page.make(handler)
                return
            handler.send_response(page.status)
            for name, value in page.headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(page.body)))
            handler.end_headers()
            handler.wfile.write(page.body)
        except (BrokenPipeError, ConnectionResetError):
            handler.close_connection = True

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class RunBook:
    """A `domain.protocols.RunLog` in memory, with the meaning its docstrings give."""

    def __init__(self) -> None:
        self.runs: list[SourceRun] = []
        self.open: dict[str, Gap] = {}
        self.closed: list[tuple[Gap, datetime]] = []
        self.past: list[Gap] = []

    def add_run(self, run: SourceRun) -> None:
        self.runs.append(run)

    def open_gap(self, gap: Gap) -> None:
        self.open.setdefault(gap.source, gap)

    def close_gap(self, source: str, at: datetime) -> None:
        if source in self.open:
            self.closed.append((self.open.pop(source), at))

    def add_gap(self, gap: Gap) -> None:
        self.past.append(gap)

    def last_covered(self, source: str) -> datetime | None:
        ends = [run.window_end for run in self.runs if run.source == source and run.gap is None]
        return max(ends, default=None)


class Crawl:
    """Runs a declaration against a data folder of its own and reads what came in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = RunBook()

    def declare(self, kind: str, **keys: Any) -> Declaration:
        """Write and load a declaration; only what differs need be given."""
        document = {
            "title": "江澜试验来源", "kind": kind, "platform": "news", "basis": "公开网页",
            "owner": "新闻办公室", "schedule": {"every": "5m"}, "delay": "0s", "timeout": "30s",
        } | keys  # fmt: skip
        path = self.folder / "sites" / f"trial_{kind}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return load(path)

    def run(self, declaration: Declaration, clock: Clock = system_clock, **keys: Any) -> SourceRun:
        return collect(
            declaration, run_log=self.log, clock=clock, data_dir=self.data,
            sites=self.folder / "sites", contact="https://court.jianglan.example/about", **keys,
        )  # fmt: skip

    @property
    def posts(self) -> list[Post]:
        """All posts in the inbox, oldest segment first, duplicates included."""
        inbox = Inbox(str(self.data / "inbox"))
        return [one.post for name in inbox.pending() for one in inbox.read(name)]


class Board:
    """A world of posts written by a test, for `demo.servers.licensed`: one a second, one author."""

    def __init__(self) -> None:
        self.author = Author(1_000_000_001, "示例用户", 7)
        self.held: list[WeiboPost] = []

    def write(self, count: int, *, comments: int = 0, minutes: float = 10) -> list[WeiboPost]:
        """Publish `count` more posts, the first `minutes` ago."""
        begin, before = datetime.now(UTC) - timedelta(minutes=minutes), len(self.held)
        for number in range(before, before + count):
            moment = (begin + timedelta(seconds=number - before)).replace(microsecond=0)
            post = WeiboPost(
                mint_mid(moment, number), moment, self.author, f"云岫区法院第{number}条", "noise",
                comments=comments,
            )  # fmt: skip
            self.held.append(post)
        return self.held[before:]

    def posts(self, until: datetime) -> list[WeiboPost]:
        return [post for post in self.held if post.moment <= until]

    def articles(self, until: datetime) -> list[Any]:
        return []

    def notices(self, until: datetime) -> list[Any]:
        return []


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
def local_site() -> Iterator[LocalSite]:
    site = LocalSite()
    yield site
    site.stop()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "cold: its spiders' processes start as in production")


@pytest.fixture(scope="session")
def warm_spiders() -> Iterator[SimpleNamespace]:
    """Stands in for `subprocess` in `crawlers.run`: forks children that have imported Scrapy."""
    script = Path(__file__).with_name("warm_child.py")
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    # Not under tmp_path: the address of a Unix socket holds 107 bytes.
    with TemporaryDirectory(prefix="warm-") as folder:
        address = Path(folder) / "socket"
        command = [sys.executable, "-P", str(script), str(address)]
        process = subprocess.Popen(command, env=environment)
        while not address.exists():
            assert process.poll() is None, "the warm process ended"
            time.sleep(0.02)
        yield SimpleNamespace(
            Popen=partial(runpy.run_path(str(script))["WarmPopen"], address),
            PIPE=subprocess.PIPE,
            TimeoutExpired=subprocess.TimeoutExpired,
        )
        process.kill()
        process.wait()


@pytest.fixture
def crawl(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Crawl:
    if request.node.get_closest_marker("cold") is None:
        monkeypatch.setattr("crawlers.run.subprocess", request.getfixturevalue("warm_spiders"))
    return Crawl(tmp_path)


@pytest.fixture
def ticket() -> list[str]:
    """A row of the hotline's export, in the order of `demo.hotline.COLUMNS`."""
    return [
        "GD1", "2026-11-20 09:30", "川女士", "19900001234", "投诉", "立案",
        "系统打不开，打19900004321找我", "云岫区人民法院",
    ]  # fmt: skip


@pytest.fixture
def read_tickets() -> Callable[[Path], list[Any]]:
    """Rows of a file as the hotline's mapping reads them."""
    return lambda path: list(read_rows(path, load_mapping("hotline_12368"), None))


@pytest.fixture
def write_book() -> Callable[[Path, Iterable[Sequence[object]]], None]:
    """Write rows as an XLSX file."""

    def write(path: Path, rows: Iterable[Sequence[object]]) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in rows:
            sheet.append(row)
        book.save(path)

    return write


@pytest.fixture
def page() -> type[Page]:
    return Page

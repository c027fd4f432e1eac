"""Spiders' processes forked from one that has imported Scrapy: real children, without its second.

``python warm_child.py ADDRESS`` is the warm process; `WarmPopen` stands in for `subprocess.Popen`
within `crawlers.run`. Every run still has a process, a session and a reactor of its own, gets its
job on standard input, leaves its outcome in a file, and is killed like any other.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

_LENGTH = 4
#: What a run imports on its way. Nothing of it brings up Twisted's reactor: that can't be forked.
_PRELOADED = (
    "crawlers.child", "crawlers.pipeline", "crawlers.guards", "crawlers.spiders.feed",
    "crawlers.spiders.site", "crawlers.spiders.weibo_api", "pydantic.dataclasses", "queuelib",
    "scrapy.core.downloader.contextfactory", "scrapy.core.downloader.handlers.http11",
    "scrapy.core.downloader.middleware", "scrapy.core.engine", "scrapy.core.scraper",
    "scrapy.downloadermiddlewares.httpcompression", "scrapy.downloadermiddlewares.redirect",
    "scrapy.downloadermiddlewares.retry", "scrapy.dupefilters", "scrapy.extensions.closespider",
    "scrapy.extensions.throttle", "scrapy.pqueues", "scrapy.resolver", "scrapy.squeues",
    "scrapy.spidermiddlewares.referer", "scrapy.statscollectors", "trafilatura", "sqlite3",
    "twisted.web.client",
)  # fmt: skip


class WarmPopen:
    """As much of `subprocess.Popen` as `crawlers.run` uses."""

    def __init__(self, address: Path, command: list[str], env: dict[str, str], **_: Any) -> None:
        assert command[1:4] == ["-P", "-m", "crawlers.child"]
        self.returncode: int | None = None
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(address))
        request = json.dumps({"result": command[4], "env": env}).encode()
        self._socket.sendall(len(request).to_bytes(_LENGTH) + request)
        self._answers = self._socket.makefile("r")
        self.pid = int(self._answers.readline())

    def communicate(self, job: bytes, timeout: float) -> None:
        # A child that ended early doesn't read its job; Popen says nothing of that either.
        with contextlib.suppress(BrokenPipeError):
            self._socket.sendall(job)
        self._socket.shutdown(socket.SHUT_WR)
        self._socket.settimeout(timeout)
        try:
            self.wait()
        except TimeoutError as error:
            self._socket.settimeout(None)
            self._answers = self._socket.makefile("r")
            raise subprocess.TimeoutExpired("crawlers.child", timeout) from error

    def poll(self) -> int | None:
        return self.returncode

    def wait(self) -> int:
        self.returncode = int(self._answers.readline())
        self._socket.close()
        return self.returncode


def serve(address: str) -> None:
    """Fork a process for every connection, for ever."""
    for module in _PRELOADED:
        importlib.import_module(module)
    assert "twisted.internet.reactor" not in sys.modules
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the waiters
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _wait_for_a_child(connection)
            os._exit(0)
        connection.close()


def _wait_for_a_child(connection: socket.socket) -> None:
    """Start the child, say its number, and how it ended."""
    length = int.from_bytes(connection.recv(_LENGTH, socket.MSG_WAITALL))
    request = json.loads(connection.recv(length, socket.MSG_WAITALL))
    child = os.fork()
    if child == 0:
        os._exit(_run(connection, request))
    connection.sendall(f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _run(connection: socket.socket, request: dict[str, Any]) -> int:
    os.setsid()
    os.environ.clear()
    os.environ.update(request["env"])
    os.dup2(connection.fileno(), 0)
    connection.close()
    child = importlib.import_module("crawlers.child")
    try:
        return int(child.main(Path(request["result"])))
    except BaseException:  # noqa: BLE001 - what would end an interpreter with its traceback
        traceback.print_exc()
        return 1


if __name__ == "__main__":
    serve(sys.argv[1])

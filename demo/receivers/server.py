"""Receivers as real HTTP servers on loopback, with ways to fail."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from demo.receivers import dingtalk, feishu, hook, wecom
from demo.receivers.message import Reply, Request, Robot
from domain.time import Clock, system_clock

_ROBOTS: Mapping[str, tuple[Callable[[Clock], Robot], str]] = {
    "wecom": (wecom.robot, f"{wecom.PATH}?key={wecom.KEY}"),
    "dingtalk": (dingtalk.robot, f"{dingtalk.PATH}?access_token={dingtalk.TOKEN}"),
    "feishu": (feishu.robot, feishu.PATH),
    "webhook": (hook.robot, hook.PATH),
}


class Mode(StrEnum):
    """How a receiver behaves."""

    WORKS = "works"
    #: Takes a message after a second of thought.
    SLOW = "slow"
    #: Answers 500, with what it would have said otherwise left out.
    BROKEN = "broken"
    #: Answers 503 and asks to be left alone for two minutes.
    UNAVAILABLE = "unavailable"
    #: Sends whoever asks to another host.
    REDIRECTS = "redirects"
    #: Hangs up before reading the message as one.
    HANGS_UP = "hangs_up"
    #: Takes the message and hangs up before it says so.
    TAKES_AND_HANGS_UP = "takes_and_hangs_up"
    #: Takes the message and says nothing until it stops.
    TAKES_AND_WAITS = "takes_and_waits"
    #: Accepts the connection and neither takes nor says anything until it stops.
    HANGS = "hangs"
    #: A sign-on page answers instead, with 200.
    SIGN_ON = "sign_on"
    #: Says the vendor's "system busy" with 200.
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was taken: when, what a reader sees, and its key if it had one."""

    at: datetime
    text: str
    key: str


class Receiver:
    """One receiver on a port of its own; `mode` may change while it runs."""

    def __init__(self, kind: str, clock: Clock, port: int = 0) -> None:
        make, path = _ROBOTS[kind]
        self.kind, self.mode = kind, Mode.WORKS
        self.taken: list[Taken] = []
        self.requests = 0
        self.asked, self.took = threading.Event(), threading.Event()
        self.stopping = threading.Event()
        self.think_seconds = 1.0
        self._judge, self._clock, self._lock = make(clock), clock, threading.Lock()
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = _Server(("127.0.0.1", port), handler)
        self.port = int(self._server.server_address[1])
        self.base = f"http://127.0.0.1:{self.port}"
        self.url = self.base + path
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port; fine when done before."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def receive(self, target: str, headers: dict[str, str], body: bytes) -> Reply:
        """Judge a request and keep what was taken."""
        parts = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        lowered = {key.lower(): value for key, value in headers.items()}
        with self._lock:
            reply = self._judge(Request(parts.path, query, lowered, body, self._clock()))
            if reply.text is not None:
                key = lowered.get("idempotency-key", "")
                self.taken.append(Taken(self._clock(), reply.text, key))
                self.took.set()
        return reply


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Report errors of ours; a sender that hangs up is what some tests are about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        receiver = self.receiver
        receiver.requests += 1
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode = receiver.mode
        if mode is Mode.HANGS_UP:
            self.close_connection = True
            return
        if mode is Mode.SLOW and receiver.stopping.wait(receiver.think_seconds):
            self.close_connection = True
            return
        if mode is Mode.HANGS:
            receiver.asked.set()
            receiver.stopping.wait()
            return
        if failure := _FAILURES.get(mode):
            self._say(*failure)
            return
        if mode is Mode.BUSY:
            key = "code" if receiver.kind == "feishu" else "errcode"
            self._say(200, {}, json.dumps({key: -1, "errmsg": "system busy"}).encode())
            return
        reply = receiver.receive(self.path, dict(self.headers.items()), body)
        if mode is Mode.TAKES_AND_WAITS:
            receiver.stopping.wait()
            return
        if mode is Mode.TAKES_AND_HANGS_UP:
            self.close_connection = True
            return
        self._say(reply.status, reply.headers, json.dumps(reply.document).encode())

    def do_GET(self) -> None:
        self._say(200, {}, json.dumps({"errcode": 43002, "errmsg": "require POST"}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a test reads `taken`."""

    def _say(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


_FAILURES: dict[Mode, tuple[int, dict[str, str], bytes]] = {
    Mode.BROKEN: (500, {}, b""),
    Mode.UNAVAILABLE: (503, {"Retry-After": "120"}, b""),
    Mode.REDIRECTS: (302, {"Location": "http://elsewhere.example/"}, b""),
    Mode.SIGN_ON: (200, {}, "<html><title>登录</title></html>".encode()),
}


class Receivers(dict[str, Receiver]):
    """The running receivers by kind; a context manager that stops them."""

    def environment(self) -> dict[str, str]:
        """Variables for a routes file that names them DEMO_<KIND>_URL and DEMO_<KIND>_SECRET."""
        secrets = {
            "dingtalk": dingtalk.SECRET, "feishu": feishu.SECRET, "webhook": hook.SECRET,
        }  # fmt: skip
        found = {f"DEMO_{kind.upper()}_URL": one.url for kind, one in self.items()}
        found |= {f"DEMO_{kind.upper()}_SECRET": secret for kind, secret in secrets.items()}
        return found

    def __enter__(self) -> Receivers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for receiver in self.values():
            receiver.stop()


def start(clock: Clock = system_clock) -> Receivers:
    """Start one receiver of every kind on free ports."""
    return Receivers({kind: Receiver(kind, clock) for kind in _ROBOTS})

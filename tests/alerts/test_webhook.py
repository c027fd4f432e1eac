"""The webhook against a real HTTP server on loopback."""

from __future__ import annotations

import hmac
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from alerts.notifiers.webhook import Webhook, open_channel
from domain.alerts import Level, Notification
from domain.errors import ConfigurationError, NotifyFailure

NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)
NOTE = Notification(
    "alert-1-proposed-yellow", "【较大·黄】梁某案", Level.YELLOW,
    "http://127.0.0.1:8080/alerts/alert-1", NOW, (("1 小时", "38 人，平日 3.1"),),
)  # fmt: skip


@dataclass
class Receiver:
    """What the server answers, and what it was sent."""

    port: int = 0
    status: int = 200
    location: str = ""
    delay: float = 0.0
    drip: bool = False
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.requests.append((self.path, dict(self.headers), body))
            time.sleep(state.delay)
            try:
                if state.drip:
                    self._drip()
                self.send_response(state.status)
                if state.location:
                    self.send_header("Location", state.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            for _ in range(50):
                self.wfile.write(b"a")
                self.wfile.flush()
                time.sleep(0.1)

        def log_message(self, *_: object) -> None:
            """Keep the test's output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()


def send(receiver: Receiver, secret: str = "geheim", timeout: float = 5.0) -> None:
    Webhook(receiver.url, secret, timeout, lambda: NOW).send(NOTE)


def failure(receiver: Receiver, timeout: float = 5.0) -> NotifyFailure:
    with pytest.raises(NotifyFailure) as caught:
        send(receiver, timeout=timeout)
    return caught.value


def test_it_posts_json_with_a_key_and_a_signature_that_can_be_checked(receiver):
    send(receiver)
    ((path, headers, body),) = receiver.requests
    assert path == "/hook"
    assert headers["Idempotency-Key"] == NOTE.key
    assert headers["X-Courtpulse-Timestamp"] == str(int(NOW.timestamp()))
    signed = headers["X-Courtpulse-Timestamp"].encode() + b"." + body
    expected = hmac.new(b"geheim", signed, sha256).hexdigest()
    assert headers["X-Courtpulse-Signature"] == f"v1={expected}"
    document = json.loads(body)
    assert document["title"] == NOTE.title
    assert document["level"] == "yellow"
    assert document["facts"] == [{"label": "1 小时", "value": "38 人，平日 3.1"}]


def test_without_a_secret_nothing_is_signed(receiver):
    send(receiver, secret="")
    assert "X-Courtpulse-Signature" not in receiver.requests[0][1]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_taken(receiver, status):
    receiver.status = status
    send(receiver)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(400, False), (401, False), (404, False), (410, False), (408, True), (425, True),
     (429, True), (500, True), (502, True), (503, True)],
)  # fmt: skip
def test_which_refusals_pass(receiver, status, retryable):
    receiver.status = status
    error = failure(receiver)
    assert error.retryable is retryable
    assert str(status) in error.problem


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_it_does_not_follow_a_redirect(receiver, status):
    receiver.status, receiver.location = status, "/elsewhere"
    assert failure(receiver).retryable is False
    assert [path for path, _, _ in receiver.requests] == ["/hook"]


def test_a_slow_receiver_is_left_in_time(receiver):
    receiver.delay = 3.0
    started = time.monotonic()
    assert failure(receiver, timeout=0.4).retryable is True
    assert time.monotonic() - started < 2


def test_a_dripping_receiver_is_left_in_time(receiver):
    receiver.drip = True
    started = time.monotonic()
    assert failure(receiver, timeout=0.6).retryable is True
    assert time.monotonic() - started < 3


def test_nobody_there():
    with pytest.raises(NotifyFailure) as caught:
        Webhook("http://127.0.0.1:9/hook", "s", 2.0).send(NOTE)
    assert caught.value.retryable is True


def test_neither_secret_nor_address_is_shown(receiver):
    receiver.status = 500
    hook = Webhook(receiver.url + "?token=abc", "geheim")
    with pytest.raises(NotifyFailure) as caught:
        hook.send(NOTE)
    shown = f"{caught.value} {hook!r}"
    assert "geheim" not in shown
    assert "token=abc" not in shown


def test_a_proxy_of_the_environment_is_not_used(receiver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    send(receiver)
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("url", "options", "word"),
    [
        ("", {"url_env": "HOOK"}, "empty"),
        ("https://desk.example/hook", {}, "url_env"),
        ("ftp://desk.example/hook", {"url_env": "HOOK"}, "http"),
        ("http://desk.example/hook", {"url_env": "HOOK"}, "clear text"),
        ("https://desk.example", {"url_env": "HOOK", "secret_env": "ABSENT_SECRET"}, "empty"),
        ("https://desk.example", {"url_env": "HOOK", "timeout_seconds": 600}, "timeout"),
        ("https://desk.example", {"url_env": "HOOK", "timeout_seconds": True}, "timeout"),
    ],
)
def test_a_wrong_route_is_refused_without_showing_the_address(monkeypatch, url, options, word):
    monkeypatch.setenv("HOOK", url)
    with pytest.raises(ConfigurationError, match=word) as caught:
        open_channel(options, "routes.yml")
    assert "desk.example" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("https://desk.example/hook", {}),
        ("http://127.0.0.1:9000/hook", {}),
        ("http://[::1]:9000/hook", {}),
        ("http://10.1.2.3/hook", {"allow_http": True}),
    ],
)
def test_acceptable_addresses(monkeypatch, url, options):
    monkeypatch.setenv("HOOK", url)
    assert open_channel({"url_env": "HOOK", **options}, "routes.yml").url == url

"""The way out: where it goes, where it doesn't, and what it makes of answers."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alerts.outbound import Target, allowed, post
from domain.errors import NotifyFailure

NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)


@dataclass
class Receiver:
    """What the server answers, and what it was sent."""

    port: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    delay: float = 0.0
    drip: bool = False
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


def _serve(state: Receiver, context: ssl.SSLContext | None = None) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.requests.append((self.path, dict(self.headers), body))
            time.sleep(state.delay)
            try:
                if state.drip:
                    self._drip()
                self.send_response(state.status)
                for name, value in state.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(state.body)))
                self.end_headers()
                self.wfile.write(state.body)
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
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    state.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()
    server = _serve(state)
    yield state
    server.shutdown()
    server.server_close()


def target(url: str, **fields: object) -> Target:
    return Target(url, "test", **{"private": True, "timeout": 5.0, **fields})


def send(url: str, **fields: object) -> bytes:
    return post(target(url, **fields), b"{}", {}, lambda: NOW).body


def failure(url: str, **fields: object) -> NotifyFailure:
    with pytest.raises(NotifyFailure) as caught:
        send(url, **fields)
    return caught.value


@pytest.mark.parametrize(
    ("address", "public", "private"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1:248:1893:25c8:1946", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("10.1.2.3", False, True),
        ("192.168.1.1", False, True),
        ("172.16.0.9", False, True),
        ("100.64.0.1", False, True),
        ("fd12::1", False, True),
        ("::ffff:127.0.0.1", False, True),
        ("64:ff9b::7f00:1", False, True),
        ("2002:7f00:1::", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("100.100.100.200", False, False),
        ("fd00:ec2::254", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("224.0.0.1", False, False),
        ("ff02::1", False, False),
        ("240.0.0.1", False, False),
        ("255.255.255.255", False, False),
        ("64:ff9b:1::7f00:1", False, True),
        ("64:ff9b:1:7::1", False, False),
        ("::7f00:1", False, True),
        ("::a9fe:a9fe", False, False),
        ("fec0::1", False, False),
        ("192.0.0.192", False, False),
    ],
)
def test_which_addresses_are_sent_to(address, public, private):
    assert allowed(address, private=False) is public
    assert allowed(address, private=True) is private


def test_a_name_in_a_private_network_is_refused_unless_the_file_says_so(receiver):
    url = f"http://hook.example:{receiver.port}/hook"
    inside = lambda *_: ["127.0.0.1"]  # noqa: E731
    error = failure(url, private=False, resolve=inside)
    assert "network we don't send to" in error.problem
    assert "allow_private" in error.remedy
    assert receiver.requests == []
    assert send(url, resolve=inside) == b"ok"


def test_one_bad_address_among_good_ones_is_enough_to_refuse(receiver):
    url = f"http://hook.example:{receiver.port}/hook"
    mixed = lambda *_: ["93.184.216.34", "169.254.169.254"]  # noqa: E731
    assert "network we don't send to" in failure(url, resolve=mixed).problem


def test_a_name_that_answers_otherwise_the_second_time_is_asked_once(receiver, monkeypatch):
    """DNS rebinding: a public address for the check, the loopback for the connection."""
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) > 1 else ["192.0.2.1"]

    real = socket.getaddrinfo

    def watched(host, *arguments, **named):
        assert host != "hook.example", "the name was looked up again"
        return real(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", watched)
    url = f"http://hook.example:{receiver.port}/hook"
    failure(url, resolve=rebinding, timeout=0.5)
    assert asked == ["hook.example"]
    assert receiver.requests == []


def test_the_name_stands_in_the_request_and_the_next_address_is_tried(receiver):
    with socket.socket() as shut:
        shut.bind(("127.0.0.2", 0))  # bound, not listening: refuses
        url = f"http://hook.example:{receiver.port}/hook"
        assert send(url, resolve=lambda *_: ["127.0.0.3", "127.0.0.1"]) == b"ok"
    ((_, headers, _),) = receiver.requests
    assert headers["Host"] == f"hook.example:{receiver.port}"


@pytest.mark.parametrize("found", [[], OSError("no such name")])
def test_a_name_nobody_knows(found):
    def resolve(host: str, port: int) -> list[str]:
        if isinstance(found, OSError):
            raise found
        return found

    error = failure("http://hook.example/", resolve=resolve)
    assert error.retryable
    assert "can't be resolved" in error.problem


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_anywhere(receiver, status):
    receiver.status, receiver.headers = status, {"Location": "/elsewhere"}
    assert failure(receiver.url).retryable is False
    assert [path for path, _, _ in receiver.requests] == ["/hook"]


@pytest.mark.parametrize(
    ("status", "retryable"),
    [(400, False), (401, False), (404, False), (410, False), (408, True), (425, True),
     (429, True), (500, True), (502, True), (503, True)],
)  # fmt: skip
def test_which_refusals_pass(receiver, status, retryable):
    receiver.status = status
    error = failure(receiver.url)
    assert error.retryable is retryable
    assert str(status) in error.problem


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "90"}, timedelta(seconds=90)),
        ({"Retry-After": "Mon, 16 Mar 2026 04:05:00 GMT"}, timedelta(minutes=5)),
        ({"Retry-After": "Mon, 16 Mar 2026 03:00:00 GMT"}, timedelta(0)),
        ({"Retry-After": "999999999999999999999"}, timedelta(hours=1)),
        ({"Retry-After": "soon"}, None),
        ({"X-Ogw-Ratelimit-Reset": "52"}, timedelta(seconds=52)),
        ({}, None),
    ],
)
def test_how_long_it_wants_to_be_left_alone(receiver, headers, pause):
    receiver.status, receiver.headers = 429, headers
    assert failure(receiver.url).retry_after == pause


def test_a_slow_and_a_dripping_receiver_are_left_in_time(receiver):
    receiver.delay = 3.0
    started = time.monotonic()
    assert failure(receiver.url, timeout=0.4).retryable
    receiver.delay, receiver.drip = 0.0, True
    assert failure(receiver.url, timeout=0.4).retryable
    assert time.monotonic() - started < 4


def test_an_answer_is_read_up_to_a_limit(receiver):
    receiver.body = b"x" * 1_000_000
    assert len(send(receiver.url)) == 64 * 1024


def test_nobody_there():
    assert failure("http://127.0.0.1:9/hook").retryable


def test_a_proxy_of_the_environment_is_not_used(receiver, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert send(receiver.url) == b"ok"


def test_no_part_of_an_address_is_logged_or_shown(receiver, caplog):
    caplog.set_level("DEBUG")
    url = receiver.url + "?key=geheim"
    send(url)
    receiver.status = 500
    error = failure(url)
    shown = f"{error} {error!r} {error.__cause__!r} {target(url)!r} {caplog.text}"
    assert "geheim" not in shown


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """A court's own authority that vouches for hook.example, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hook.example")])
    days = timedelta(days=2)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - days)
        .not_valid_after(datetime.now(UTC) + days)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hook.example")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "authority.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = tmp_path / "key.pem"
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return pem, context


def test_tls_holds_the_checked_address_to_the_name(authority):
    pem, context = authority
    state = Receiver()
    server = _serve(state, context)
    try:
        here = {"resolve": lambda *_: ["127.0.0.1"], "tls": ssl.create_default_context(cafile=pem)}
        assert send(f"https://hook.example:{state.port}/", **here) == b"ok"
        assert (
            "connection failed" in failure(f"https://other.example:{state.port}/", **here).problem
        )
        here.pop("tls")  # the public authorities don't know it
        assert "connection failed" in failure(f"https://hook.example:{state.port}/", **here).problem
        assert len(state.requests) == 1
    finally:
        server.shutdown()
        server.server_close()


def test_an_answer_is_asked_for_uncompressed(receiver):
    send(receiver.url)
    [(_, headers, _)] = receiver.requests
    assert headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".example"])
def test_a_name_that_is_none_is_a_failure_of_the_channel(host):
    assert failure(f"http://{host}/hook").retryable


def test_a_caller_inside_an_event_loop_may_send(receiver):
    async def inside() -> bytes:
        return send(receiver.url)

    assert asyncio.run(inside()) == b"ok"

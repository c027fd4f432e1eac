"""A small real HTTP server on loopback: asks a site for an answer, then breaks it as told."""

from __future__ import annotations

import gzip
import json
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from demo.servers.failures import Control, Failure, parse_failure
from domain.errors import ConfigurationError
from domain.time import Clock

#: Size of an oversize body and of what a gzip bomb unpacks to; beyond any sane limit for a page.
OVERSIZE_BYTES = 48 * 1024 * 1024
#: Requests a server remembers; a demonstration may run for days.
_REMEMBERED = 10_000
#: Seconds between two bytes of a slow-loris answer.
DRIP_SECONDS = 0.5
#: Lines of a stream that arrive before it is cut.
CUT_AFTER = 3

_STATUS = {
    Failure.FORBIDDEN: 403,
    Failure.TEAPOT: 418,
    Failure.TOO_MANY: 429,
    Failure.WALL: 432,
    Failure.SERVER_ERROR: 500,
}
_LIMITS = {
    Failure.RATE_LIMIT_IP: "IP requests out of rate limit!",
    Failure.RATE_LIMIT: "User requests out of rate limit!",
    Failure.RATE_LIMIT_API: "User requests for this api out of rate limit!",
}
_CAPTCHA = {"ok": -100, "errno": "-100", "url": "https://example.test/captcha?scene=limit"}
_CAPTCHA_PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>安全验证</title></head>
<body><p>请完成验证后继续访问</p><div id="captcha" class="geetest_holder"></div></body></html>"""
_LOGIN_PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>Sina Visitor System</title>
</head><body><p>正在进入访客系统……</p><script>/* visitor */</script>
<a href="/login">登录</a></body></html>"""


@dataclass(frozen=True, slots=True)
class Request:
    """What a site needs to know.

    Attributes:
        failures: those in force for this request.
        target: path and query as they came.
    """

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    now: datetime
    failures: frozenset[Failure] = frozenset()
    target: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer before anything breaks it.

    Attributes:
        lines: a body that is written while it comes about, in chunks, instead of `body`.
    """

    body: bytes
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    lines: Iterator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that was answered, for tests: path with query, status, user agent."""

    path: str
    status: int
    user_agent: str


#: A site: answers a request; a path it does not have is a 404.
Site = Callable[[Request], Answer]


def json_answer(content: object, status: int = 200) -> Answer:
    """Return `content` as a JSON answer."""
    body = json.dumps(content, ensure_ascii=False).encode()
    return Answer(body, status, "application/json;charset=UTF-8")


def not_found() -> Answer:
    """Return a 404 page."""
    return Answer("<html><body><h1>404 页面不存在</h1></body></html>".encode(), 404)


def server_error(path: str, code: int, error: str, status: int) -> Answer:
    """Return an error in the form of the Weibo platform."""
    return json_answer({"error": error, "error_code": code, "request": path}, status)


class LocalServer:
    """One site on a loopback port of its own."""

    def __init__(self, name: str, site: Site, control: Control, clock: Clock, port: int) -> None:
        self.name = name
        self.seen: deque[Seen] = deque(maxlen=_REMEMBERED)
        self.stopping = threading.Event()
        self._site = site
        self._control = control
        self._clock = clock
        handler = type("Handler", (_Handler,), {"local": self})
        self._server = _QuietServer(("127.0.0.1", port), handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Address without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """Stop answering and free the port."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def request(self, target: str, headers: dict[str, str]) -> Request:
        """Return what is asked for, with the failures in force."""
        parts = urlsplit(target)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        failures = self._control.failures(self.name)
        if wanted := query.pop("_fail", ""):
            failures |= {parse_failure(wanted)}
        lowered = {key.lower(): value for key, value in headers.items()}
        return Request(parts.path, query, lowered, self._clock(), failures, target)

    def answer(self, request: Request, target: str) -> Answer:
        """Return the answer, or the error that stands in for it."""
        if request.path == "/robots.txt":
            return self._robots(request)
        for failure in sorted(request.failures & _STATUS.keys()):
            status = _STATUS[failure]
            return Answer(f"<html><body>{status}</body></html>".encode(), status)
        for failure in sorted(request.failures & _LIMITS.keys()):
            return server_error(request.path, int(failure), _LIMITS[failure], 403)
        if Failure.TOKEN_EXPIRED in request.failures:
            return server_error(request.path, 21327, "expired_token", 401)
        if Failure.CAPTCHA in request.failures:
            return json_answer(_CAPTCHA)
        if Failure.CAPTCHA_PAGE in request.failures:
            return Answer(_CAPTCHA_PAGE.encode())
        if Failure.LOGIN_PAGE in request.failures:
            return Answer(_LOGIN_PAGE.encode())
        if Failure.REDIRECT_LOOP in request.failures:
            return Answer(b"", 302, headers={"Location": target})
        answer = self._site(request)
        return _wrong_charset(answer) if Failure.WRONG_CHARSET in request.failures else answer

    def _robots(self, request: Request) -> Answer:
        if Failure.ROBOTS_ERROR in request.failures:
            return Answer(b"", 503)
        if Failure.ROBOTS_DISALLOW in request.failures:
            return Answer(b"User-agent: *\nDisallow: /\n", content_type="text/plain")
        return self._site(request)


def _wrong_charset(answer: Answer) -> Answer:
    """Claim GBK for UTF-8 and UTF-8 for anything else; the body stays as it is."""
    media = answer.content_type.partition(";")[0]
    claimed = "gbk" if "utf-8" in answer.content_type.lower() else "utf-8"
    return replace(answer, content_type=f"{media}; charset={claimed}")


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Report errors of ours; a client that hangs up is what half of the tests are about."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    local: LocalServer

    def do_GET(self) -> None:
        try:
            request = self.local.request(self.path, dict(self.headers.items()))
        except ConfigurationError as error:
            self._send(json_answer({"error": error.problem, "remedy": error.remedy}, 400))
            return
        if Failure.RESET in request.failures:
            self._note(0)
            self.close_connection = True
            return
        answer = self.local.answer(request, self.path)
        self._note(answer.status)
        try:
            self._break(answer, request.failures)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client had enough, which is what some tests want

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a test reads `seen`."""

    def _note(self, status: int) -> None:
        agent = self.headers.get("User-Agent", "")
        self.local.seen.append(Seen(self.path, status, agent))

    def _break(self, answer: Answer, failures: frozenset[Failure]) -> None:
        if answer.status != 200 or self.path.startswith("/robots.txt"):
            self._send(answer)
        elif answer.lines is not None:
            self._stream(answer, answer.lines, failures)
        elif Failure.TRUNCATED in failures:
            self._head(answer, length=len(answer.body))
            self.wfile.write(answer.body[: len(answer.body) // 2])
            self.close_connection = True
        elif Failure.SLOW_LORIS in failures:
            self._drip(answer)
        elif Failure.OVERSIZE in failures:
            self._flood(answer)
        elif Failure.GZIP_BOMB in failures:
            body = gzip.compress(answer.body + b" " * OVERSIZE_BYTES, compresslevel=1)
            headers = {**answer.headers, "Content-Encoding": "gzip"}
            self._send(replace(answer, body=body, headers=headers))
        else:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        self._head(answer, length=len(answer.body))
        if self.command != "HEAD" and answer.status != 304:
            self.wfile.write(answer.body)

    def _stream(self, answer: Answer, lines: Iterator[bytes], failures: frozenset[Failure]) -> None:
        """Write line by line, or byte by byte, or until something cuts the connection."""
        self.send_response(200)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        for number, line in enumerate(lines):
            if self.local.stopping.is_set():
                return
            if Failure.SLOW_LORIS in failures:
                for position in range(len(line)):
                    self._chunk(line[position : position + 1])
                    if self.local.stopping.wait(DRIP_SECONDS):
                        return
            elif Failure.TRUNCATED in failures and number >= CUT_AFTER:
                self._chunk(line[: len(line) // 2])
                return  # without the chunk that says that this was all
            else:
                self._chunk(line)
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, piece: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.flush()

    def _drip(self, answer: Answer) -> None:
        self._head(answer, length=len(answer.body))
        for position in range(len(answer.body)):
            self.wfile.write(answer.body[position : position + 1])
            self.wfile.flush()
            if self.local.stopping.wait(DRIP_SECONDS):
                break
        self.close_connection = True

    def _flood(self, answer: Answer) -> None:
        self._head(answer, length=None)  # no length: only counting helps the client
        self.wfile.write(answer.body)
        block = b" " * (64 * 1024)
        for _ in range(OVERSIZE_BYTES // len(block)):
            self.wfile.write(block)
        self.close_connection = True

    def _head(self, answer: Answer, length: int | None) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if length is None:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()

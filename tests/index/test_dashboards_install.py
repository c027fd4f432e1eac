"""The import over HTTP, against a server that answers as Dashboards and Kibana do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from domain.errors import StoreFailure
from index.dashboards import build, install


@dataclass
class Dashboards:
    """What the server was asked, and how it answers: status and body."""

    url: str = ""
    status: int = 200
    body: Any = None
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def dashboards() -> Iterator[Dashboards]:
    """A server that refuses as the real one does: wrong xsrf header, wrong file name."""
    known = Dashboards(body={"success": True, "successCount": 12})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            known.requests.append((self.path, headers, sent))
            status, body = known.status, known.body
            if headers.get("osd-xsrf") != "true":
                status, body = 400, {"message": "Request must contain the osd-xsrf header."}
            elif b'filename="overview.ndjson"' not in sent:
                status, body = 400, {"message": "Invalid file extension"}
            answer = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_file_is_sent_whole_with_both_headers(dashboards: Dashboards) -> None:
    assert install(dashboards.url + "/s/court/", {"authorization": "ApiKey x"}) == 12
    [(path, headers, sent)] = dashboards.requests
    assert path == "/s/court/api/saved_objects/_import?overwrite=true"
    assert headers["kbn-xsrf"] == "true"
    assert headers["authorization"] == "ApiKey x"
    assert build().encode() in sent


def test_another_text_is_sent_as_it_is(dashboards: Dashboards) -> None:
    install(dashboards.url, text=build("jianglan"))
    assert build("jianglan").encode() in dashboards.requests[0][2]


def test_success_false_with_http_200_is_a_failure(dashboards: Dashboards) -> None:
    dashboards.body = {
        "success": False,
        "successCount": 11,
        "errors": [
            {"type": "dashboard", "id": "x-overview", "error": {"type": "missing_references"}}
        ],
    }
    with pytest.raises(StoreFailure, match="dashboard x-overview: missing_references"):
        install(dashboards.url)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (422, {"message": 'Document "x" has property "dashboard"'}, "422 Document"),
        (400, {"message": "Invalid file extension .json"}, "400 Invalid file"),
        (401, {"message": "Unauthorized"}, "401"),
        (404, b"<html>not here</html>", "404"),
        (302, b"", "302"),
        (200, b"<html>login</html>", "200"),
        (200, [], "200"),
    ],
)
def test_a_refusal_is_a_failure_that_says_what_to_do(
    dashboards: Dashboards, status: int, body: Any, message: str
) -> None:
    dashboards.status, dashboards.body = status, body
    with pytest.raises(StoreFailure, match=message) as failure:
        install(dashboards.url)
    assert failure.value.remedy


def test_no_answer_is_a_failure() -> None:
    with pytest.raises(StoreFailure, match="didn't answer"):
        install("http://127.0.0.1:9")

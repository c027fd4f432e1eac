"""A hub on loopback: enough of the model hub's HTTP interface to download one repository."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "c" * 40


class Hub(ThreadingHTTPServer):
    """One repository of files, and the paths asked for so far."""

    def __init__(self, repository: str, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repository = repository
        self.files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
        self.asked: list[str] = []

    def info(self) -> dict[str, object]:
        """What the hub says of the repository."""
        return {
            "id": self.repository, "modelId": self.repository, "sha": COMMIT, "private": False,
            "tags": [], "downloads": 0, "likes": 0,
            "siblings": [{"rfilename": name} for name in sorted(self.files)],
        }  # fmt: skip

    def tree(self) -> list[dict[str, object]]:
        """Its files."""
        return [
            {
                "type": "file", "path": name, "size": len(content),
                "oid": hashlib.sha256(content).hexdigest()[:40],
            }
            for name, content in sorted(self.files.items())
        ]  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        hub = self.server
        hub.asked.append(self.path)
        path = self.path.partition("?")[0]
        about, name = f"/api/models/{hub.repository}", path.rpartition("/")[2]
        if path.startswith(f"{about}/tree/"):
            self._send(json.dumps(hub.tree()).encode(), body=body)
        elif path == about or path.startswith(f"{about}/revision/"):
            self._send(json.dumps(hub.info()).encode(), body=body)
        elif path.startswith(f"/{hub.repository}/resolve/") and name in hub.files:
            self._send(hub.files[name], body=body)
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _send(self, content: bytes, *, body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def serving(repository: str, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve `folder` as `repository`; yields the address and the paths asked for so far."""
    hub = Hub(repository, folder)
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{hub.server_port}", hub.asked
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()

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


@contextmanager
def serving(repository: str, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve `folder` as `repository`; yields the address and the paths asked for so far."""
    files = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            asked.append(self.path)
            path = self.path.partition("?")[0]
            about = f"/api/models/{repository}"
            if path.startswith((f"{about}/tree/", f"{about}/revision/")) or path == about:
                listed = "/tree/" in path
                self._send(json.dumps(_tree(files) if listed else _info(files)).encode(), body)
            elif path.startswith(f"/{repository}/resolve/") and path.rpartition("/")[2] in files:
                self._send(files[path.rpartition("/")[2]], body)
            else:
                self.send_response(404)
                self.send_header("X-Error-Code", "RepoNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def _send(self, content: bytes, body: bool) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    def _info(files: dict[str, bytes]) -> dict[str, object]:
        return {
            "id": repository, "modelId": repository, "sha": COMMIT, "private": False,
            "tags": [], "downloads": 0, "likes": 0,
            "siblings": [{"rfilename": name} for name in sorted(files)],
        }  # fmt: skip

    def _tree(files: dict[str, bytes]) -> list[dict[str, object]]:
        return [
            {
                "type": "file", "path": name, "size": len(content),
                "oid": hashlib.sha256(content).hexdigest()[:40],
            }
            for name, content in sorted(files.items())
        ]  # fmt: skip

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

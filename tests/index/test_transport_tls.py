"""TLS and credentials of both clients, against a small HTTPS server with its own authority."""

from __future__ import annotations

import base64
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain.errors import StoreFailure
from domain.protocols import Query
from index import open_store

SECRET = base64.b64encode(b"office:p@ss").decode()


class _Cluster(BaseHTTPRequestHandler):
    """Counts seven posts for those who know the password."""

    def do_POST(self) -> None:
        known = self.headers["authorization"] == f"Basic {SECRET}"
        self._answer(200, {"count": 7}) if known else self._answer(401, {"error": {"type": "x"}})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        sent = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("x-elastic-product", "Elasticsearch")
        self.send_header("content-length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, with its key beside it."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "courtpulse test")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    path = folder / "authority.pem"
    path.write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def port(authority: Path) -> Iterator[int]:
    """Port of the HTTPS server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Cluster)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, authority.with_name("key.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["opensearchs", "elasticsearchs"])
def scheme(request: pytest.FixtureRequest) -> str:
    """Each client in turn."""
    return str(request.param)


def test_a_known_authority_and_password_are_let_in(scheme: str, port: int, authority: Path) -> None:
    store = open_store(f"{scheme}://office:p%40ss@127.0.0.1:{port}/x?ca={authority}")
    assert store.total(Query()) == 7
    store.close()


def test_an_unknown_authority_is_not_trusted(scheme: str, port: int) -> None:
    store = open_store(f"{scheme}://office:p%40ss@127.0.0.1:{port}/x")
    with pytest.raises(StoreFailure, match="didn't answer"):
        store.total(Query())
    store.close()


def test_a_wrong_password_says_so_and_is_not_shown(scheme: str, port: int, authority: Path) -> None:
    store = open_store(f"{scheme}://office:geheim@127.0.0.1:{port}/x?ca={authority}")
    with pytest.raises(StoreFailure, match="401") as failure:
        store.total(Query())
    assert "password" in failure.value.remedy
    assert "geheim" not in str(failure.value)
    store.close()

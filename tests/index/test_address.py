"""Addresses of stores, and what a wrong one says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import ConfigurationError
from index import open_store
from index.cluster import ClusterStore
from index.sqlite import SqliteStore
from index.transport import Address

ROOT = Path(__file__).parents[2]


def test_sqlite_takes_relative_and_absolute_paths() -> None:
    relative, absolute = open_store("sqlite:///data/posts.db"), open_store("sqlite:////var/x.db")
    assert isinstance(relative, SqliteStore)
    assert isinstance(absolute, SqliteStore)
    assert (relative.path, absolute.path) == (Path("data/posts.db"), Path("/var/x.db"))


@pytest.mark.parametrize("kind", ["opensearch", "elasticsearch"])
def test_a_cluster_takes_prefix_credentials_and_tls(kind: str) -> None:
    pytest.importorskip(f"{kind}py" if kind == "opensearch" else kind)
    store = open_store(f"{kind}s://office:p%40ss@search.example:9243/jianglan")
    assert isinstance(store, ClusterStore)
    address = store._transport.address
    assert address == Address("search.example", 9243, True, "office", "p@ss")
    assert "p@ss" not in repr(address)
    assert (store.names.posts, store.names.tombstones) == (
        "jianglan-posts",
        "jianglan-tombstones",
    )
    store.close()
    plain = open_store(f"{kind}://localhost")
    assert isinstance(plain, ClusterStore)
    assert (plain.names.posts, plain._transport.address.port) == ("courtpulse-posts", 9200)
    plain.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "posts.db",
        "mysql://host/x",
        "sqlites:///x.db",
        "sqlite://",
        "sqlite:///",
        "sqlite://host/x.db",
        "sqlite:///x.db?mode=ro",
        "opensearch:///prefix",
        "opensearch://host:99999/x",
        "opensearch://host/UPPER",
        "opensearch://host/a/b",
        "elasticsearch://host/x?verify=no",
        "elasticsearch://host/x?ca=/a.pem",
        "opensearch://[broken/x",
        "opensearchs://host/x?ca=/no/such/authority.pem",
    ],
)
def test_a_wrong_address_says_what_is_right(url: str) -> None:
    with pytest.raises(ConfigurationError) as failure:
        open_store(url)
    assert failure.value.remedy


def test_a_message_never_shows_the_password() -> None:
    with pytest.raises(ConfigurationError) as failure:
        open_store("opensearch://office:geheim@host/UPPER")
    assert "geheim" not in str(failure.value)


@pytest.mark.parametrize(
    ("scheme", "module"), [("opensearch", "opensearchpy"), ("elasticsearch", "elasticsearch")]
)
def test_a_missing_client_names_its_extra_and_sqlite_needs_none(scheme: str, module: str) -> None:
    program = f"""
import sys
sys.modules[{module!r}] = None
from domain.errors import ConfigurationError
from index import open_store
open_store("sqlite:///x.db")
try:
    open_store("{scheme}://host/x")
except ConfigurationError as error:
    print(error)
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"courtpulse[{scheme}]" in run.stdout


def test_importing_the_room_loads_no_client() -> None:
    program = "import sys, index; print({'opensearchpy', 'elasticsearch'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"

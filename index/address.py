"""Addresses of stores: `sqlite:///path`, `opensearch://host:port/prefix`, `elasticsearch://…`.

The scheme with an `s` behind it (`opensearchs`, `elasticsearchs`) speaks TLS.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from domain.errors import ConfigurationError
from domain.protocols import Store
from index.cluster import ClusterStore
from index.cluster_schema import Names
from index.sqlite import SqliteStore
from index.transport import Address, Transport

DEFAULT_PREFIX = "courtpulse"
_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def open_store(url: str) -> Store:
    """The store at `url`; nothing is read or written before `prepare`.

    Forms: ``sqlite:///relative.db``, ``sqlite:////absolute.db``,
    ``opensearch://user:password@host:9200/prefix``, ``elasticsearchs://host:9200/prefix``.
    TLS takes ``?ca=/path/to/authority.pem``; certificates are always checked.

    Raises:
        ConfigurationError: unknown scheme, a part missing, or the client isn't installed.
    """
    parts = _split(url)
    if parts.scheme == "sqlite":
        return SqliteStore(_path(parts, url))
    return ClusterStore(*open_cluster(url))


def open_cluster(url: str) -> tuple[Transport, Names]:
    """Client and index names of a cluster's address, e.g. for the check of the dashboards.

    Raises:
        ConfigurationError: not the address of a cluster, or the client isn't installed.
    """
    parts = _split(url)
    kind, tls = parts.scheme.removesuffix("s"), parts.scheme.endswith("s")
    if kind not in ("opensearch", "elasticsearch"):
        raise ConfigurationError(
            f"no store speaks {parts.scheme or 'this'!r}",
            remedy="use sqlite:///path, opensearch://host:port/prefix"
            " or elasticsearch://host:port/prefix",
            where=_bare(parts),
        )
    address, names = _address(parts, tls), _names(parts)
    if kind == "opensearch":
        from index.opensearch import OpenSearchTransport

        return OpenSearchTransport(address), names
    from index.elasticsearch import ElasticsearchTransport

    return ElasticsearchTransport(address), names


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is the check
    except ValueError as error:
        raise ConfigurationError(
            f"not the address of a store: {error}", remedy="see `courtpulse doctor`"
        ) from error
    return parts


def _path(parts: SplitResult, url: str) -> Path:
    if parts.netloc or len(parts.path) < 2 or parts.query:
        raise ConfigurationError(
            "an SQLite address needs a path",
            remedy="sqlite:///relative.db or sqlite:////absolute.db",
            where=url,
        )
    return Path(unquote(parts.path[1:]))


def _names(parts: SplitResult) -> Names:
    prefix = parts.path.strip("/") or DEFAULT_PREFIX
    if not _PREFIX.fullmatch(prefix):
        raise ConfigurationError(
            f"{prefix!r} can't begin the name of an index",
            remedy="use a-z, 0-9, - and _, at most 64, beginning with a letter or digit",
            where=_bare(parts),
        )
    return Names(prefix)


def _address(parts: SplitResult, tls: bool) -> Address:
    if not parts.hostname:
        raise ConfigurationError(
            "the address names no host", remedy=f"{parts.scheme}://host:9200/prefix"
        )
    options = parse_qs(parts.query, keep_blank_values=True)
    if set(options) - {"ca"} or (options and not tls):
        raise ConfigurationError(
            "the address has options no store knows",
            remedy="only ?ca=/path/to/authority.pem, and only with TLS",
            where=_bare(parts),
        )
    authority = options.get("ca", [""])[0]
    if authority and not Path(authority).is_file():
        raise ConfigurationError(
            "the certificate authority's file doesn't exist", remedy="correct ?ca=", where=authority
        )
    return Address(
        host=parts.hostname,
        port=parts.port or 9200,
        tls=tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        authority=authority,
    )


def _bare(parts: SplitResult) -> str:
    """The address without credentials, fit for a message."""
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"

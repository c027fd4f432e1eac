"""What the cluster store asks of a client: send one request, return status and body."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.errors import StoreBusy, StoreFailure

Body = dict[str, Any]

#: Seconds one request may take; a delete by age over a large index is the longest.
TIMEOUT = 120
#: A node that is restarting or shedding load is asked again this many times.
RETRIES = 3
RETRY_STATUS = (429, 502, 503, 504)


def quiet(*names: str) -> None:
    """Silence a client's loggers: they print tracebacks for answers we handle, and at DEBUG
    whole requests with the texts of posts. What goes wrong reaches the user as `StoreFailure`.
    """
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def no_answer(error: Exception) -> type[StoreFailure]:
    """What a client's error is to us: a node that took the connection but answers late is busy."""
    return StoreBusy if "Timeout" in type(error).__name__ else StoreFailure


@dataclass(frozen=True, slots=True)
class Address:
    """Where a cluster listens.

    Attributes:
        authority: path of the certificate authority's PEM; "" for the system's own.
    """

    host: str
    port: int
    tls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    authority: str = ""

    @property
    def url(self) -> str:
        """Scheme, host and port, without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Reply:
    """A cluster's answer, whatever its status."""

    status: int
    body: Body


class Transport(Protocol):
    """One client library, reduced to what OpenSearch and Elasticsearch share: REST and JSON."""

    address: Address

    def send(
        self,
        method: str,
        path: str,
        *,
        parameters: dict[str, str] | None = None,
        body: Body | None = None,
        lines: str | None = None,
    ) -> Reply: ...  # `lines`: newline-delimited JSON; StoreFailure when no answer came

    def close(self) -> None: ...

"""OpenSearch through opensearch-py."""

from __future__ import annotations

from typing import Any

from domain.errors import ConfigurationError, StoreFailure
from index.transport import RETRIES, RETRY_STATUS, TIMEOUT, Address, Body, Reply, no_answer, quiet


class OpenSearchTransport:
    """A `Transport` over opensearch-py (extra ``[opensearch]``)."""

    def __init__(self, address: Address) -> None:
        try:
            import opensearchpy
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "the OpenSearch client isn't installed",
                remedy="pip install 'courtpulse[opensearch]'",
                where=address.url,
            ) from error
        options: dict[str, Any] = {"ca_certs": address.authority} if address.authority else {}
        if address.user:
            options["http_auth"] = (address.user, address.password)
        quiet("opensearch", "opensearchpy.trace")
        self.address = address
        self._refused = opensearchpy.exceptions.TransportError
        self._failed = opensearchpy.exceptions.OpenSearchException
        self._client = opensearchpy.OpenSearch(
            hosts=[{"host": address.host, "port": address.port}],
            use_ssl=address.tls,
            http_compress=True,
            timeout=TIMEOUT,
            max_retries=RETRIES,
            retry_on_status=RETRY_STATUS,
            **options,
        )

    def send(
        self,
        method: str,
        path: str,
        *,
        parameters: dict[str, str] | None = None,
        body: Body | None = None,
        lines: str | None = None,
    ) -> Reply:
        """Send one request.

        Raises:
            StoreFailure: no answer came.
        """
        try:
            answer = self._client.transport.perform_request(
                method, path, params=dict(parameters or {}), body=body if lines is None else lines
            )
        except self._refused as error:
            if isinstance(error.status_code, int):
                info = error.info if isinstance(error.info, dict) else {"error": str(error.info)}
                return Reply(error.status_code, info)
            raise self._unreachable(error) from error
        except self._failed as error:
            raise self._unreachable(error) from error
        return Reply(200, answer if isinstance(answer, dict) else {})

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _unreachable(self, error: Exception) -> StoreFailure:
        return no_answer(error)(
            f"OpenSearch didn't answer: {type(error).__name__}",
            remedy="check that the node runs and the address is right",
            where=self.address.url,
        )

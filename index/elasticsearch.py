"""Elasticsearch 9 through its own client."""

from __future__ import annotations

from typing import Any

from domain.errors import ConfigurationError
from index.transport import RETRIES, RETRY_STATUS, TIMEOUT, Address, Body, Reply, no_answer, quiet


class ElasticsearchTransport:
    """A `Transport` over elasticsearch-py (extra ``[elasticsearch]``)."""

    def __init__(self, address: Address) -> None:
        try:
            import elasticsearch
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "the Elasticsearch client isn't installed",
                remedy="pip install 'courtpulse[elasticsearch]'",
                where=address.url,
            ) from error
        options: dict[str, Any] = {"ca_certs": address.authority} if address.authority else {}
        if address.user:
            options["basic_auth"] = (address.user, address.password)
        quiet("elasticsearch", "elasticsearch.trace", "elastic_transport")
        self.address = address
        self._refused = elasticsearch.ApiError
        self._failed = elasticsearch.TransportError
        self._client = elasticsearch.Elasticsearch(
            address.url,
            http_compress=True,
            request_timeout=TIMEOUT,
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
        kind = "application/json" if lines is None else "application/x-ndjson"
        try:
            answer = self._client.perform_request(
                method,
                path,
                params=parameters,
                headers={"accept": "application/json", "content-type": kind},
                body=body if lines is None else lines.encode(),
            )
        except self._refused as error:
            found = error.body if isinstance(error.body, dict) else {"error": str(error.body)}
            return Reply(error.status_code, found)
        except self._failed as error:
            raise no_answer(error)(
                f"Elasticsearch didn't answer: {type(error).__name__}",
                remedy="check that the node runs and the address is right",
                where=self.address.url,
            ) from error
        return Reply(answer.meta.status, answer.body if isinstance(answer.body, dict) else {})

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

"""Requests to a cluster, refused ones turned into failures that say what to do."""

from __future__ import annotations

from domain.errors import StoreBusy, StoreFailure
from index.transport import RETRY_STATUS, Body, Transport

_REMEDIES = {
    401: "check user and password in the store's address",
    403: "give the user read, write and manage rights on the prefix's indices",
    404: "call prepare() first",
    413: "raise http.max_content_length on the nodes",
    429: "the cluster is overloaded: try again later or add a node",
}


class Requests:
    """Sends requests and answers with the body, or raises."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.where = transport.address.url

    def send(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        parameters: dict[str, str] | None = None,
        *,
        lines: str | None = None,
        absent: tuple[str, ...] = (),
    ) -> Body:
        """The answer's body.

        Args:
            absent: error types that are no failure (a race somebody else won, a missing index);
                the answer is then ``{}``.

        Raises:
            StoreFailure: no answer, or a refusal. Its text never quotes a post.
        """
        reply = self._transport.send(method, path, parameters=parameters, body=body, lines=lines)
        if reply.status < 400:
            return reply.body
        error = reply.body.get("error")
        kind = str(error.get("type", "")) if isinstance(error, dict) else ""
        if kind in absent or (reply.status == 404 and "404" in absent):
            return {}
        failure = StoreBusy if reply.status in RETRY_STATUS else StoreFailure
        raise failure(
            f"{method} {path.split('?')[0]} was refused: {reply.status} {kind}".rstrip(),
            remedy=_REMEDIES.get(reply.status, "look at the cluster's log"),
            where=self.where,
        )

"""What stands before every route: host, origin and size checks, and the headers of every answer."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: No form of ours comes near it.
MAX_BODY = 64 * 1024
_SAFE = {"GET", "HEAD"}

#: Only our own files; nothing inline, nothing evaluated, nobody frames us.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # same-origin keeps the Origin header on our own forms; no-referrer would turn it into "null".
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """Refuses requests by foreign names or from foreign pages; adds the security headers.

    Binding to loopback doesn't keep a web page in the same browser from calling us: the host
    check stops DNS rebinding, the origin check stops its forms.
    """

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...]) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, then pass on with the headers added."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope), str(scope["method"]))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        if refusal is None:
            await self._app(scope, receive, send_with_headers)
        else:
            await refusal(scope, receive, send_with_headers)

    def _refusal(self, headers: Headers, method: str) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if _name(host) not in self._hosts:
            return PlainTextResponse("本服务只接受以本机名称访问的请求。\n", 421)
        if method in _SAFE:
            return None
        if not _same_origin(headers, host):
            return PlainTextResponse("请求不是从本服务的页面发出的，已拒绝。\n", 403)
        length = headers.get("content-length", "")
        if not length.isdigit() or int(length) > MAX_BODY:
            return PlainTextResponse("提交的内容过大。\n", 413)
        return None


def _name(host: str) -> str:
    """Host name without port, lower case; brackets of an IPv6 address stay."""
    if host.startswith("["):
        name, bracket, _ = host.partition("]")
        return (name + bracket).lower()
    return host.partition(":")[0].lower()


def _same_origin(headers: Headers, host: str) -> bool:
    """The Origin (or, where a browser leaves it out, the Referer) is the host asked for."""
    stated = headers.get("origin") or headers.get("referer", "")
    parts = urlsplit(stated)
    return parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower()

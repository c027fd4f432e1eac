"""The one way out for alerts: a POST to a configured address that was checked before connecting.

The name of the address is resolved once; every address it stands for must be allowed, and the
connection goes to one of those that were checked (no second look-up that could answer otherwise).
TLS still checks the certificate against the name. Redirects are never followed, proxies of the
environment never used, and an answer is read up to a limit, within one deadline for everything.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from domain.errors import NotifyFailure
from domain.time import Clock

# httpx logs every address at INFO, and addresses of robots are credentials. Set here as well as in
# courtpulse.logs, because Airflow's tasks set up logging of their own.
for _talkative in ("httpx", "httpcore"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)

#: The whole delivery, look-up and connecting included; a receiver should queue, not work [D].
TIMEOUT_SECONDS = 10.0
#: An answer is an error code and a sentence; more is not read.
_ANSWER_BYTES = 64 * 1024
#: Longest wait a receiver may ask for; beyond it we would rather ask again.
RETRY_AFTER_MOST = timedelta(hours=1)
#: 4xx that pass: request timeout, too early, too many requests.
_PASSING = frozenset({408, 425, 429})
#: Where clouds hand out credentials; refused even where private networks are allowed.
_METADATA = frozenset({"169.254.169.254", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"})
#: IPv6 networks whose last 32 bits are an IPv4 address: NAT64 (RFC 6052), local NAT64 (RFC 8215)
#: with its usual prefix, and the deprecated "compatible" form.
_EMBEDDING = tuple(ip_network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/96", "::/96"))

_LOCAL_NAT64 = ip_network("64:ff9b:1::/48")
_LOOPBACK = IPv6Address("::1")

Resolver = Callable[[str, int], Sequence[str]]


def look_up(host: str, port: int) -> list[str]:
    """Addresses of `host`, by the system's resolver; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a channel sends to.

    Attributes:
        url: never shown in errors, logs or `repr`, because it may be a credential.
        where: what errors call this target: kind and host, nothing more.
        private: whether it may lie in a private network or on this machine.
        timeout: seconds for a whole delivery.
        tls: trust other than the public authorities', e.g. a court's own.
    """

    url: str = field(repr=False)
    where: str
    private: bool = False
    timeout: float = TIMEOUT_SECONDS
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    resolve: Resolver = field(default=look_up, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said; `body` may be cut off."""

    status: int
    body: bytes
    retry_after: timedelta | None = None


def post(target: Target, body: bytes, headers: Mapping[str, str], clock: Clock) -> Answer:
    """Post `body` and return a 2xx answer.

    Raises:
        NotifyFailure: not taken; `retryable` for timeouts, broken connections, addresses that
            aren't allowed (the look-up may have been wrong), 5xx, 408, 425 and 429.
    """
    # In a thread of its own: the caller may already be inside an event loop.
    with ThreadPoolExecutor(1, "outbound") as thread:
        answer = thread.submit(asyncio.run, _within(target, body, headers, clock)).result()
    if 200 <= answer.status < 300:
        return answer
    if 300 <= answer.status < 400:
        raise NotifyFailure(
            f"the receiver redirects (HTTP {answer.status})",
            retryable=False, remedy="give the final address", where=target.where,
        )  # fmt: skip
    raise NotifyFailure(
        f"the receiver answered HTTP {answer.status}",
        retryable=answer.status >= 500 or answer.status in _PASSING,
        retry_after=answer.retry_after,
        remedy="look at the receiver's log",
        where=target.where,
    )


async def _within(target: Target, body: bytes, headers: Mapping[str, str], clock: Clock) -> Answer:
    # `from None`: the causes hold the request, and with it the address.
    try:
        async with asyncio.timeout(target.timeout):
            return await _post(target, body, headers, clock)
    except (TimeoutError, httpx.TimeoutException):
        raise NotifyFailure(
            f"no answer within {target.timeout:g} s",
            retryable=True, remedy="is the receiver running?", where=target.where,
        ) from None  # fmt: skip
    except httpx.HTTPError as error:
        raise NotifyFailure(
            f"the connection failed ({type(error).__name__})",
            retryable=True, remedy="is the receiver reachable from here?", where=target.where,
        ) from None  # fmt: skip


async def _post(target: Target, body: bytes, headers: Mapping[str, str], clock: Clock) -> Answer:
    url = httpx.URL(target.url)
    port = url.port or (443 if url.scheme == "https" else 80)
    addresses = await asyncio.to_thread(checked, target, url.host, port)
    async with httpx.AsyncClient(
        follow_redirects=False,
        trust_env=False,
        timeout=target.timeout,
        verify=_trust(target, url.scheme),
    ) as client:
        for number, address in enumerate(addresses, 1):
            request = client.build_request(
                "POST",
                url.copy_with(host=address),
                content=body,
                # Uncompressed, because the answer is read as it comes and cut at a limit.
                headers={
                    **headers,
                    "Host": url.netloc.decode("ascii"),
                    "Accept-Encoding": "identity",
                },
                extensions={} if _is_address(url.host) else {"sni_hostname": url.host},
            )
            try:
                return await _read(client, request, clock)
            except httpx.ConnectError:
                # Nothing was sent, so another address of the same name may be tried.
                if number == len(addresses):
                    raise
    raise AssertionError("unreachable: `checked` gives at least one address")


def _trust(target: Target, scheme: str) -> ssl.SSLContext:
    """Whom TLS trusts; without TLS nobody, so that nothing is loaded for it."""
    if target.tls:
        return target.tls
    return _public() if scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@cache
def _public() -> ssl.SSLContext:
    """The machine's authorities; reading them takes .1 s, so it is done once."""
    return ssl.create_default_context()


async def _read(client: httpx.AsyncClient, request: httpx.Request, clock: Clock) -> Answer:
    answer = await client.send(request, stream=True)
    try:
        body = b""
        async for block in answer.aiter_raw():
            body += block
            if len(body) >= _ANSWER_BYTES:
                break
        return Answer(answer.status_code, body[:_ANSWER_BYTES], _pause(answer.headers, clock()))
    finally:
        await answer.aclose()


def checked(target: Target, host: str, port: int) -> list[str]:
    """All addresses of `host`; every one of them is allowed.

    Raises:
        NotifyFailure: the name can't be resolved, or stands for an address we don't connect to.
    """
    try:
        addresses = [host] if _is_address(host) else list(target.resolve(host, port))
    except (OSError, UnicodeError):  # a label that is empty or too long for IDNA
        addresses = []
    if not addresses:
        raise NotifyFailure(
            "the name of the receiver can't be resolved",
            retryable=True, remedy="look at the machine's DNS", where=target.where,
        )  # fmt: skip
    if not all(allowed(address, private=target.private) for address in addresses):
        raise NotifyFailure(
            "the receiver lies in a network we don't send to",
            retryable=True,
            remedy="if it is meant to be there, say allow_private: true in the routes file",
            where=target.where,
        )
    return addresses


def allowed(address: str, *, private: bool) -> bool:
    """Whether we connect to `address`; link-local, multicast and metadata addresses never."""
    ip = _plain(ip_address(address.partition("%")[0]))
    if str(ip) in _METADATA or ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    if ip.version == 6 and (ip.is_site_local or ip in _LOCAL_NAT64):
        return False
    return ip.is_global or (private and (ip.is_loopback or not ip.is_reserved))


def _plain(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that hides in an IPv6 one (mapped, 6to4, NAT64)."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip != _LOOPBACK and any(ip in network for network in _EMBEDDING):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _pause(headers: httpx.Headers, now: datetime) -> timedelta | None:
    """What the receiver asks for: `Retry-After` in seconds or as a date, or Feishu's own header."""
    said = headers.get("retry-after") or headers.get("x-ogw-ratelimit-reset") or ""
    if said.isascii() and said.isdigit():
        wait = timedelta(seconds=min(int(said[:9]), 10**6))
    else:
        try:
            moment = parsedate_to_datetime(said)
        except ValueError:
            return None
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), RETRY_AFTER_MOST)

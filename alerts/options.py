"""What a channel of the routes file may say, read and checked the same way by every kind.

Addresses and secrets stand in the environment; the file names the variables. Nothing here puts a
value of one into an error.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from alerts.outbound import TIMEOUT_SECONDS, Target
from domain.errors import ConfigurationError

#: Keys every kind that sends by HTTP may have.
HTTP_OPTIONS = frozenset({"url_env", "timeout_seconds", "allow_http", "allow_private", "ca_file"})


def from_environment(options: Mapping[str, object], key: str, where: str, *, required: bool) -> str:
    """Value of the variable that `options[key]` names; "" when left out and not required.

    Raises:
        ConfigurationError: the key is missing, or the variable is empty.
    """
    name = options.get(key)
    if name is None and not required:
        return ""
    if not isinstance(name, str) or not name:
        raise ConfigurationError(
            f"{key} is missing", remedy=f"{key}: NAME_OF_AN_ENVIRONMENT_VARIABLE", where=where
        )
    value = os.environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(
            f"the environment variable {name} is empty",
            remedy="set it where courtpulse is started", where=where,
        )  # fmt: skip
    return value


def switch(options: Mapping[str, object], key: str, where: str) -> bool:
    """A yes or no; no when left out.

    Raises:
        ConfigurationError: it is something else.
    """
    value = options.get(key, False)
    if not isinstance(value, bool):
        raise ConfigurationError(f"{key} isn't true or false", remedy=f"{key}: true", where=where)
    return value


def http_target(options: Mapping[str, object], where: str, kind: str, url: str) -> Target:
    """Where to send to, from the address and the options of `HTTP_OPTIONS`.

    Raises:
        ConfigurationError: the address isn't an acceptable one, or an option isn't understood.
    """
    host, scheme = _host_of(url, options, where)
    private = switch(options, "allow_private", where)
    if scheme == "http" and not (switch(options, "allow_http", where) or _is_loopback(host)):
        raise ConfigurationError(
            "alerts would leave in clear text",
            remedy="use https, or say allow_http: true for a network you trust", where=where,
        )  # fmt: skip
    if _is_private(host) and not private:
        raise ConfigurationError(
            f"the address in {options.get('url_env')} lies in a private network",
            remedy="say allow_private: true if it is meant to", where=where,
        )  # fmt: skip
    timeout = options.get("timeout_seconds", TIMEOUT_SECONDS)
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= 60:
        raise ConfigurationError(
            "timeout_seconds isn't a number up to 60",
            remedy=f"leave it out for {TIMEOUT_SECONDS:g}", where=where,
        )  # fmt: skip
    return Target(
        url=url,
        where=f"{kind} {host}",
        private=private,
        timeout=float(timeout),
        tls=_trust(options, where),
    )


def _host_of(url: str, options: Mapping[str, object], where: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is no number is found here
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ConfigurationError(
            f"the address in {options.get('url_env')} isn't an http(s) address",
            remedy="https://host/path, without a name and password", where=where,
        )  # fmt: skip
    return parts.hostname, parts.scheme


def _trust(options: Mapping[str, object], where: str) -> ssl.SSLContext | None:
    named = options.get("ca_file")
    if named is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(Path(str(named)).expanduser()))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"ca_file can't be used ({type(error).__name__})",
            remedy="a PEM file with the certificate of the authority", where=where,
        ) from error  # fmt: skip


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

"""The vendor's request signature, GSDATA-HMAC-SHA256.

The scheme of the vendor's published SDKs, which follows AWS Signature Version 4 without region:
a canonical request is hashed, signed by a key derived from secret, day and path, and sent in the
``Authorization`` header together with the names of the headers that were signed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

ALGORITHM = "GSDATA-HMAC-SHA256"
_SIGNED = "host;x-gsdata-date"
_NO_BODY = hashlib.sha256(b"").hexdigest()


def canonical_query(parameters: Mapping[str, str | int]) -> str:
    """Names in order, everything but ``A-Z a-z 0-9 - _ . ~`` percent-encoded."""
    return "&".join(
        f"{quote(name, safe='')}={quote(str(value), safe='')}"
        for name, value in sorted(parameters.items())
    )


def signed_headers(url: str, app_key: str, secret: str, now: datetime) -> dict[str, str]:
    """Headers of a GET request.

    Args:
        url: the whole address; its query as `canonical_query` made it.
        now: aware; the vendor refuses a request that is long past.
    """
    parts = urlsplit(url)
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    request = "\n".join(
        (
            "GET", parts.path, parts.query, f"host:{parts.netloc}", f"x-gsdata-date:{stamp}",
            _SIGNED, _NO_BODY,
        )
    )  # fmt: skip
    to_sign = "\n".join((ALGORITHM, stamp, hashlib.sha256(request.encode()).hexdigest()))
    key = _hmac(_hmac(_hmac(f"GSDATA{secret}".encode(), stamp[:8]), parts.path), "gsdata_request")
    signature = _hmac(key, to_sign).hex()
    return {
        "x-gsdata-date": stamp,
        "Authorization": f"{ALGORITHM} AppKey={app_key}, SignedHeaders={_SIGNED}, "
        f"Signature={signature}",
    }


def _hmac(key: bytes, message: str) -> bytes:
    return hmac.new(key, message.encode(), hashlib.sha256).digest()

"""A receiver of the generic webhook: checks the signature, drops a key it knows."""

from __future__ import annotations

import hmac
from hashlib import sha256

from demo.receivers.message import Reply, Request, Robot
from domain.time import Clock

PATH, SECRET = "/hook", "demo-hook-secret"


def robot(clock: Clock) -> Robot:
    """The receiver; keys are remembered as long as it runs."""
    del clock
    known: set[str] = set()

    def judge(request: Request) -> Reply:
        stamp = request.headers.get("x-courtpulse-timestamp", "")
        signed = hmac.new(SECRET.encode(), stamp.encode() + b"." + request.body, sha256)
        given = request.headers.get("x-courtpulse-signature", "")
        if not hmac.compare_digest(f"v1={signed.hexdigest()}", given):
            return Reply({"error": "signature"}, status=401)
        if not stamp.isdigit() or abs(request.now.timestamp() - int(stamp)) > 300:
            return Reply({"error": "timestamp"}, status=401)
        key = request.headers.get("idempotency-key", "")
        if key in known:
            return Reply({"known": True})
        known.add(key)
        return Reply({"known": False}, request.body.decode())

    return judge

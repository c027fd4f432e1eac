"""A notifier as a process of its own, to be killed: RECORDS_URL ROUTES_FILE NOW.

Says "ready" and waits for a line before it sends, so that two can be let go at once.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from alerts.open_routes import load_routes
from alerts.outbox import send_due
from records import Records


def main(url: str, routes: str, now: str) -> None:
    """Send what is due; the clock begins at `now` and runs."""
    began, start = time.monotonic(), datetime.fromisoformat(now)

    def clock() -> datetime:
        return start + timedelta(seconds=time.monotonic() - began)

    records, routing = Records.open(url, clock), load_routes(Path(routes), clock)
    print("ready", flush=True)
    sys.stdin.readline()
    report = send_due(records, routing, clock)
    print(report, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

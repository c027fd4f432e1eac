"""``python -m demo.servers --world world.json``: the local sources, until Ctrl-C.

The world's file holds ``{"t0": "2026-11-23T08:00:00+00:00", "seed": 1}`` and is written with the
present moment when it does not exist yet, so that a second start finds the same world.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path

from demo.scenario import World
from demo.servers import SERVERS, start
from domain.errors import CourtpulseError
from domain.time import system_clock


def main() -> int:
    """Serve until interrupted; the addresses are one line of JSON on standard output."""
    options = _parser().parse_args()
    ports = {name: getattr(options, name) for name in SERVERS}
    try:
        handle = start(World(*_t0_and_seed(options.world)), ports)
    except CourtpulseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(handle.urls) + "\n")
    sys.stdout.flush()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
    handle.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="demo.servers", description=__doc__)
    parser.add_argument("--world", type=Path, required=True, help="JSON file with t0 and seed")
    for name in SERVERS:
        parser.add_argument(
            f"--{name}", type=int, default=0, metavar="PORT", help="port; any free one without"
        )
    return parser


def _t0_and_seed(path: Path) -> tuple[datetime, int]:
    if not path.exists():
        world = {"t0": system_clock().isoformat(timespec="seconds"), "seed": 1}
        path.write_text(json.dumps(world) + "\n", encoding="utf-8")
    world = json.loads(path.read_text(encoding="utf-8"))
    return datetime.fromisoformat(str(world["t0"])), int(str(world["seed"]))


if __name__ == "__main__":
    sys.exit(main())

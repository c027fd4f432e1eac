"""Everything measured of intake, one part after the other, and one table of what was met.

    COURTPULSE_SHARED=../shared python -m bench.intake_all [--short]        (make bench-intake)

Each part is a bench of its own that runs in a process of its own and may be run alone. A part fails
by its exit code, or by a "false" under "met" in the JSON it prints. `--short` takes fewer posts,
inputs and kills: it shows that everything runs, not that the limits hold. Parts that need the
development data are left out, by name, where COURTPULSE_SHARED has none.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Part:
    """A bench.

    Attributes:
        limit: what issue 5 asks, in words; held_by: what fails when it isn't met.
        arguments, short: after the module's name; `short` with --short.
        shared: needs the development data.
    """

    module: str
    limit: str
    held_by: str = "this bench"
    arguments: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    shared: bool = False


_GOLD = "tests/gold/floors.json, make test"
PARTS = (
    Part("intake", ">= 3,000 posts/s a core, 5,000 on two; 1,000 cases <= 1.2 x 200",
         arguments=("20000",), short=("4000",)),
    Part("intake", "memory flat over 1 M posts", arguments=("memory", "1000000"),
         short=("memory", "20000")),
    Part("kills_replay", "0 lost, 0 doubled, alerts equal byte for byte",
         arguments=("150",), short=("5",)),
    Part("kills", "0 lost, 0 doubled, spiders included", arguments=("120",), short=("5",)),
    Part("kills_airflow", "0 lost, 0 doubled under real Airflow", arguments=("300",),
         short=("60",)),
    Part("linking", "precision >= .98, recall >= .90", _GOLD),
    Part("redaction", "identifiers' recall >= .99", _GOLD),
    Part("near_duplicates", "precision >= .98, recall >= .90", _GOLD, ("100000",), ("5000",)),
    Part("extraction", "F1 stated beside trafilatura alone", _GOLD),
    Part("fuzz", ">= 1 M inputs: no crash, no hang, no blow-up", arguments=("1000000",),
         short=("5000",)),
    Part("pressure", "5,000 waiting segments: slower, nothing lost"),
    Part("backfill", "a back-filled outage raises nothing by itself", "stated", shared=True),
    Part("replay", "the whole pool through the chain", "stated", ("pool", "1h"), ("pool", "1d"),
         shared=True),
    Part("replay", "all development streams through the chain", "stated", ("streams", "", "1h"),
         ("streams", "300-303", "6h"), shared=True),
)  # fmt: skip


def run(part: Part, short: bool) -> tuple[str, float]:
    """ "met", "missed", "failed", "not there" or "left out", and seconds."""
    here = Path(__file__).parent
    if not (here / f"{part.module}.py").is_file():
        return "not there", 0.0
    if part.shared and not Path(os.environ.get("COURTPULSE_SHARED", "../shared"), "data").is_dir():
        return "left out", 0.0
    began = time.monotonic()
    words = part.short if short else part.arguments
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{part.module}", *words],
        stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    print(done.stdout, flush=True)
    seconds = time.monotonic() - began
    if done.returncode == 0:
        return ("met" if part.held_by == "this bench" else part.held_by), seconds
    return ("missed" if "false" in str(_met(done.stdout)).lower() else "failed"), seconds


def _met(output: str) -> object:
    """What a bench said of its limits, if its output is one JSON document."""
    try:
        document = json.loads(output[output.index("{") :])
    except ValueError:
        return None
    return document.get("met") if isinstance(document, dict) else None


def main() -> int:
    """Run all and print the table; 1 when a part missed its limit, failed or isn't there."""
    short = "--short" in sys.argv[1:]
    table = Table("part", "limit", "result", "seconds", box=None, header_style="bold")
    results = []
    for part in PARTS:
        print(f"== {part.module} {' '.join(part.short if short else part.arguments)}", flush=True)
        result, seconds = run(part, short)
        results.append(result)
        table.add_row(part.module, part.limit, result, f"{seconds:.0f}")
    Console().print(table)
    return 1 if {"missed", "failed", "not there"} & set(results) else 0


if __name__ == "__main__":
    sys.exit(main())

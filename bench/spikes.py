"""All detectors on the development streams: `courtpulse bench spikes` with the shared folder's files.

python -m bench.spikes [--shared ../shared]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from courtpulse.cli.bench import spikes


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = os.environ.get("COURTPULSE_SHARED", "../shared")
    parser.add_argument("--shared", type=Path, default=Path(default))
    folder = parser.parse_args().shared / "data" / "spikes"
    events, truth = folder / "events_dev.csv.xz", folder / "truth_dev.csv"
    if not truth.exists():
        parser.error(f"{folder} has no truth_dev.csv: give --shared or COURTPULSE_SHARED")
    spikes(events, truth, calibrate=(events, truth), forest=12)


if __name__ == "__main__":
    main()

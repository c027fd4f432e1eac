"""`courtpulse bench`: measure detectors on streams whose truth is known."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from courtpulse.cli.printing import Json, print_json, print_table

app = typer.Typer(help="Measure on data whose truth is known.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure on data whose truth is known."""


@app.command()
def spikes(
    events: Annotated[Path, typer.Option(help="series,t,author,neg as CSV, .xz or .gz.")],
    truth: Annotated[Path, typer.Option(help="One row a series: scenario, start, takeoff, …")],
    calibrate: Annotated[
        tuple[Path, Path] | None,
        typer.Option(help="Events and truth whose quiet series set the thresholds."),
    ] = None,
    forest: Annotated[
        int, typer.Option(min=0, help="Series of each kind for the random cut forest; 0: none.")
    ] = 12,
    as_json: Json = False,
) -> None:
    """Compare all detectors: bursts caught, how late, false alarms, thresholds from quiet series."""
    from alerts.trials.panel import read_panel
    from alerts.trials.run import compare

    panel = read_panel(events, truth)
    files, origin = _calibration(calibrate)
    if files is None:
        calibration = None
    elif _same(files, (events, truth)):
        calibration = panel
    else:
        calibration = read_panel(*files)
    found = compare(panel, calibration, origin, forest_series=forest)
    if as_json:
        print_json(found)
        return
    print_table(
        ("method", "neg", "FA ≤", "θ", "FA", "≤1 h", "≤24 h", "median", "p90", "cold ≤1 h",
         "spam", "sock", "tripled", "µs"),
        [
            (
                trial.title, "yes" if trial.neg else "no", at.nominal, f"{at.threshold:.2f}",
                _share(at.realised), _share(at.bursts.within_hour), _share(at.bursts.within_day),
                _minutes(at.bursts.median_minutes), _minutes(at.bursts.p90_minutes),
                _share(at.scenarios["cold"].within_hour) if "cold" in at.scenarios else "–",
                _share(at.few_authors.alerts), _share(at.groups.alerts),
                _share(at.together.alerts) if at.together else "–", f"{trial.microseconds:.2f}",
            )
            for trial in found.trials
            for at in trial.at
        ],
    )  # fmt: skip


def _calibration(given: tuple[Path, Path] | None) -> tuple[tuple[Path, Path] | None, str]:
    """Files to set thresholds on, or None for the constants; and which they are, in words."""
    if given is not None:
        return given, "files"
    shared = os.environ.get("COURTPULSE_SHARED")
    folder = Path(shared) / "data" / "spikes" if shared else None
    if folder is not None and (folder / "truth_dev.csv").is_file():
        return (folder / "events_dev.csv.xz", folder / "truth_dev.csv"), "development files"
    return None, "constants"


def _same(one: tuple[Path, Path], other: tuple[Path, Path]) -> bool:
    pairs = zip(one, other, strict=True)
    return all(a.exists() and b.exists() and a.samefile(b) for a, b in pairs)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _minutes(value: float | None) -> str:
    return "never" if value is None else f"{value:.0f}"

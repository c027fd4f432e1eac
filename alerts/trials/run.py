"""All methods over one panel, with thresholds from another: what `courtpulse bench spikes` prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import process_time

import numpy as np

from alerts.trials import forest
from alerts.trials.measure import NOMINAL, Reading, reading, threshold
from alerts.trials.methods import METHODS, Method, Scores
from alerts.trials.panel import Panel
from alerts.trials.storm import together
from alerts.trials.thresholds import DEVELOPMENT

#: Version of the JSON; a field is never renamed or given another meaning under the same number.
SCHEMA = 1

_NO_THRESHOLD = "no threshold of it is kept: give --calibrate"


@dataclass(frozen=True, slots=True)
class Trial:
    """One method, with or without the court-negative posts.

    Attributes:
        method: stable key; title: its name.
        neg: True: the higher of the scores of all posts and of negative posts.
        series: how many series it read (the forest reads a subsample).
        microseconds: processor time an update of one series and stream.
        at: one reading for every nominal rate of false alarms, in the order of `NOMINAL`.
    """

    method: str
    title: str
    neg: bool
    series: int
    microseconds: float
    at: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything measured.

    Attributes:
        calibration: where thresholds came from: "files", "development files" or "constants".
        series, quiet, bursts: of the panel measured.
        left_out: methods not run, with the reason.
    """

    schema: int
    calibration: str
    series: int
    quiet: int
    bursts: int
    trials: tuple[Trial, ...]
    left_out: tuple[tuple[str, str], ...]


def compare(
    panel: Panel, calibration: Panel | None, origin: str, *, forest_series: int = 12
) -> Comparison:
    """Run every method.

    Args:
        calibration: streams whose quiet series set the thresholds; None: the constants measured on
            the development streams.
        forest_series: quiet and burst series the random cut forest reads; 0 leaves it out.
    """
    trials: list[Trial] = []
    left_out: list[tuple[str, str]] = []
    for key in METHODS:
        trials += _both(key, panel, calibration)
    if calibration is None:
        left_out.append(("random_cut_forest", _NO_THRESHOLD))
    elif forest_series < 1:
        left_out.append(("random_cut_forest", "not asked for"))
    elif not forest.available():
        left_out.append(("random_cut_forest", "rrcf is not installed"))
    else:
        trials.append(_forest(panel, calibration, forest_series))
    return Comparison(
        schema=SCHEMA,
        calibration=origin,
        series=len(panel.series),
        quiet=len(panel.quiet),
        bursts=len(panel.bursts),
        trials=tuple(trials),
        left_out=tuple(left_out),
    )


def _both(key: str, panel: Panel, calibration: Panel | None) -> Iterator[Trial]:
    title, method = METHODS[key]
    began = process_time()
    everything = method(panel.counts, panel.start)
    spent = process_time() - began
    either = np.maximum(everything, method(panel.negative, panel.start))
    quiet = _quiet_scores(method, panel, everything, either, calibration)
    for neg, scores in ((False, everything), (True, either)):
        thetas = _thetas(key, neg, quiet[neg], calibration)
        at = [reading(scores, panel, *pair) for pair in zip(NOMINAL, thetas, strict=True)]
        if not neg:
            storms = together(method, panel, thetas)
            at = [replace(one, together=storm) for one, storm in zip(at, storms, strict=True)]
        yield Trial(key, title, neg, len(panel.series), spent / scores.size * 1e6, tuple(at))


def _thetas(key: str, neg: bool, quiet: Scores, calibration: Panel | None) -> tuple[float, ...]:
    if calibration is None:
        return DEVELOPMENT[key, neg]
    return tuple(threshold(quiet, calibration, nominal) for nominal in NOMINAL)


def _quiet_scores(
    method: Method, panel: Panel, everything: Scores, either: Scores, calibration: Panel | None
) -> dict[bool, Scores]:
    """neg → scores of the calibration panel; not computed twice when it is the same panel."""
    if calibration is None or calibration is panel:
        return {False: everything, True: either}
    alone = method(calibration.counts, calibration.start)
    return {
        False: alone,
        True: np.maximum(alone, method(calibration.negative, calibration.start)),
    }


def _forest(panel: Panel, calibration: Panel | None, series: int) -> Trial:
    few = forest.subsample(panel, series)
    began = process_time()
    scores = forest.forest(few.counts, few.start)
    spent = process_time() - began
    quiet, of_quiet = (None if calibration is None else few), scores
    if calibration is not None and calibration is not panel:
        quiet = forest.subsample(calibration, series)
        of_quiet = forest.forest(quiet.counts, quiet.start)
    thetas = _thetas("random_cut_forest", False, of_quiet, quiet)
    at = tuple(reading(scores, few, *pair) for pair in zip(NOMINAL, thetas, strict=True))
    title = f"random cut forest (rrcf, {len(few.series)} series, hourly)"
    return Trial("random_cut_forest", title, False, len(few.series), spent / scores.size * 1e6, at)

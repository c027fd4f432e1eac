"""A random cut forest (library rrcf) on a stated subsample: it is pure Python and slow.

Hourly counts in shingles of four hours, a sliding forest; the score is the collusive displacement.
"""

from __future__ import annotations

import warnings
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from alerts.trials.methods import Floats, Scores, Starts, hourly
from alerts.trials.panel import Panel

_TREES, _LEAVES, _SHINGLE, _HOUR = 8, 64, 4, 12


def available() -> bool:
    """Whether the library is installed (`make everything`)."""
    return find_spec("rrcf") is not None


def subsample(panel: Panel, series: int) -> Panel:
    """Every n-th quiet and every n-th burst series, about `series` of each."""
    keep = np.sort(np.concatenate([_thinned(part, series) for part in (panel.quiet, panel.bursts)]))
    return Panel(
        series=tuple(panel.series[column] for column in keep),
        scenario=panel.scenario[keep],
        start=panel.start[keep],
        burst_start=panel.burst_start[keep],
        takeoff=panel.takeoff[keep],
        burst_end=panel.burst_end[keep],
        counts=panel.counts[:, keep],
        negative=panel.negative[:, keep],
    )


def forest(counts: Floats, start: Starts) -> Scores:
    """Scores at the end of every hour; 0 in between and before a tree is full."""
    hours = hourly(counts)[_HOUR - 1 :: _HOUR]
    scores = np.zeros(counts.shape, np.float32)
    for column, first in enumerate(start):
        found = _displacements(hours[first // _HOUR :, column], column)
        rows = (np.arange(len(found)) + first // _HOUR + 1) * _HOUR - 1
        scores[rows, column] = found
    return scores


def _displacements(series: Floats, seed: int) -> Floats:
    with warnings.catch_warnings():
        # The library imports pkg_resources, which warns that it will go.
        warnings.simplefilter("ignore")
        import rrcf  # type: ignore[import-untyped]
    random = np.random.RandomState(seed)
    trees = [rrcf.RCTree(random_state=random.randint(2**31)) for _ in range(_TREES)]
    found = np.zeros(len(series))
    for at in range(_SHINGLE - 1, len(series)):
        # Equal points share a leaf in the library; a hair's breadth keeps them apart.
        point = series[at - _SHINGLE + 1 : at + 1] + random.uniform(0, 1e-3, _SHINGLE)
        for tree in trees:
            if len(tree.leaves) >= _LEAVES:
                tree.forget_point(at - _LEAVES)
            tree.insert_point(point, index=at)
            if len(tree.leaves) >= _LEAVES:
                found[at] += tree.codisp(at) / _TREES
    # A lull is no burst, however odd it is.
    return np.where(series > 0, found, 0.0)


def _thinned(columns: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    return columns[:: max(1, -(-len(columns) // most))]

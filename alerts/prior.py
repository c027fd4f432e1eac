"""The prior rate learned over all cases a court watches.

A case that has just begun to be watched is believed to be like the others. How loud these usually
are differs between courts by a factor of ten; twenty imagined cases at the rate of the development
streams stand beside the real ones, so that a court with five cases isn't ruled by them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from alerts.surge_state import Floats
from alerts.tuning import Tuning

#: Five-minute buckets an hour, and those a case must have been seen for to be asked (a day).
_HOUR, _LEAST_SEEN = 12, 288
#: Outside these a median would rather be a mistake of the registry than a rate, posts an hour.
_LOWEST, _HIGHEST = 0.05, 5.0


def learned(tuning: Tuning, counts: Floats, covered: Floats, since: Sequence[int]) -> Tuning:
    """`tuning` with the median rate of the cases and the stand-ins as its prior.

    Args:
        counts, covered: distinct authors and share of the stream seen, (buckets, cases).
        since: row from which each case is watched.
    """
    if not tuning.stand_ins:
        return tuning
    watched = np.arange(len(counts))[:, None] >= np.asarray(since)[None, :]
    seen = (covered * watched).sum(axis=0)
    enough = seen >= _LEAST_SEEN
    rates = (counts * watched).sum(axis=0)[enough] * _HOUR / seen[enough]
    imagined = np.full(tuning.stand_ins, tuning.prior_rate)
    rate = float(np.median(np.concatenate((rates, imagined))))
    # Two digits: a prior that moved with every post would rewrite the past at every run.
    return replace(tuning, prior_rate=float(f"{min(max(rate, _LOWEST), _HIGHEST):.2g}"))

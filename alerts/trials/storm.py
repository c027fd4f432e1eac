"""All cases triple for three hours: a platform's event, not one case's.

Every post is said by three people instead of one, so that not only the rate triples but also every
clump: harder than posts added at random. What alerts on a quiet case from the beginning to an hour
after the end is spurious.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from alerts.trials.measure import Alerted
from alerts.trials.methods import Floats, Method
from alerts.trials.panel import Panel

_DAY, _HOUR, _LENGTH = 288, 12, 36
#: Where it happens: Tuesday of the third week at 10:00, Saturday at 20:00.
BEGINNINGS = (15 * _DAY + 10 * _HOUR, 19 * _DAY + 20 * _HOUR)


def together(method: Method, panel: Panel, thresholds: tuple[float, ...]) -> tuple[Alerted, ...]:
    """Share of quiet cases, over both beginnings, that alert at each threshold."""
    columns = panel.quiet
    if not columns.size:
        return tuple(Alerted(0, None) for _ in thresholds)
    highest = np.concatenate(list(_highest(method, panel)))
    return tuple(
        Alerted(int(highest.size), float((highest >= theta).mean())) for theta in thresholds
    )


def _highest(method: Method, panel: Panel) -> Iterator[Floats]:
    for begin in BEGINNINGS:
        end = begin + _LENGTH + _HOUR
        scores = method(tripled(panel.counts[:end], begin), panel.start)
        yield scores[begin:end, panel.quiet].max(axis=0).astype(float)


def tripled(counts: Floats, begin: int) -> Floats:
    """`counts` with three hours from bucket `begin` on three times as busy."""
    louder = counts.copy()
    louder[begin : begin + _LENGTH] *= 3
    return louder

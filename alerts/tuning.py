"""The figures of SURGE: as published (`REFERENCE`), and as used here (`LEVELLED`).

`LEVELLED` asks more of a case before it calls it a burst where false alarms are frequent, and less
where they are rare. From the score of every window it takes a **handicap** of the moment:

    busy · log10(rate) + day · L(6–30 h ago) + hours · L(1–7 h ago)

with L = log10((authors + 1) / (authors expected + 1)) over that stretch: how loud the case was just
before, against what it was believed to be. A case that has been louder than usual all day is not
taken for a burst in the evening; one that fell silent is heard sooner. Measured on the development
streams, every constant [D]; docs/decisions/0007-detection.md lists what was tried.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a detector believes beforehand and how it weighs.

    Attributes:
        windows: (buckets, bias): each window and what it is charged for being tried.
        least: fewer distinct authors than this in a window are never a burst.
        prior_weight: posts' worth of trust in the prior rate (the shape of its Gamma).
        prior_rate: posts an hour a new case is believed to have.
        stand_ins: imagined cases at `prior_rate` when the prior is learned over all cases
            (`alerts.prior`); 0: it stays as it is.
        fresh: short windows also learn from the rest of the hour just before them.
        busy, day, hours: weights of the handicap; rate in posts an hour.
        gain: expect more where all cases together rise (platform gain).
    """

    windows: tuple[tuple[int, float], ...]
    least: int = 6
    prior_weight: float = 1.0
    prior_rate: float = 0.3
    stand_ins: int = 0
    fresh: bool = False
    busy: float = 0.0
    day: float = 0.0
    hours: float = 0.0
    gain: bool = False


#: As in the method's paper trace: 15 min, 30 min, 1 h, 3 h, 6 h.
REFERENCE = Tuning(windows=((3, 0.6), (6, 0.48), (12, 0.36), (36, 0.24), (72, 0.12)))

#: The detector in use. 0.5 posts an hour is the median over the development streams' cases.
LEVELLED = Tuning(
    windows=((2, 0.8), (3, 0.4), (6, 0.6), (12, 0.3), (24, 0.5), (36, 0.5), (72, 0.5)),
    prior_weight=0.5,
    prior_rate=0.5,
    stand_ins=20,
    fresh=True,
    busy=0.7,
    day=1.5,
    hours=2.5,
    gain=True,
)

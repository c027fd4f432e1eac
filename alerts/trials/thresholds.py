"""Thresholds measured on the quiet series of the development streams.

Printed by ``courtpulse bench spikes`` over those streams, so that figures on other streams need no
file of theirs. The random cut forest reads a subsample and is compared only beside files.
"""

from __future__ import annotations

from collections.abc import Mapping

#: (method, with court-negative posts) → θ for 1 and for .1 false alarms per case and four weeks.
DEVELOPMENT: Mapping[tuple[str, bool], tuple[float, float]] = {
    ("surge_levelled", False): (2.673, 4.334),
    ("surge_levelled", True): (2.839, 4.394),
    ("surge", False): (3.069, 4.968),
    ("surge", True): (3.184, 5.045),
    ("holt_winters", False): (7.946, 19.98),
    ("holt_winters", True): (8.322, 21.777),
    ("farrington", False): (5.533, 12.639),
    ("farrington", True): (5.612, 12.639),
    ("moving_z", False): (7.833, 19.992),
    ("moving_z", True): (8.043, 20.334),
    ("ears_c2", False): (8.482, 20.001),
    ("ears_c2", True): (9.147, 20.001),
    ("spike_rule", False): (10.001, 16.001),
    ("spike_rule", True): (11.001, 16.001),
}

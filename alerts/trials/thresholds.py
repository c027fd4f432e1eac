"""Thresholds measured on the quiet series of the development streams.

Printed by ``courtpulse bench spikes`` over those streams, so that figures on other streams need
no file of theirs.
"""

from __future__ import annotations

from collections.abc import Mapping

#: (method, with court-negative posts) → θ for 1 and for .1 false alarms per case and four weeks.
DEVELOPMENT: Mapping[tuple[str, bool], tuple[float, float]] = {}

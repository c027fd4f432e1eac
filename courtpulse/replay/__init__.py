"""Recorded streams through the whole chain again, under a clock that follows the data.

    inputs → arrivals → ingest → inbox → annotate → index → detect → decide → notify (recorded)

Time is cut into ticks. At the end of a tick everything that arrived in it goes through the chain
as it would have live, with the clock standing at that end; ticks in which nothing could happen are
left out. The same input with the same options gives the same alerts, byte for byte, whatever the
speed, the size of segments, the process that goes on after a kill, or Python's hash seed.
"""

from courtpulse.replay.chain import Replayed, replay
from courtpulse.replay.plan import Plan

__all__ = ["Plan", "Replayed", "replay"]

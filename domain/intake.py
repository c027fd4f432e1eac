"""How the intake stands: room on the disk, what waits to be indexed, and whether it is held back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.sources import GapReason


@dataclass(frozen=True, slots=True)
class IntakeState:
    """One look at the intake.

    Attributes:
        free, least: bytes free on the disk of the data folder, and below which intake pauses.
        segments: segments of the inbox that wait; posts: about how many posts are in them, as the
            runs since counted their new ones.
        oldest_at: fetch time of the oldest post that waits; None when nothing waits.
        paused: why nothing is fetched now, None while something is.
        slowed: sources are asked at every second interval only.
        damaged: segments set aside because they can't be read.
    """

    at: datetime
    free: int
    least: int
    segments: int
    posts: int
    oldest_at: datetime | None
    paused: GapReason | None = None
    slowed: bool = False
    damaged: int = 0

    @property
    def minutes_behind(self) -> int:
        """Whole minutes for which the oldest waiting post has waited."""
        if self.oldest_at is None:
            return 0
        return max(0, int((self.at - self.oldest_at).total_seconds() // 60))

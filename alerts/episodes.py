"""From scores to episodes, and from episodes to alerts with a key that stays.

An episode opens when S ≥ θ and goes on while that recurs within six hours. Six hours are
counted in buckets that were seen: blindness neither ends an episode nor splits it. What a θ costs
and catches is measured in `alerts.budget`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from domain.alerts import Alert, Score
from domain.time import bucket_index, bucket_start

#: An episode ends when no bucket reached θ for this many seen buckets (6 h).
MERGE = 72

#: Seen buckets after the first up to the second.
Elapsed = Callable[[int, int], int]


def all_seen(earlier: int, later: int) -> int:
    """`Elapsed` of a case that was never blind."""
    return later - earlier


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of buckets, all times in bucket numbers.

    Attributes:
        first, last: first and last bucket with S ≥ θ.
        begin: first bucket of the window that made `first` hot; its posts belong to the episode.
        peak: bucket of the highest score; score, stream: that score and where it came from.
        concern: highest score of the court-negative stream; None when it never reached θ.
    """

    case_id: str
    first: int
    last: int
    begin: int
    peak: int
    score: Score
    stream: str
    concern: Score | None = None

    @property
    def key(self) -> str:
        """32 hex digits of a hash of case and first bucket: the id of the alert it raises."""
        return sha256(f"{self.case_id}\n{self.first}".encode()).hexdigest()[:32]

    @property
    def window(self) -> tuple[datetime, datetime]:
        """First instant of the episode, first instant after it, UTC."""
        return bucket_start(self.begin), bucket_start(self.last + 1)


@dataclass(frozen=True, slots=True)
class Hot:
    """One bucket at or above θ; `concern`: score of the court-negative stream if that is, too."""

    bucket: int
    score: Score
    stream: str
    concern: Score | None = None


def find(case_id: str, hot: Sequence[Hot], elapsed: Elapsed = all_seen) -> list[Episode]:
    """Episodes of one case, oldest first; `hot` in order of time."""
    episodes: list[Episode] = []
    start = 0
    for position in range(1, len(hot) + 1):
        if position < len(hot):
            before, now = hot[position - 1].bucket, hot[position].bucket
            if elapsed(before, now) <= MERGE:
                continue
        episodes.append(_episode(case_id, hot[start:position]))
        start = position
    return episodes


def _episode(case_id: str, run: Sequence[Hot]) -> Episode:
    opening, closing = run[0], run[-1]
    peak = max(run, key=lambda hot: (hot.score.value, -hot.bucket))
    return Episode(
        case_id=case_id,
        first=opening.bucket,
        last=closing.bucket,
        begin=opening.bucket - opening.score.window // 5 + 1,
        peak=peak.bucket,
        score=peak.score,
        stream=peak.stream,
        concern=max(
            (hot.concern for hot in run if hot.concern is not None),
            key=lambda score: score.value,
            default=None,
        ),
    )


def covers(alert: Alert, episode: Episode, elapsed: Elapsed = all_seen) -> bool:
    """Whether `alert` is about `episode`: they overlap, or it goes on within six hours.

    Late posts may move an episode's first bucket, or join two; the alert keeps its key. One that
    relapsed is about all episodes since its first.
    """
    begun = bucket_index(alert.began_at or alert.why.window_start)
    last = bucket_index(alert.last_bucket_at)
    return begun <= episode.last and (
        episode.first <= last or elapsed(last, episode.first) <= MERGE
    )

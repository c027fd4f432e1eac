"""What was back-filled after an outage goes into counts and baseline, but raises nothing by itself.

An alert says "now". A burst that lies in hours which nobody could see until they were fetched
afterwards is told by the record (it is found over, and kept as a closed alert), not by an alarm. So
an episode may be raised, or taken up again, only if it has two legs: it is hot with everything that
is known, back-filled posts included, and a bucket in it or after it is hot if what was back-filled
within the last day had stayed missing. Because of the first no alert is added that an undisturbed
run would not have; because of the second what was seen live is a burst by itself. A burst that
began inside the outage and still runs is therefore raised by the live buckets after it.

Asking for both in the same bucket was tried: the hours of the burst that were back-filled then hide
the rest of it as its own baseline, and a fifth fewer of such bursts is found (`bench.backfill`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.episodes import MERGE, Episode, Hot
from domain.sources import Gap, GapReason
from domain.time import SHANGHAI, bucket_index, bucket_start
from records import Records
from records.lateness import backfilled, joined

#: Buckets before now (a day) within which back-filled ones count as missing for the second look.
HORIZON = 288
#: Begins the line of an alert that says that part of its episode was back-filled.
SIGN = "补采："

#: Hot buckets of all cases, with some stretches taken as missing.
Rescore = Callable[[Sequence[Gap]], Mapping[str, Sequence[Hot]]]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an episode rests on.

    Attributes:
        live: a bucket of it or after it is hot without what was back-filled.
        words: a line for the alert; "" when nothing of it was back-filled.
    """

    live: bool = True
    words: str = ""


class LiveEvidence:
    """Tells what episodes rest on; scores a second time only when something was back-filled.

    Args:
        rescore: finds hot buckets with stretches missing.
    """

    def __init__(self, records: Records, now: datetime, rescore: Rescore) -> None:
        self._records, self._bucket = records, bucket_index(now)
        self._rescore = rescore
        self._without: dict[int, Mapping[str, Sequence[Hot]]] = {}
        self._late: dict[int, list[Gap]] = {}

    def of(self, episode: Episode, after: int = -1) -> Standing:
        """What `episode` rests on, in buckets later than `after`."""
        since = min(self._bucket - HORIZON, episode.last - MERGE)
        late = self._late_since(since)
        start, end = bucket_start(max(episode.begin, since)), bucket_start(episode.last + 1)
        within = [gap for gap in late if gap.start < end and (gap.end or end) > start]
        if not within:
            return Standing()
        if since not in self._without:
            self._without[since] = self._rescore(late)
        first = max(episode.first, after + 1)
        live = any(hot.bucket >= first for hot in self._without[since][episode.case_id])
        return Standing(live, _words(within, start, end))

    def _late_since(self, since: int) -> list[Gap]:
        if since not in self._late:
            found = backfilled(self._records, bucket_start(since))
            seeds = self._records.ledger.seeds()
            self._late[since] = [
                Gap(source, start, end, GapReason.NOT_RUN, "事后补采")
                for source, stretches in sorted(found.items())
                if source not in seeds
                for start, end in stretches
            ]
        return self._late[since]


def kept_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines of an alert that say what was back-filled when it was raised."""
    return tuple(line for line in lines if line.startswith(SIGN))


def _words(gaps: Sequence[Gap], start: datetime, end: datetime) -> str:
    stretches = joined((max(gap.start, start), min(gap.end or end, end)) for gap in gaps)
    times = "、".join(
        f"{begin.astimezone(SHANGHAI):%m-%d %H:%M}—{until.astimezone(SHANGHAI):%H:%M}"
        for begin, until in stretches
    )
    return f"{SIGN}{times} 的帖文为中断后补采，计入数量和基线；本次提醒依据其后实时采到的帖文"

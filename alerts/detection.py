"""One run of detection: rebuild the detectors from the index, find episodes, keep the alerts true.

Nothing is carried from run to run but the alerts themselves. Late posts, edits, deletions and gaps
therefore change the past as they should, and a run killed anywhere is made good by the next.

History is 28 days, from a midnight in Asia/Shanghai so that it doesn't move with every run. Where
it cuts a case's past off, the first seven days only warm the detector up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter

import numpy as np

from alerts.backfill import LiveEvidence
from alerts.blindness import missing
from alerts.episodes import Hot, find
from alerts.keeper import Keeper, Tally
from alerts.policy.settings import PolicySettings, default_policy
from alerts.policy.thresholds import thresholds
from alerts.prior import learned
from alerts.streams import Floats, Streams, read_streams
from alerts.surge import Scores, Surge
from alerts.tuning import LEVELLED, Tuning
from alerts.why import Reasons
from domain.alerts import Alert, Score
from domain.cases import Case
from domain.policy import ThresholdStep
from domain.protocols import NarrativeFinder, QuestionMatcher, Store, TermFinder
from domain.sources import Gap
from domain.time import BUCKET, SHANGHAI, Clock, bucket_index, bucket_start, system_clock
from records import Records
from records.coverage import post_statuses

#: How much past the detectors learn from: four half-lives of the rate.
HISTORY = timedelta(days=28)
#: Episodes this near to where history was cut off are not new; they were seen when they were.
WARM_UP = timedelta(days=7)
#: What is scored: all posts of a case, and those negative toward the court.
STREAMS = ("all", "court_negative")


@dataclass(frozen=True, slots=True)
class DetectionReport:
    """What a run did.

    Attributes:
        cases, buckets: watched cases, and five-minute buckets scored for each.
        raised, grew, closed: alerts that began, changed noticeably, ended.
        backfilled: episodes that were over when first seen; nobody is notified of them.
        held: episodes not raised, because they rest on back-filled posts alone (`alerts.backfill`).
    """

    cases: int
    buckets: int
    raised: int
    grew: int
    closed: int
    backfilled: int
    seconds: float
    held: int = 0


class Detection:
    """Finds bursts over the index and keeps alerts in the records.

    Args:
        theta: threshold of S by the budget; what courts' decisions add to it comes on top.
        history: how far back the detectors learn.
        policy: level table, flags, relapses and bounds of thresholds.
        topics: topic id → name, for the words of events.
        questions: finds what people ask; without it an alert names no focus questions.
        narratives: finds what people tell; without it an alert names no narratives.
    """

    def __init__(
        self,
        store: Store,
        records: Records,
        terms: TermFinder,
        clock: Clock = system_clock,
        *,
        theta: float,
        history: timedelta = HISTORY,
        topics: Mapping[str, str] | None = None,
        policy: PolicySettings | None = None,
        questions: QuestionMatcher | None = None,
        narratives: NarrativeFinder | None = None,
    ) -> None:
        self._store, self._records, self._clock = store, records, clock
        self._theta, self._history = theta, history
        self._topics = topics or {}
        self._policy = policy or default_policy()
        self._reasons = Reasons(store, records, terms, self._policy.flags, questions, narratives)

    def run(self) -> DetectionReport:
        """Score everything and bring the alerts up to date.

        Raises:
            StoreFailure: the index or the records don't answer; nothing is lost, run again.
        """
        started, now = perf_counter(), self._clock()
        cases = {case.id: case for case in self._records.cases.all()}
        first, last = history_start(now, self._history), bucket_index(now)
        tally = Tally()
        if cases:
            streams = read_history(self._store, self._records, tuple(cases), first, last)
            tally = self._keep(now, cases, streams)
        keeper = self._keeper(now, tally)
        for alert in self._records.alerts.open():
            if alert.case_id not in cases:
                keeper.close_unwatched(alert)
        return DetectionReport(
            cases=len(cases),
            buckets=last + 1 - first if cases else 0,
            raised=tally.raised,
            grew=tally.grew,
            closed=tally.closed,
            backfilled=tally.backfilled,
            seconds=perf_counter() - started,
            held=tally.held,
        )

    def _keeper(self, now: datetime, tally: Tally, evidence: LiveEvidence | None = None) -> Keeper:
        keeper = Keeper(
            self._records, self._reasons, self._topics, now, self._policy, evidence=evidence
        )
        keeper.tally = tally
        return keeper

    def _keep(self, now: datetime, cases: Mapping[str, Case], streams: Streams) -> Tally:
        since = {
            case.id: max(streams.first, bucket_index(case.watched_since)) for case in cases.values()
        }
        theta = self._thresholds(cases, streams)
        hot = hot_buckets(streams, since, theta)

        def rescore(late: Sequence[Gap]) -> dict[str, list[Hot]]:
            last = streams.first + len(streams.everything) - 1
            args = tuple(cases), streams.first, last
            return hot_buckets(
                read_history(self._store, self._records, *args, also=late), since, theta
            )

        keeper = self._keeper(now, Tally(), LiveEvidence(self._records, now, rescore))
        known = self._known(bucket_start(streams.first))
        trusted = streams.first + WARM_UP // BUCKET
        for case_id, case in cases.items():
            elapsed = partial(streams.seen_between, case_id)
            oldest = trusted if since[case_id] == streams.first else streams.first
            found = find(case_id, hot[case_id], elapsed)
            episodes = [episode for episode in found if episode.last >= oldest]
            keeper.keep(case, episodes, known[case_id], elapsed)
        return keeper.tally

    def _thresholds(self, cases: Mapping[str, Case], streams: Streams) -> Floats:
        """θ by bucket and case: the budget's, and what people's decisions made of it since."""
        steps: defaultdict[str, list[ThresholdStep]] = defaultdict(list)
        for step in self._records.steps.all():
            steps[step.court].append(step)
        courts = [cases[case].court for case in streams.cases]
        rules, buckets = self._policy.feedback, len(streams.everything)
        return thresholds(self._theta, courts, steps, rules, streams.first, buckets)

    def _known(self, since: datetime) -> defaultdict[str, list[Alert]]:
        """Alerts by case: all that touch history, and whatever is still open."""
        alerts = self._records.alerts
        found = {alert.id: alert for alert in alerts.between(since, self._clock() + BUCKET)}
        found.update((alert.id, alert) for alert in alerts.open())
        known: defaultdict[str, list[Alert]] = defaultdict(list)
        for alert in found.values():
            known[alert.case_id].append(alert)
        return known


def read_history(
    store: Store,
    records: Records,
    cases: tuple[str, ...],
    first: int,
    last: int,
    also: Sequence[Gap] = (),
) -> Streams:
    """Counts of `cases` in buckets `first` … `last`, with all that is known of blindness.

    Args:
        also: taken as missing, too.
    """
    gaps = [*missing(records, bucket_start(first), bucket_start(last + 1)), *also]
    declared = {status.source: status.sample_rate for status in post_statuses(records)}
    return read_streams(store, cases, list(declared), gaps, first, last, declared)


def history_start(now: datetime, history: timedelta) -> int:
    """First bucket of the midnight in Asia/Shanghai that lies at least `history` before `now`."""
    day = (now - history).astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return bucket_index(day)


def hot_buckets(
    streams: Streams,
    since: Mapping[str, int],
    theta: float | Floats,
    tuning: Tuning = LEVELLED,
) -> dict[str, list[Hot]]:
    """Buckets with S ≥ θ per case; S is the higher of both streams, "all" where they are equal.

    Args:
        theta: one for all, or (buckets, cases) like the streams.

    The streams share nothing; one detector over both only saves half of the steps.
    """
    cases = len(streams.cases)
    begin = min(since.values())
    skipped = begin - streams.first
    rows = [max(0, since[case] - streams.first) for case in streams.cases]
    surge = Surge(learned(tuning, streams.everything, streams.covered, rows))
    for group, name in enumerate(STREAMS):
        surge.watch_all({f"{name}:{case}": since[case] for case in streams.cases}, group)
    counts = np.concatenate((streams.everything, streams.negative), axis=1)[skipped:]
    covered = np.concatenate((streams.covered, streams.covered), axis=1)[skipped:]
    scores = surge.replay(begin, counts, covered)
    best = np.maximum(scores.value[:, :cases], scores.value[:, cases:])
    needed = np.broadcast_to(theta, streams.everything.shape)[skipped:]
    hot: dict[str, list[Hot]] = {case: [] for case in streams.cases}
    for row, column in np.argwhere(best >= needed).tolist():
        negative = float(scores.value[row, column + cases])
        critical = negative > scores.value[row, column]
        concern = _score(scores, row, column + cases) if negative >= needed[row, column] else None
        score = concern if critical and concern else _score(scores, row, column)
        hot[streams.cases[column]].append(Hot(begin + row, score, STREAMS[int(critical)], concern))
    return hot


def _score(scores: Scores, row: int, column: int) -> Score:
    """Rounded, because the last digits differ between machines and would be written anew."""
    return Score(
        round(float(scores.value[row, column]), 6),
        int(scores.window[row, column]),
        int(scores.observed[row, column]),
        round(float(scores.expected[row, column]), 6),
    )

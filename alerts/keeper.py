"""Keeps the alerts of the records true to the episodes found: raise, relapse, grow, close.

Every write is one transaction and is the same when written again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.backfill import LiveEvidence, Standing, kept_lines
from alerts.episodes import MERGE, Elapsed, Episode, covers
from alerts.growth import growth, opening
from alerts.levels import propose, rank
from alerts.policy.settings import PolicySettings, default_policy
from alerts.why import Findings, Reasons
from domain.alerts import Alert, AlertState, Why
from domain.cases import Case
from domain.time import bucket_index, bucket_start
from records import Records
from records.transitions import closed_by_person


@dataclass(slots=True)
class Tally:
    """How many alerts a run raised (relapses among them), let grow, closed, or found over.

    `held` episodes rest on back-filled posts alone and are not raised.
    """

    raised: int = 0
    grew: int = 0
    closed: int = 0
    backfilled: int = 0
    relapsed: int = 0
    held: int = 0


class Keeper:
    """Reconciles episodes with alerts, case by case, at one instant.

    Args:
        topics: topic id → name, for the words of events.
        evidence: tells what was seen live; without it everything was.
    """

    def __init__(
        self,
        records: Records,
        reasons: Reasons,
        topics: Mapping[str, str],
        now: datetime,
        policy: PolicySettings | None = None,
        evidence: LiveEvidence | None = None,
    ) -> None:
        self._evidence = evidence
        self._alerts, self._reasons, self._topics = records.alerts, reasons, topics
        self._policy = policy or default_policy()
        self._now, self._bucket = now, bucket_index(now)
        self.tally = Tally()

    def keep(
        self, case: Case, episodes: Sequence[Episode], alerts: Sequence[Alert], elapsed: Elapsed
    ) -> None:
        """Make `alerts`, all of the case within history, agree with its `episodes`."""
        followed: dict[str, Episode] = {}
        merged: defaultdict[str, list[Alert]] = defaultdict(list)
        for episode in episodes:
            about = [alert for alert in alerts if covers(alert, episode, elapsed)]
            if not about:
                self._rise(case, episode, alerts, elapsed)
                continue
            eldest = min(about, key=lambda alert: (alert.detected_at, alert.id))
            followed[eldest.id] = episode
            merged[eldest.id] += [alert for alert in about if alert is not eldest]
        swallowed = {alert.id for others in merged.values() for alert in others}
        for alert in alerts:
            if alert.id in followed and alert.id not in swallowed:
                self._follow(case, alert, followed[alert.id], elapsed)
            elif alert.closed_at is None and alert.id in swallowed:
                self._close(alert, "并入同一案件较早的预警")
            elif alert.closed_at is None and not self._live(alert, elapsed):
                self._close(alert, "六小时内未再达到阈值")

    def close_unwatched(self, alert: Alert) -> None:
        """Close an alert whose case is no longer watched, once six hours have passed."""
        if self._bucket - bucket_index(alert.last_bucket_at) > MERGE:
            self._close(alert, "案件已不再关注")

    def _rise(
        self, case: Case, episode: Episode, alerts: Sequence[Alert], elapsed: Elapsed
    ) -> None:
        """A new episode: a relapse of an alert closed lately, or a new alert."""
        over = elapsed(episode.last, self._bucket) > MERGE
        standing = self._standing(episode)
        if not over and not standing.live:
            self.tally.held += 1
            return
        earlier = None if over else self._closed_lately(episode, alerts)
        findings = self._reasons.find(case, episode, earlier.id if earlier else "")
        proposal = propose(findings.facts, self._policy.levels)
        said = () if over else tuple(filter(None, (standing.words,)))
        fresh = Alert(
            id=earlier.id if earlier else episode.key,
            case_id=case.id,
            state=AlertState.CLOSED if over else AlertState.PROPOSED,
            level=proposal.level,
            first_published_at=findings.first_published_at,
            detected_at=self._now,
            last_bucket_at=bucket_start(episode.last),
            why=replace(findings.why, level_lines=(*proposal.lines, *said)),
            closed_at=self._now if over else None,
        )
        words = "；".join((opening(fresh.level, fresh.why, self._topics), *said))
        if earlier is not None:
            number = earlier.relapses + 1
            reopened = self._alerts.relapse(fresh, f"第 {number} 次复燃；{words}")
            self.tally.relapsed += reopened.relapses == number
            self.tally.raised += reopened.relapses == number
        elif self._alerts.add(fresh, "found_in_backfill" if over else "raised", words):
            self.tally.backfilled += over
            self.tally.raised += not over

    def _closed_lately(self, episode: Episode, alerts: Sequence[Alert]) -> Alert | None:
        """The alert of the case that closed last, if that was at most so many days before.

        A dismissed one doesn't come back: a person said that it was none.
        """
        begin, days = bucket_start(episode.first), timedelta(days=self._policy.relapse_days)
        closed = [
            alert
            for alert in alerts
            if alert.state is AlertState.CLOSED
            and alert.closed_at is not None
            and alert.last_bucket_at < begin
            and begin - alert.closed_at <= days
        ]
        return max(closed, key=lambda alert: (alert.last_bucket_at, alert.id), default=None)

    def _follow(self, case: Case, alert: Alert, episode: Episode, elapsed: Elapsed) -> None:
        """Bring an alert up to date; a closed one only when its episode turns out to last."""
        if alert.closed_at is not None:
            longer = episode.last > bucket_index(alert.last_bucket_at)
            over = elapsed(episode.last, self._bucket) > MERGE
            if over or not longer or closed_by_person(alert):
                return
            if not self._standing(episode, bucket_index(alert.last_bucket_at)).live:
                self.tally.held += 1
                return
            alert = self._alerts.resume(alert.id, "迟到的帖文表明本轮尚未结束")
            self.tally.grew += 1
        fresh = self._updated(alert, episode, self._reasons.find(case, episode, alert.id))
        if fresh != alert:
            said = [event.detail for event in self._alerts.history(alert.id)]
            news = growth(alert, fresh, said, self._topics)
            self._alerts.refresh(fresh, news)
            self.tally.grew += bool(news)
        if not self._live(fresh, elapsed):
            self._close(fresh, "六小时内未再达到阈值")

    def _updated(self, alert: Alert, episode: Episode, findings: Findings) -> Alert:
        """The alert as of now. Its proposed level never falls while it is open.

        A share hovering about its line would otherwise raise and lower it all day. It falls only
        when a person takes a fact away: says that it isn't so, or withdraws that it is.
        """
        proposal = propose(findings.facts, self._policy.levels)
        lower = rank(proposal.level) < rank(alert.level)
        held = lower and not _taken_away(alert.why, findings.why)
        return replace(
            alert,
            level=alert.level if held else proposal.level,
            first_published_at=findings.first_published_at,
            last_bucket_at=bucket_start(episode.last),
            why=replace(
                findings.why,
                level_lines=alert.why.level_lines
                if held
                else (*proposal.lines, *kept_lines(alert.why.level_lines)),
            ),
        )

    def _standing(self, episode: Episode, after: int = -1) -> Standing:
        return self._evidence.of(episode, after) if self._evidence else Standing()

    def _live(self, alert: Alert, elapsed: Elapsed) -> bool:
        return elapsed(bucket_index(alert.last_bucket_at), self._bucket) <= MERGE

    def _close(self, alert: Alert, detail: str) -> None:
        self._alerts.expire(alert.id, detail)
        self.tally.closed += 1


def _taken_away(before: Why, now: Why) -> bool:
    """Whether a person's yes to a fact is gone, or their no is new."""
    was = {flag.fact: flag.confirmed for flag in before.flags}
    return any(
        (flag.confirmed is not True and was.get(flag.fact) is True)
        or (flag.confirmed is False and was.get(flag.fact) is not False)
        for flag in now.flags
    )

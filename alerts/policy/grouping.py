"""What belongs together: alerts of one case, of one event, of one court; and court-wide events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.levels import rank
from alerts.policy.situation import Peer, Situation
from domain.alerts import Alert


@dataclass(frozen=True, slots=True)
class CourtEvent:
    """A court-wide event as one alert sees it.

    Attributes:
        leader: the alert that is told of for all; None when it is the one that looks.
        rank: of the leader's level.
        words: which cases, in Chinese.
    """

    leader: Peer | None
    rank: int
    words: str


def court_event(situation: Situation) -> CourtEvent | None:
    """The court-wide event this alert is part of, if any.

    So many cases of one court (`mute.court_event`) that came up within so many hours are one event.
    The highest leads, of equals the first: that doesn't change when more cases join at its level.
    """
    rules = situation.settings.mute.court_event
    span = timedelta(hours=rules.hours)
    own = Peer(situation.alert, situation.case)
    near = [
        peer
        for peer in (own, *situation.peers)
        if peer.case.court == situation.case.court
        and abs(peer.alert.raised_at - situation.alert.raised_at) <= span
    ]
    cases = {peer.case.id: peer.case.title for peer in near}
    if len(cases) < rules.cases:
        return None
    leader = min(near, key=lambda peer: (-_rank(peer.alert), peer.alert.raised_at, peer.alert.id))
    words = (
        f"{situation.case.court} {rules.hours:g} 小时内 {len(cases)} 个案件预警"
        f"（{'、'.join(sorted(cases.values()))}）"
    )
    return CourtEvent(None if leader is own else leader, _rank(leader.alert), words)


def events(peers: Sequence[Peer]) -> dict[str, list[Peer]]:
    """Alerts by event: those that show one and the same post among their evidence.

    A post linked to several cases is what makes two cases one event. The key is the id of the
    alert of a group that came up first.
    """
    by_post: defaultdict[str, list[int]] = defaultdict(list)
    for place, peer in enumerate(peers):
        for evidence in peer.alert.why.evidence:
            by_post[evidence.post_id].append(place)
    root = list(range(len(peers)))

    def find(place: int) -> int:
        while root[place] != place:
            place = root[place]
        return place

    for places in by_post.values():
        for place in places[1:]:
            root[find(place)] = find(places[0])
    grouped: defaultdict[int, list[Peer]] = defaultdict(list)
    for place, peer in enumerate(peers):
        grouped[find(place)].append(peer)
    found = {}
    for members in grouped.values():
        members.sort(key=lambda peer: (peer.alert.raised_at, peer.alert.id))
        found[members[0].alert.id] = members
    return found


def _rank(alert: Alert) -> int:
    return max(rank(alert.level), rank(alert.confirmed_level or alert.level))

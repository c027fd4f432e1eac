"""What belongs together: alerts of one case, of one event, of one court; and court-wide events."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.levels import rank
from alerts.policy.settings import CourtEvent as Rules
from alerts.policy.situation import Peer, Situation


@dataclass(frozen=True, slots=True)
class CourtEvent:
    """A court-wide event; every alert of it sees the same one.

    Attributes:
        leader: the alert that is told of for all; None when each is muted for itself.
        cases: ids of its cases, sorted.
        words: which cases, in Chinese.
    """

    leader: Peer | None
    cases: tuple[str, ...]
    words: str


def court_event(situation: Situation, muted: Callable[[Situation], bool]) -> CourtEvent | None:
    """The court-wide event this alert is part of, if any.

    So many cases of one court (`mute.court_event`) that came up within so many hours are one event,
    and so are such events that share an alert. The highest leads, of equals the first: that doesn't
    change when more cases join at its level. Whatever is `muted` for itself doesn't lead, for
    nobody would be told.
    """
    own = Peer(situation.alert, situation.case, situation.trail)
    court = [own, *(peer for peer in situation.peers if peer.case.court == own.case.court)]
    near = _together(court, own, situation.settings.mute.court_event)
    if not near:
        return None
    ranked = sorted(near, key=lambda peer: (-_rank(peer), peer.alert.raised_at, peer.alert.id))
    leader = next((peer for peer in ranked if not muted(_seen_from(situation, peer))), None)
    titles = {peer.case.id: peer.case.title for peer in near}
    words = f"全院事件：{own.case.court} {len(titles)} 个案件相继预警（{'、'.join(sorted(titles.values()))}）"
    return CourtEvent(leader, tuple(sorted(titles)), words)


def _together(court: Sequence[Peer], own: Peer, rules: Rules) -> list[Peer]:
    """The alerts of the event that `own` is in, whichever of them looks; empty when it is in none."""
    span = timedelta(hours=rules.hours)
    ordered = sorted(court, key=lambda peer: (peer.alert.raised_at, peer.alert.id))
    moments = [peer.alert.raised_at for peer in ordered]
    cases = [peer.case.id for peer in ordered]
    stretches: list[tuple[int, int]] = []
    for start, moment in enumerate(moments):
        end = bisect_right(moments, moment + span)
        if len(set(cases[start:end])) < rules.cases:
            continue
        if stretches and start < stretches[-1][1]:
            start, _ = stretches.pop()
        stretches.append((start, end))
    place = next(n for n, peer in enumerate(ordered) if peer is own)
    return next((ordered[start:end] for start, end in stretches if start <= place < end), [])


def _seen_from(situation: Situation, peer: Peer) -> Situation:
    """The situation of a peer of the same court, at the same instant."""
    return replace(situation, alert=peer.alert, case=peer.case, trail=peer.trail)


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


def _rank(peer: Peer) -> int:
    return rank(peer.alert.standing_level)

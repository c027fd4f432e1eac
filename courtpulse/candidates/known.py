"""What a run found against what was proposed before: the same matter stays one candidate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from courtpulse.candidates.rule import Found, Sighting, together
from domain.candidates import Candidate, CandidateState

#: A refused candidate comes back when it has so many times the posts it was refused with [D].
GROWN = 2.0
#: An open one that no longer trends fades after so long [D].
FADES = timedelta(days=3)
_STRONG = ("number:", "name:", "tag:")


@dataclass(frozen=True, slots=True)
class CandidateReport:
    """What a run did.

    Attributes:
        read, unread: posts of the window that were, and for their number were not, read.
        found: matters, each of one group or several.
        opened: new ones; returned: refused or faded ones that are open again.
    """

    read: int
    unread: int
    found: int
    opened: int
    returned: int
    faded: int


def keys_of(group: Found) -> tuple[str, ...]:
    """The anchors of a group as a candidate keeps them."""
    return tuple(anchor.key for anchor in group.anchors)


def id_of(group: Found) -> str:
    """The id of the candidate that a group nobody knows becomes."""
    return "k" + sha256(group.anchors[0].key.encode()).hexdigest()[:11]


def matched(
    found: Sequence[Found], known: Sequence[Candidate], window: Sequence[Sighting]
) -> list[tuple[Found, Candidate | None]]:
    """Each group with the known candidate it is about; groups about the same one become one.

    The rule parts posts of a day that share too little, such as what is said of the hearing and
    of the ruling; a candidate that joined them before tells that they are one matter.
    """
    about: dict[str, tuple[Candidate | None, list[Found]]] = {}
    for group in found:
        one = _same(set(keys_of(group)), id_of(group), known)
        about.setdefault(one.id if one else id_of(group), (one, []))[1].append(group)
    return [
        (groups[0] if len(groups) == 1 else together(groups, window), one)
        for one, groups in about.values()
    ]


def reconcile(
    made: Sequence[tuple[Candidate, Candidate | None]], known: Sequence[Candidate], now: datetime
) -> tuple[list[Candidate], CandidateReport]:
    """What is to be written: new ones, grown ones, faded ones. People's decisions stand.

    Args:
        made: what a run found, each with the known one it is about; known: open ones among them.
    """
    changed: list[Candidate] = []
    opened = returned = faded = 0
    for fresh, earlier in made:
        if earlier is None:
            changed.append(fresh)
            opened += 1
            continue
        if earlier.state in (CandidateState.ACCEPTED, CandidateState.MERGED):
            continue
        if earlier.state is CandidateState.REFUSED:
            if fresh.evidence.posts < GROWN * earlier.refused_at_posts:
                continue
            returned += 1
        returned += earlier.state is CandidateState.FADED
        again = replace(
            earlier, state=CandidateState.OPEN, suggestion=fresh.suggestion,
            evidence=fresh.evidence, updated_at=now,
        )  # fmt: skip
        if replace(again, updated_at=earlier.updated_at) != earlier:
            changed.append(again)
    met = {earlier.id for _, earlier in made if earlier}
    for one in known:
        over = one.state is CandidateState.OPEN and one.evidence.until <= now - FADES
        if over and one.id not in met:
            changed.append(replace(one, state=CandidateState.FADED, updated_at=now))
            faded += 1
    return changed, CandidateReport(0, 0, len(made), opened, returned, faded)


def _same(mine: set[str], own_id: str, known: Iterable[Candidate]) -> Candidate | None:
    """The known candidate with the most anchors in common; one strong anchor or two pairs suffice."""
    best: tuple[int, str] | None = None
    found: Candidate | None = None
    for one in known:
        shared = mine & set(one.evidence.anchors)
        weight = sum(2 if key.startswith(_STRONG) else 1 for key in shared)
        if weight >= 2 or one.id == own_id:
            rank = (-weight, one.id)
            if best is None or rank < best:
                best, found = rank, one
    return found

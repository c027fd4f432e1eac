"""A run: unlinked court posts of a day against the fortnight before, and what is known already."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import structlog

from courtpulse.candidates.features import FeatureReader
from courtpulse.candidates.rule import RULE, Found, Rule, Sighting, find
from courtpulse.candidates.suggestion import suggest
from courtpulse.candidates.voices import voices
from domain.candidates import Candidate, CandidateState, Evidence
from domain.posts import Post
from domain.protocols import Query
from domain.time import bucket_index, bucket_start
from text.quoting import compared

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms

log = structlog.get_logger()

#: Posts of so long are looked at, against the posts of so long before [D].
WINDOW, PAST = timedelta(hours=24), timedelta(days=14)
#: Newest posts of the window that are read; the report says how many were not.
MOST = 20_000
#: A refused candidate comes back when it has so many times the posts it was refused with [D].
GROWN = 2.0
#: An open one that no longer trends fades after so long [D].
FADES = timedelta(days=3)
_PAGE, _EXAMPLES, _ANCHORS = 500, 8, 12
#: A cluster knows times to the millisecond.
_TICK = timedelta(milliseconds=1)
_STRONG = ("number:", "name:", "tag:")


@dataclass(frozen=True, slots=True)
class CandidateReport:
    """What a run did.

    Attributes:
        read, unread: posts of the window that were, and for their number were not, read.
        opened: new ones; returned: refused or faded ones that are open again.
    """

    read: int
    unread: int
    found: int
    opened: int
    returned: int
    faded: int


def find_candidates(rooms: Rooms, rule: Rule = RULE) -> CandidateReport:
    """Find candidates and bring the records up to date; the same posts again change nothing.

    Raises:
        StoreFailure: the index or the records don't answer; run again.
    """
    now = rooms.clock()
    until = bucket_start(bucket_index(now) + 1)
    since = until - WINDOW
    posts, total = _window(rooms, since, until)
    window = _sightings(rooms, posts)
    before = Query(linked=False, relevant=True, since=since - PAST, until=since)

    def past(phrases: Sequence[str]) -> int:
        words = " ".join(f'"{phrase}"' for phrase in phrases)
        return rooms.store.total(replace(before, text=words))

    found = find(window, past, rooms.store.total(before), rule)
    known = rooms.records.candidates.all()
    made = _made(found, window, rooms, since, until)
    changed, report = reconcile(made, known, now)
    rooms.records.candidates.put(changed, known)
    report = replace(report, read=len(posts), unread=total - len(posts), found=len(found))
    log.info("candidates", found=report.found, opened=report.opened, returned=report.returned)
    return report


def reconcile(
    made: Sequence[Candidate], known: Sequence[Candidate], now: datetime
) -> tuple[list[Candidate], CandidateReport]:
    """What is to be written: new ones, grown ones, faded ones. People's decisions stand."""
    free = {one.id: one for one in known}
    changed: list[Candidate] = []
    opened = returned = faded = 0
    met: set[str] = set()
    for fresh in made:
        earlier = _same(fresh, free.values())
        if earlier is None:
            changed.append(fresh)
            opened += 1
            continue
        del free[earlier.id]
        met.add(earlier.id)
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
    for one in known:
        over = one.state is CandidateState.OPEN and one.evidence.until <= now - FADES
        if over and one.id not in met:
            changed.append(replace(one, state=CandidateState.FADED, updated_at=now))
            faded += 1
    return changed, CandidateReport(0, 0, len(made), opened, returned, faded)


def _same(fresh: Candidate, known: Iterable[Candidate]) -> Candidate | None:
    """The known candidate with the most anchors in common; one strong anchor or two pairs suffice."""
    best: tuple[int, str] | None = None
    found: Candidate | None = None
    mine = set(fresh.evidence.anchors)
    for one in known:
        shared = mine & set(one.evidence.anchors)
        weight = sum(2 if key.startswith(_STRONG) else 1 for key in shared)
        if weight >= 2 or one.id == fresh.id:
            rank = (-weight, one.id)
            if best is None or rank < best:
                best, found = rank, one
    return found


def _made(
    found: Sequence[Found],
    window: Sequence[Sighting],
    rooms: Rooms,
    since: datetime,
    until: datetime,
) -> list[Candidate]:
    made = []
    for group in found:
        suggestion, words = suggest(group, window, rooms.terms)
        strongest = max(group.anchors, key=lambda anchor: anchor.score)
        anchors = tuple(anchor.key for anchor in group.anchors)
        evidence = Evidence(
            anchors=anchors[:_ANCHORS],
            since=since,
            until=until,
            posts=len(group.posts),
            distinct=len(group.distinct),
            authors=group.voices,
            sources=dict(sorted(group.sources.items())),
            past=strongest.past,
            expected=round(strongest.expected, 2),
            score=round(strongest.score, 2),
            terms=words[:10],
            post_ids=tuple(window[place].post_id for place in group.distinct[:_EXAMPLES]),
        )
        made.append(
            Candidate(
                id="k" + sha256(anchors[0].encode()).hexdigest()[:11],
                state=CandidateState.OPEN,
                suggestion=suggestion,
                evidence=evidence,
                first_at=until,
                updated_at=until,
            )
        )
    return made


def _window(rooms: Rooms, since: datetime, until: datetime) -> tuple[list[Post], int]:
    posts: dict[str, Post] = {}
    total: int | None = None
    edge, offset = until, 0
    while len(posts) < MOST:
        query = Query(linked=False, relevant=True, since=since, until=edge)
        page = rooms.store.search(query, limit=_PAGE, offset=offset)
        total = page.total if total is None else total
        if not page.posts:
            break
        posts.update((item.post.id, item.post) for item in page.posts)
        # On by time, because a cluster pages through 10,000 posts at most. What was published at
        # the page's last instant is asked for again: it may go on behind the page.
        oldest = page.posts[-1].post.published_at
        after = oldest.replace(microsecond=oldest.microsecond // 1000 * 1000) + _TICK
        edge, offset = (after, 0) if after < edge else (edge, offset + len(page.posts))
    return sorted(posts.values(), key=lambda post: (post.published_at, post.id)), total or 0


def _sightings(rooms: Rooms, posts: Sequence[Post]) -> list[Sighting]:
    reader, heard = FeatureReader(rooms.terms), voices(rooms.inbox, posts)
    return [
        Sighting(
            post.id, post.full_text, compared(post), post.published_at, post.source,
            heard[post.id], reader.read(post.full_text),
        )
        for post in posts
    ]  # fmt: skip

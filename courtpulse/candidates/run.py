"""A run: unlinked court posts of a day against the fortnight before, and what is known already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from courtpulse.candidates.features import FeatureReader
from courtpulse.candidates.known import CandidateReport, id_of, keys_of, matched, reconcile
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
_PAGE, _EXAMPLES, _ANCHORS = 500, 8, 12
#: A cluster knows times to the millisecond.
_TICK = timedelta(milliseconds=1)


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
    anchors = {key for group in found for key in keys_of(group)}
    known = rooms.records.candidates.known(anchors, {id_of(group) for group in found})
    made = [
        (_made(group, window, rooms, since, until), earlier)
        for group, earlier in matched(found, known, window)
    ]
    changed, report = reconcile(made, known, now)
    rooms.records.candidates.put(changed, known)
    report = replace(report, read=len(posts), unread=total - len(posts))
    log.info("candidates", found=report.found, opened=report.opened, returned=report.returned)
    return report


def _made(
    group: Found, window: Sequence[Sighting], rooms: Rooms, since: datetime, until: datetime
) -> Candidate:
    suggestion, words = suggest(group, window, rooms.terms)
    strongest = max(group.anchors, key=lambda anchor: anchor.score)
    evidence = Evidence(
        anchors=keys_of(group)[:_ANCHORS],
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
    return Candidate(
        id=id_of(group),
        state=CandidateState.OPEN,
        suggestion=suggestion,
        evidence=evidence,
        first_at=until,
        updated_at=until,
    )


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

"""Annotate and index: segments of the inbox become searchable, labelled posts.

The order is architecture.md's: link cases on the text with names, decide `counts_as_author`,
only then redact the litigants' names, label (per mention where a text names several), index, and
last of all commit the segment. Killed
anywhere in between, the segment is still pending and running it again gives the same posts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from courtpulse.families import families
from courtpulse.patience import asked, upsert
from crawlers.inbox import Inbox
from domain.annotation import AnnotatedPost, CaseLink
from domain.cases import Case, Litigant
from domain.errors import BadInput
from domain.posts import CollectedPost, Post
from domain.protocols import Annotator, CaseLinker, Reading, Store
from domain.time import Clock
from index.lookalikes import Lookalikes
from nlp.aspects import Labelled, per_mention
from records.authors import Appearance, AuthorWindow
from text.redaction import redact_names

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StageReport:
    """What annotating some segments did; seconds per stage."""

    segments: int = 0
    posts: int = 0
    linked: int = 0
    created: int = 0
    updated: int = 0
    refused: int = 0
    damaged: int = 0
    link_seconds: float = 0.0
    model_seconds: float = 0.0
    index_seconds: float = 0.0

    def __add__(self, other: StageReport) -> StageReport:
        return StageReport(
            *(getattr(self, name) + getattr(other, name) for name in StageReport.__slots__)
        )


class Annotate:
    """Runs segments through linking, the author window, name redaction, the model, the index."""

    def __init__(
        self,
        inbox: Inbox,
        store: Store,
        cases: Callable[[], Sequence[Case]],
        linker: Callable[[Sequence[Case]], CaseLinker],
        annotator: Annotator,
        authors: AuthorWindow,
        clock: Clock,
        lookalikes: Lookalikes,
    ) -> None:
        self._lookalikes = lookalikes
        self._inbox, self._store, self._clock = inbox, store, clock
        self._annotator, self._authors = annotator, authors
        self._registry, self._linker_of = cases, linker
        self._cases: list[Case] = []
        self._linker: CaseLinker = linker(())

    def run(self, segments: Iterable[str]) -> StageReport:
        """Process `segments` one after the other; a damaged one is reported and skipped.

        Raises:
            BadInput: a segment can be read, but a post of it can't be indexed: it is tried again,
                and then looked for (`courtpulse.poison`).
        """
        total = StageReport()
        for name in segments:
            try:
                total += self._segment(name)
            except BadInput as error:
                if name not in self._inbox.damaged():
                    raise
                log.error("segment set aside", segment=name, problem=error.problem)
                total += StageReport(damaged=1)
        return total

    def _segment(self, name: str) -> StageReport:
        """Index `name`, again if a case was added meanwhile, then commit it.

        A watcher saves its case before it lists the segments, so either we see the case here, or
        it sees our posts in the index.
        """
        self._refresh()
        report = self._index(name)
        while self._refresh():
            report = self._index(name)
        self._inbox.commit(name)
        return report

    def _refresh(self) -> bool:
        """Read the registry; whether it differs from what was known."""
        cases = list(self._registry())
        if cases == self._cases:
            return False
        self._cases, self._linker = cases, self._linker_of(cases)
        return True

    def _index(self, name: str) -> StageReport:
        started = time.perf_counter()
        cases = {case.id: case for case in self._cases}
        collected = sorted(
            self._inbox.read(name), key=lambda item: (item.post.published_at, item.post.id)
        )
        held = asked(lambda: self._store.get([item.post.id for item in collected]))
        links = link_posts(
            collected, self._linker, self._authors, self._clock(), decided_flags(held)
        )
        posts = [
            without_names(item.post, found, cases)
            for item, found in zip(collected, links, strict=True)
        ]
        linked_at = time.perf_counter()
        labels = self._annotator.annotate([reading(post) for post in posts])
        told = per_mention(
            [
                Labelled(item.post.full_text, item.post.platform, annotation, found)
                for item, annotation, found in zip(collected, labels, links, strict=True)
            ],
            cases,
            self._annotator,
        )
        labelled_at = time.perf_counter()
        alike = families(posts, held, self._lookalikes)
        outcome = upsert(
            self._store,
            [
                AnnotatedPost(post, annotation, nameless(found, cases), alike[post.id])
                for post, (annotation, found) in zip(posts, told, strict=True)
            ],
        )
        if outcome.refused:
            self._purge(name, [post.id for post in posts])
        return StageReport(
            segments=1,
            posts=len(posts),
            linked=sum(bool(found) for found in links),
            created=outcome.created,
            updated=outcome.updated,
            refused=outcome.refused,
            link_seconds=linked_at - started,
            model_seconds=labelled_at - linked_at,
            index_seconds=time.perf_counter() - labelled_at,
        )

    def _purge(self, name: str, ids: Sequence[str]) -> None:
        """Take posts out of a segment that were deleted after they were fetched."""
        held = {item.post.id for item in self._store.get(ids)}
        gone = [post_id for post_id in ids if post_id not in held]
        self._inbox.without(name, gone)
        self._lookalikes.forget(gone)


def reading(post: Post) -> Reading:
    """What the annotator gets to read of a post."""
    return Reading(post.full_text, post.platform)


def link_posts(
    collected: Sequence[CollectedPost],
    linker: CaseLinker,
    authors: AuthorWindow,
    now: datetime,
    decided: Mapping[tuple[str, str], bool] | None = None,
) -> list[tuple[CaseLink, ...]]:
    """Cases of each post, with `counts_as_author` decided; `collected` in order of time.

    Args:
        decided: (post id, case id) → flag the index holds already; it stands, because the
            private table forgets after 48 hours and a segment may be run again later.
    """
    found = [linker.link(item.post.full_text) for item in collected]
    flags = dict(decided or {})
    open_ones = [
        Appearance(link.case_id, item.author_tokens, item.post.id, item.post.published_at)
        for item, links in zip(collected, found, strict=True)
        for link in links
        if (item.post.id, link.case_id) not in flags
    ]
    for appearance, flag in zip(open_ones, authors.decide(open_ones, now), strict=True):
        flags[appearance.post_id, appearance.case_id] = flag
    return [
        tuple(replace(link, counts_as_author=flags[item.post.id, link.case_id]) for link in links)
        for item, links in zip(collected, found, strict=True)
    ]


def decided_flags(stored: Iterable[AnnotatedPost]) -> dict[tuple[str, str], bool]:
    """(post id, case id) → `counts_as_author` as the index holds it."""
    return {
        (item.post.id, link.case_id): link.counts_as_author
        for item in stored
        for link in item.links
    }


def without_names(post: Post, links: Iterable[CaseLink], cases: Mapping[str, Case]) -> Post:
    """`post` with the litigants of its cases named by role."""
    litigants = _litigants(links, cases)
    if not litigants:
        return post
    return replace(
        post,
        title=redact_names(post.title, litigants),
        text=redact_names(post.text, litigants),
    )


def nameless(links: Sequence[CaseLink], cases: Mapping[str, Case]) -> tuple[CaseLink, ...]:
    """`links` whose matched words name litigants by role: the reason for a link is indexed too."""
    litigants = _litigants(links, cases)
    return tuple(
        replace(
            link,
            matched=tuple(dict.fromkeys(redact_names(word, litigants) for word in link.matched)),
        )
        for link in links
    )


def _litigants(links: Iterable[CaseLink], cases: Mapping[str, Case]) -> list[Litigant]:
    return [
        litigant
        for link in links
        if link.case_id in cases
        for litigant in cases[link.case_id].litigants
    ]

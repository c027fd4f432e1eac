"""Watching a case from now on, and finding what was said about it before.

Segments are held for seven days, with names in them: there the whole formula is tried, and author
tokens decide who counts. Older posts stand in the index without names and without tokens: there
only the words that aren't names can match, and every post counts. `Backfill.names_since` says
where the one ends and the other begins, so that a page can say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

import structlog

from courtpulse.annotate import link_posts, nameless, without_names
from crawlers.inbox import Inbox
from domain.annotation import AnnotatedPost, CaseLink
from domain.cases import Case
from domain.errors import BadInput
from domain.posts import CollectedPost, Post
from domain.protocols import Annotator, Backfill, Query, Store
from domain.time import Clock
from nlp.aspects import Labelled, per_mention
from nlp.linking import Linker
from records import Records
from records.authors import AuthorWindow

log = structlog.get_logger()

#: Posts read from the index at a time while linking the past.
_PAGE = 500


class Watcher:
    """Implements `domain.protocols.CaseWatcher`."""

    def __init__(
        self, records: Records, store: Store, inbox: Inbox, authors: AuthorWindow, clock: Clock,
        annotator: Callable[[], Annotator],
    ) -> None:  # fmt: skip
        self._annotator = annotator
        self._records, self._store, self._inbox = records, store, inbox
        self._authors, self._clock = authors, clock

    def watch(self, case: Case) -> Backfill:
        """Save `case` and link what is held; safe to repeat.

        Raises:
            ConfigurationError: the formula can't be used (fewer than two groups of words).
        """
        linker = Linker([case])
        # Two watchers reading and writing the links of one post would undo each other.
        with self._records.alone("watch"):
            return self._watch(case, linker)

    def _watch(self, case: Case, linker: Linker) -> Backfill:
        # Saved before the segments are listed: whatever is annotated from now on knows the case.
        self._records.cases.save(case)
        matching, names_since = self._held(linker)
        in_segments = self._from_segments(case, linker, matching)
        in_index = self._from_index(case, linker, before=names_since)
        first = min(
            (item.post.published_at for item in (*in_segments, *in_index)),
            default=case.watched_since,
        )
        self._records.cases.save(replace(case, watched_since=min(first, case.watched_since)))
        found = {item.post.id: item for item in (*in_index, *in_segments)}
        self._store.upsert(self._told(list(found.values())))
        return Backfill(len(found), names_since)

    def _told(self, items: list[AnnotatedPost]) -> list[AnnotatedPost]:
        """`items`, those that now name several cases read per mention, without litigants' names."""
        several = [item for item in items if len(item.links) > 1]
        if not several:
            return items
        cases = {case.id: case for case in self._records.cases.all()}
        told = per_mention(
            [
                Labelled(item.post.full_text, item.post.platform, item.annotation, item.links)
                for item in several
            ],
            cases,
            self._annotator(),
        )
        done = {
            item.post.id: replace(item, annotation=annotation, links=links)
            for item, (annotation, links) in zip(several, told, strict=True)
        }
        return [done.get(item.post.id, item) for item in items]

    def _held(self, linker: Linker) -> tuple[list[CollectedPost], datetime | None]:
        """Newest versions of the held posts that match, in order of time; when holding begins."""
        newest: dict[str, tuple[datetime, datetime]] = {}
        matching: dict[str, CollectedPost] = {}
        since: datetime | None = None
        # Pending first: a segment committed meanwhile is then met among the committed ones.
        for name in (*self._inbox.pending(), *self._inbox.committed()):
            try:
                for item in self._inbox.read(name):
                    post, version = item.post, _version(item.post)
                    since = post.published_at if since is None else min(since, post.published_at)
                    if version < newest.get(post.id, version):
                        continue  # the index would refuse the older version
                    newest[post.id] = version
                    if linker.link(post.full_text):
                        matching[post.id] = item
                    else:
                        matching.pop(post.id, None)
            except BadInput as error:
                log.error("segment set aside", segment=name, problem=error.problem)
        ordered = sorted(matching.values(), key=lambda item: (item.post.published_at, item.post.id))
        return ordered, since

    def _from_segments(
        self, case: Case, linker: Linker, matching: list[CollectedPost]
    ) -> list[AnnotatedPost]:
        links = link_posts(matching, linker, self._authors, self._clock())
        known = {
            stored.post.id: stored
            for stored in self._store.get([item.post.id for item in matching])
        }
        return [
            _with(known[item.post.id], case, found)
            for item, found in zip(matching, links, strict=True)
            if item.post.id in known
        ]

    def _from_index(
        self, case: Case, linker: Linker, before: datetime | None
    ) -> list[AnnotatedPost]:
        found: dict[str, AnnotatedPost] = {}
        for word in _entry_words(case):
            for stored in self._matches(Query(text=f'"{word}"', until=before)):
                links = linker.link(stored.post.full_text)
                if links and stored.post.id not in found:
                    found[stored.post.id] = _with(stored, case, links)
        return list(found.values())

    def _matches(self, query: Query) -> Iterator[AnnotatedPost]:
        offset = 0
        while posts := self._store.search(query, limit=_PAGE, offset=offset).posts:
            yield from posts
            offset += len(posts)


def _version(post: Post) -> tuple[datetime, datetime]:
    return post.edited_at or post.published_at, post.fetched_at


def _entry_words(case: Case) -> tuple[str, ...]:
    """Words of which every linked post holds one: numbers, aliases, the smallest group."""
    groups = case.formula.groups
    smallest = min(groups, key=len) if groups else ()
    return (*case.numbers, *case.aliases, *smallest)


def _with(stored: AnnotatedPost, case: Case, links: Iterable[CaseLink]) -> AnnotatedPost:
    kept = [link for link in stored.links if link.case_id != case.id]
    every = (*kept, *links)
    cases = {case.id: case}
    return AnnotatedPost(
        without_names(stored.post, every, cases), stored.annotation, nameless(every, cases)
    )

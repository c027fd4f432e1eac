"""Watching a case from now on, and finding what was said about it before.

Segments are held for seven days, with names in them: there the whole formula is tried, and author
tokens decide who counts. Older posts stand in the index without names and without tokens: there
only the words that aren't names can match, and every post counts. `Backfill.names_since` says
where the one ends and the other begins, so that a page can say so. Posts that a changed case no longer
matches are let go (`courtpulse.unlinking`); detection reads the index anew at its next run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from courtpulse.annotate import link_posts
from courtpulse.unlinking import Held, relinked, unlinked
from crawlers.inbox import Inbox
from domain.annotation import AnnotatedPost
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
    """Implements `domain.protocols.CaseWatcher`; several cases cost one reading of the segments."""

    def __init__(
        self, records: Records, store: Store, inbox: Inbox, authors: AuthorWindow, clock: Clock,
        annotator: Callable[[], Annotator],
    ) -> None:  # fmt: skip
        self._annotator = annotator
        self._records, self._store, self._inbox = records, store, inbox
        self._authors, self._clock = authors, clock

    def watch(self, case: Case) -> Backfill:
        """Save `case`, link what is held, unlink what no longer fits; safe to repeat.

        Raises:
            ConfigurationError: the formula can't be used (fewer than two groups of words).
        """
        return self.watch_all([case])[case.id]

    def watch_all(self, cases: Sequence[Case]) -> dict[str, Backfill]:
        """The same for several cases at once.

        Raises:
            ConfigurationError: one of the formulas can't be used; no case is saved.
        """
        Linker(cases)  # refuses what can't be used, before anything is saved
        # Saved before the segments are listed: whatever is annotated from now on knows the cases.
        # `relink` stays set until the end, so that a kill in between is noticed.
        for case in cases:
            self._records.cases.save(case, relink=True)
        # Two watchers reading and writing the links of one post would undo each other.
        with self._records.alone("watch"):
            # Read again: somebody may have changed or archived one while we waited.
            now = self._records.cases.some(case.id for case in cases)
            return self._watch({case.id: now[case.id] for case in cases})

    def resume(self) -> dict[str, Backfill]:
        """Finish what a watcher that was stopped half-way, or an import, left to be linked."""
        if not self._records.cases.to_relink():
            return {}
        with self._records.alone("watch"):
            # Asked again: whoever was at it may have come to its end while we waited.
            cases = {case.id: case for case in self._records.cases.to_relink()}
            return self._watch(cases) if cases else {}

    def _watch(self, asked: Mapping[str, Case]) -> dict[str, Backfill]:
        cases = {key: case for key, case in asked.items() if case.counted}
        done = {key: Backfill(0, None, 0) for key in asked}
        if not cases:
            return done
        # What a word is said of depends on the other cases too: their places, their names beside it.
        known = {case.id: case for case in self._records.cases.all()}
        linker = Linker((known | cases).values(), only=cases)
        held, names_since = self._held(linker)
        found = {
            item.post.id: item
            for item in (
                *self._from_index(cases, linker, before=names_since),
                *self._from_segments(cases, linker, held),
            )
        }
        lost = unlinked(self._store, cases, found, held.read)
        self._store.upsert(self._told(list(found.values())))
        self._store.upsert(list(lost.items.values()))
        for case in cases.values():
            mine = [item for item in found.values() if item.links_to(case.id)]
            first = min((item.post.published_at for item in mine), default=case.watched_since)
            self._records.cases.linked(case, first)
            self._records.marks.set(f"watched/{case.id}", self._clock())
            if names_since is not None:
                self._records.marks.set(f"names/{case.id}", names_since)
            done[case.id] = Backfill(len(mine), names_since, lost.counts[case.id])
        return done

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

    def _held(self, linker: Linker) -> tuple[Held, datetime | None]:
        """Newest versions of the held posts, those that match in order of time; when it begins."""
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
        return Held(tuple(ordered), frozenset(newest)), since

    def _from_segments(
        self, cases: Mapping[str, Case], linker: Linker, held: Held
    ) -> list[AnnotatedPost]:
        links = link_posts(held.matching, linker, self._authors, self._clock())
        known = {
            stored.post.id: stored
            for stored in self._store.get([item.post.id for item in held.matching])
        }
        return [
            relinked(known[item.post.id], cases, found)
            for item, found in zip(held.matching, links, strict=True)
            if item.post.id in known
        ]

    def _from_index(
        self, cases: Mapping[str, Case], linker: Linker, before: datetime | None
    ) -> list[AnnotatedPost]:
        found: dict[str, AnnotatedPost] = {}
        words = dict.fromkeys(word for case in cases.values() for word in _entry_words(case))
        for word in words:
            for stored in self._matches(Query(text=f'"{word}"', until=before)):
                links = linker.link(stored.post.full_text)
                if links and stored.post.id not in found:
                    found[stored.post.id] = relinked(stored, cases, links, keep=True)
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

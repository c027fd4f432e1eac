"""Deletion: a post whose author or the law wants it gone leaves every place that can hold it.

The tombstone comes first, in the records and in the journal; from then on the deletion is pending
until every place below was cleared. A kill at any instant leaves it pending: `finish_pending`, which
every round and every deletion begins with, goes on where it stood. Each place can be cleared twice.

The order matters. The quarantine is searched with the post's words, so it comes before the index
forgets them. Alerts and decisions hold wordings only if no other post in the index says them, so
they come after it, under one lock with detection, which writes wordings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from courtpulse.evidence import EVIDENCE
from courtpulse.journal import NAME, Journal
from domain.annotation import AnnotatedPost
from domain.deletion import Deletion, DeletionReason, Tombstone
from domain.protocols import Query

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms

log = structlog.get_logger()

#: Ids cleared at once; a segment is rewritten once for all of them.
_MOST = 5_000


class Eraser:
    """Deletes posts everywhere, over one program's rooms."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._records = rooms.records.deletions
        self.journal = Journal(rooms.settings.folder / NAME)
        #: (place, how to clear it of these ids, of posts of these cases), in order.
        self._places: tuple[tuple[str, Callable[[Sequence[str], Collection[str]], int]], ...] = (
            ("quarantine", self._quarantine),
            # Before the index forgets the posts: a copy that survives is looked for there.
            ("lookalikes", lambda ids, _cases: rooms.lookalikes.forget(ids)),
            ("index", self._index),
            ("inbox", self._inbox),
            ("imports", self._imports),
            ("replays", self._replays),
        )

    def forget(self, ids: Iterable[str], reason: DeletionReason, source: str = "") -> int:
        """Delete posts for good and finish what is pending; how many the index held.

        Args:
            source: of the ids no place knows any more.

        Raises:
            StoreFailure: a place can't be written; the deletion is pending and goes on next time.
        """
        wanted = list(dict.fromkeys(ids))
        held = 0
        for start in range(0, len(wanted), _MOST):
            held += self._ask(wanted[start : start + _MOST], reason, source)
        self.finish_pending()
        return held

    def finish_pending(self) -> int:
        """Clear the places that pending deletions still have to; how many were finished."""
        pending = self._records.pending()
        for deletion in pending:
            self._clear(deletion)
        return len(pending)

    def replay(self, journal: Path | None = None) -> int:
        """After a backup was restored: delete again whatever has a tombstone; how many ids.

        Args:
            journal: a further journal, saved before the restore.

        Raises:
            BadInput: it is no journal.
        """
        stones = {stone.post_id: stone for stone in self._records.tombstones()}
        for path in filter(None, (self.journal.path, journal)):
            for stone in Journal(path).read():
                stones.setdefault(stone.post_id, stone)
        self._records.bury(stones.values())
        journalled = {stone.post_id for stone in self.journal.read()}
        self.journal.append(stone for stone in stones.values() if stone.post_id not in journalled)
        every = sorted(stones)
        for start in range(0, len(every), _MOST):
            ids = every[start : start + _MOST]
            cases = _cases(self._rooms.store.get(ids))
            for _, clear in self._places:
                clear(ids, cases)
        self.finish_pending()
        return len(every)

    def _ask(self, ids: Sequence[str], reason: DeletionReason, source: str) -> int:
        """Bury `ids`, journal first, by source; ids buried before are cleared once more."""
        posts = {item.post.id: item for item in self._rooms.store.get(ids)}
        known = self._records.buried(ids)
        now = self._rooms.clock()
        by_source: defaultdict[str, list[str]] = defaultdict(list)
        for post_id in ids:
            held = posts.get(post_id)
            by_source[held.post.source if held else source].append(post_id)
        for name, group in sorted(by_source.items()):
            fresh = [post_id for post_id in group if post_id not in known]
            self.journal.append(Tombstone(one, name, reason, now) for one in fresh)
            self._records.ask(
                fresh,
                reason,
                name,
                held=posts.keys(),
                cases=_cases(posts[one] for one in fresh if one in posts),
            )
        again = [post_id for post_id in ids if post_id in known and post_id in posts]
        if again:  # an older copy of the data was put back since
            for _, clear in self._places:
                clear(again, _cases(posts[one] for one in again))
        return len(posts)

    def _clear(self, deletion: Deletion) -> None:
        ids, done = self._records.ids_of(deletion.id), dict(deletion.places)
        for place, clear in self._places:
            if place not in done:
                self._records.cleared(deletion.id, place, clear(ids, deletion.cases))
        self._records.finish(deletion.id)
        log.info(
            "deleted",
            deletion=deletion.id,
            source=deletion.source,
            reason=deletion.reason.value,
            asked=deletion.asked,
            held=deletion.held,
        )

    def _quarantine(self, ids: Sequence[str], _cases: Collection[str]) -> int:
        posts = [item.post for item in self._rooms.store.get(ids)]
        return self._rooms.quarantine.tombstone(ids, posts)

    def _index(self, ids: Sequence[str], cases: Collection[str]) -> int:
        """The index, then what alerts and decisions hold in the posts' words."""
        from records.wordings import scrub

        rooms = self._rooms
        with rooms.records.alone(EVIDENCE):
            gone = rooms.store.tombstone(ids, rooms.clock())
            scrub(rooms.records, ids, cases, self._still_said(), self._gist)
            rooms.records.wipe()
        # Once more: whoever annotated one of them meanwhile compared it with others.
        rooms.lookalikes.forget(ids)
        return gone

    def _inbox(self, ids: Sequence[str], _cases: Collection[str]) -> int:
        return self._rooms.inbox.tombstone(ids)

    def _gist(self, wording: str) -> str:
        return self._rooms.questions.gist(wording)  # opened only when a decision needs it

    def _still_said(self) -> Callable[[str, str], bool]:
        store = self._rooms.store

        @cache
        def said(case_id: str, wording: str) -> bool:
            phrase = wording.strip("…").replace('"', " ").strip()
            return bool(phrase) and store.total(Query(text=f'"{phrase}"', cases=(case_id,))) > 0

        return said

    def _imports(self, ids: Sequence[str], _cases: Collection[str]) -> int:
        """Files that were imported and may hold a deleted row: nobody can tell, so they go."""
        from courtpulse.drop_folder import delete_done
        from crawlers.declared import ImportSource

        concerned = self._records.sources_of(ids)
        declared = [
            source
            for name, source in self._rooms.sources.items()
            if name in concerned and isinstance(source, ImportSource)
        ]
        return delete_done(self._rooms.settings.folder / "imports", declared)

    def _replays(self, ids: Sequence[str], _cases: Collection[str]) -> int:
        """Replays in the data folder, each with copies of posts in all these places."""
        from courtpulse.replay.copies import forget

        return forget(self._rooms, ids)


def _cases(posts: Iterable[AnnotatedPost]) -> set[str]:
    return {link.case_id for item in posts for link in item.links}

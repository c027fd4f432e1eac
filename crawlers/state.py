"""What a source's next run must know of the last: small, on disk, changed only after a commit.

Losing it loses nothing: the next run fetches again what it fetched before, and the same post has
the same id.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from crawlers.items import RawItem
from domain.errors import BadInput, StoreFailure
from text.urls import canonical_url

#: Items remembered; the busiest source in the demonstration delivers 1,500 in its overlap.
REMEMBERED = 6000
#: Posts whose comments may be followed; a search source sees some 1,500 posts a day.
BUSY = 500
#: No declaration follows a post for longer.
FOLLOWED = timedelta(days=7)
_DAY_HOURS = 24
#: Cursor of a stream: when the one beside it was written, ISO. Without it nobody knows what was missed.
CURSOR_AT = "at"


@dataclass(slots=True)
class SourceState:
    """Digests of what was delivered, validators for conditional requests, counts for `expect`.

    Attributes:
        seen: key of an item → digest of its content, oldest first; no text, no address.
        validators: address → its ETag and Last-Modified.
        hours: UTC hour → new items, the last 24.
        since: first run, ISO.
        newest: publication of the newest item ever seen, ISO.
        tail: digests of what the last run saw in `tail_span`, the end of its window → Unix second of
            publication; see `crawlers.sightings`.
        cursors: what → where reading it goes on, in the source's own terms.
        busy: public post → comments it had and its publication (ISO), for the source that reads
            comments; the busiest, and not for longer than they are followed.
    """

    seen: dict[str, str] = field(default_factory=dict)
    validators: dict[str, dict[str, str]] = field(default_factory=dict)
    hours: dict[str, int] = field(default_factory=dict)
    since: str = ""
    newest: str = ""
    tail: dict[str, float] = field(default_factory=dict)
    tail_span: list[float] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)
    busy: dict[str, list[int | str]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> SourceState:
        """Read the state, or begin a new one when there is none.

        Raises:
            StoreFailure: the file can't be read or is not ours.
        """
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return cls()
        except OSError as error:
            raise _failure(path, error) from error
        except (ValueError, TypeError) as error:
            raise StoreFailure(
                "the source's state is damaged",
                remedy="delete the file: the source is then read again, nothing counts twice",
                where=str(path),
            ) from error

    def save(self, path: Path) -> None:
        """Write the state as a whole or not at all.

        Raises:
            StoreFailure: disk full, no permission.
        """
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8") as file:
                json.dump(asdict(self), file, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise _failure(path, error) from error

    def knows(self, key: str) -> bool:
        """Whether an item was delivered (or rejected) before, in whatever version."""
        return digest(key) in self.seen

    def knows_version(self, key: str, content: str) -> bool:
        """Whether this very version of an item was delivered before."""
        return self.seen.get(digest(key)) == digest(content)

    def remember(self, key: str, content: str) -> None:
        """Note a delivered version; the oldest are forgotten first."""
        self.seen.pop(digest(key), None)
        self.seen[digest(key)] = digest(content)
        while len(self.seen) > REMEMBERED:
            self.seen.pop(next(iter(self.seen)))

    def note_busy(self, post: str, comments: int | None, published: datetime) -> None:
        """Note how many comments a post has; the least commented are forgotten first."""
        if comments:
            self.busy[post] = [comments, published.astimezone(UTC).isoformat()]
        if len(self.busy) > 2 * BUSY:
            kept = sorted(self.busy.items(), key=lambda one: one[1][0], reverse=True)[:BUSY]
            self.busy = dict(kept)

    def followed(self, least: int, since: datetime) -> list[str]:
        """Posts with at least `least` comments published after `since`, the busiest first."""
        found = [
            (int(comments), post)
            for post, (comments, published) in self.busy.items()
            if int(comments) >= least and datetime.fromisoformat(str(published)) > since
        ]
        return [post for _, post in sorted(found, reverse=True)]

    def note_run(self, now: datetime, new: int, newest: datetime | None) -> None:
        """Count a run's new items into its hour and move `newest` on."""
        self.since = self.since or now.isoformat()
        hour = now.astimezone(UTC).strftime("%Y-%m-%dT%H")
        self.hours[hour] = self.hours.get(hour, 0) + new
        oldest = (now.astimezone(UTC) - timedelta(hours=_DAY_HOURS)).strftime("%Y-%m-%dT%H")
        self.hours = {key: count for key, count in self.hours.items() if key > oldest}
        self.busy = {
            post: noted
            for post, noted in self.busy.items()
            if now - datetime.fromisoformat(str(noted[1])) <= FOLLOWED
        }
        if newest is not None and newest.isoformat() > self.newest:
            self.newest = newest.astimezone(UTC).isoformat()

    def begin_anew(self) -> None:
        """Forget what was delivered: it was lost. Where a stream goes on is still known."""
        self.seen, self.validators = {}, {}
        self.cursors.pop(CURSOR_AT, None)

    def day_is_full(self, now: datetime) -> bool:
        """Whether the source has run for a day, so that a day's count says something."""
        return bool(self.since) and now - datetime.fromisoformat(self.since) >= timedelta(
            hours=_DAY_HOURS
        )


def key_of(item: RawItem) -> str:
    """What an item is remembered by: its id, else its address."""
    try:
        return item.native_id or canonical_url(item.url)
    except BadInput:
        return item.url  # ingest will reject it; remembered, it is rejected once


# An item's key and content are each asked for three times in a row.
@lru_cache(maxsize=4)
def digest(text: str) -> str:
    """16 hex digits that stand for a text in the state file."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _failure(path: Path, error: OSError) -> StoreFailure:
    return StoreFailure(
        f"the source's state can't be kept: {error.strerror}",
        remedy="check free space and permissions of the data folder",
        where=str(path),
    )

"""Rejected items wait here: encrypted, listed without their text, gone after seven days.

An item is one file: a line of clear JSON that says what happened, then the item itself under
Fernet (AES-128-CBC and HMAC-SHA256). The key is a 0600 file beside the items. Of one source only
so much is kept (`crawlers.quarantine_bounds`); the rest is counted.
"""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawlers.keys import private_folder, write_private
from crawlers.quarantine_bounds import ITEM, PREFIX, Bounds
from crawlers.quarantine_key import QuarantineKey
from crawlers.traces import holds, traces
from domain.errors import BadInput, ConfigurationError, NotFound, StoreFailure
from domain.posts import Post
from domain.time import Clock, as_utc
from text.urls import without_account

#: How long a rejected item may be looked at and replayed (architecture.md, retention).
EXPIRES_AFTER = timedelta(days=7)
#: An item is kept up to this size; beyond, only its beginning, and it can't be replayed.
MAX_BYTES = 1024 * 1024
#: What is said of an item whose own file can't be read; it can only be deleted.
DAMAGED = "the item's file is damaged"


@dataclass(frozen=True, slots=True)
class Rejected:
    """What is known of a rejected item without opening it.

    Attributes:
        id: 32 hex digits of SHA-256, 8 over the source and 24 over source and content: the same
            item waits once.
        where: file and row, page or endpoint; links carry no account part.
        error, remedy: the words of the `BadInput`, which never quote a post.
        size: bytes of the whole item; `complete` is False when only its beginning was kept.
        post_id: id the item would have had as a post, "" when it was never known.
    """

    id: str
    source: str
    where: str
    error: str
    remedy: str
    rejected_at: datetime
    size: int
    complete: bool
    post_id: str = ""


class Quarantine:
    """The rejected items in `folder`."""

    def __init__(self, folder: Path | str, clock: Clock, bounds: Bounds | None = None) -> None:
        self._folder = private_folder(Path(folder))
        self._clock = clock
        self._key = QuarantineKey(self._folder, clock, EXPIRES_AFTER)
        self._bounds = bounds or Bounds(self._folder, clock)

    def add(
        self, source: str, raw: bytes | str, error: BadInput, where: str = "", *, post_id: str = ""
    ) -> str:
        """Keep a rejected item and return its id; the same item twice keeps its first date.

        Raises:
            StoreFailure: disk full, no permission.
            ConfigurationError: the key can't be used.
        """
        content = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        named = source.encode("utf-8", "surrogatepass")
        digest = hashlib.sha256(named).hexdigest()[:PREFIX]
        digest += hashlib.sha256(named + b"\x1f" + content).hexdigest()[: 32 - PREFIX]
        path = self._path(digest)
        if path.exists():
            return digest
        about = Rejected(
            id=digest,
            source=source,
            where=_without_account(where or error.where),
            error=error.problem,
            remedy=error.remedy,
            rejected_at=as_utc(self._clock()),
            size=len(content),
            complete=len(content) <= MAX_BYTES,
            post_id=post_id,
        )
        head = asdict(about) | {"rejected_at": about.rejected_at.isoformat()}
        try:
            if self._bounds.admit(digest, source, min(len(content), MAX_BYTES)):
                sealed = self._key.seal(content[:MAX_BYTES])
                write_private(path, json.dumps(head).encode("ascii") + b"\n" + sealed)
        except OSError as error:
            raise StoreFailure(
                f"the quarantine can't be written: {error.strerror}",
                remedy="make room or correct the permissions; the source is read again",
                where=str(self._folder),
            ) from error
        return digest

    def list(self) -> builtins.list[Rejected]:
        """Return what waits, oldest first; a damaged file is among it and costs only itself."""
        found = []
        for path in self._folder.glob(f"*{ITEM}"):
            # An other process may have replayed or expired it since the listing.
            with contextlib.suppress(FileNotFoundError):
                try:
                    found.append(_head(path))
                except ConfigurationError:
                    found.append(_damaged(path))
        return sorted(found, key=lambda item: (item.rejected_at, item.id))

    def left_out(self) -> dict[str, int]:
        """source → items of seven days that weren't kept, because it sent too many."""
        return self._bounds.left_out()

    def rotate_key(self) -> None:
        """Seal with a new key from now on; what waits can still be read."""
        self._key.rotate()

    def get(self, item_id: str) -> Rejected:
        """Return what is known of one item; `NotFound` when it does not wait here."""
        return _head(self._existing(item_id))

    def read(self, item_id: str) -> bytes:
        """Return the item itself, decrypted.

        Raises:
            NotFound: no such item.
            ConfigurationError: the key does not fit.
        """
        sealed = self._existing(item_id).read_bytes().partition(b"\n")[2]
        return self._key.open(sealed, item_id)

    def replay(self, item_id: str, handler: Callable[[bytes], object]) -> None:
        """Hand the item to `handler`; it leaves the quarantine when the handler returns.

        Raises:
            BadInput: from the handler (the item stays), or only the beginning was kept.
        """
        if not self.get(item_id).complete:
            raise BadInput(
                "only the beginning of this item was kept, it was too large",
                remedy="collect its source again",
                where=item_id,
            )
        handler(self.read(item_id))
        self.delete(item_id)

    def delete(self, item_id: str) -> None:
        """Delete an item; fine when it is gone already."""
        self._path(item_id).unlink(missing_ok=True)

    def expire(self) -> int:
        """Delete what has waited seven days; return how many."""
        deadline = as_utc(self._clock()) - EXPIRES_AFTER
        expired = [item for item in self.list() if item.rejected_at <= deadline]
        for item in expired:
            (self._folder / f"{item.id}{ITEM}").unlink(missing_ok=True)
        self._bounds.expire(deadline)
        return len(expired)

    def tombstone(self, post_ids: Iterable[str], posts: Iterable[Post] = ()) -> int:
        """Delete the items of deleted posts; return how many.

        Args:
            posts: those of them that are still known. An item of the same source whose id was
                never known is opened, and goes when it holds their words. One that can't be
                opened goes too: nobody can tell what it holds.
        """
        wanted = frozenset(post_ids)
        runs: dict[str, frozenset[str]] = {}
        for post in posts:
            runs[post.source] = runs.get(post.source, frozenset()) | traces([post])
        doomed = [item for item in self.list() if self._concerned(item, wanted, runs)]
        for item in doomed:
            (self._folder / f"{item.id}{ITEM}").unlink(missing_ok=True)
        return len(doomed)

    def _concerned(
        self, item: Rejected, wanted: frozenset[str], runs: dict[str, frozenset[str]]
    ) -> bool:
        if item.post_id or not wanted:
            return item.post_id in wanted
        if item.error == DAMAGED:
            return True
        if item.source not in runs:
            return False
        try:
            return holds(self.read(item.id), runs[item.source])
        except NotFound:
            return False
        except ConfigurationError:
            return True

    def _path(self, item_id: str) -> Path:
        if len(item_id) != 32 or not all(sign in "0123456789abcdef" for sign in item_id):
            raise NotFound("this is not the id of a quarantined item", where=item_id[:64])
        return self._folder / f"{item_id}{ITEM}"

    def _existing(self, item_id: str) -> Path:
        path = self._path(item_id)
        if not path.exists():
            raise NotFound(
                "no such item in the quarantine",
                remedy="list the quarantine: items leave it after seven days",
                where=item_id,
            )
        return path


def _head(path: Path) -> Rejected:
    with path.open("rb") as file:
        line = file.readline()
    try:
        fields = json.loads(line)
        fields["rejected_at"] = datetime.fromisoformat(fields["rejected_at"])
        return Rejected(**fields)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigurationError(
            "a quarantined item's first line can't be read",
            remedy="delete the file; the item can't be replayed",
            where=str(path),
        ) from error


def _damaged(path: Path) -> Rejected:
    about = path.stat()
    return Rejected(
        id=path.stem,
        source="",
        where="",
        error=DAMAGED,
        remedy="it can't be replayed; it goes after seven days, or delete it",
        rejected_at=datetime.fromtimestamp(about.st_mtime, UTC),
        size=about.st_size,
        complete=False,
    )


def _without_account(where: str) -> str:
    if not where.startswith(("http://", "https://")):
        return where
    try:
        return without_account(where)
    except BadInput:
        return "a malformed link"

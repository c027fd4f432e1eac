"""Rejected items wait here: encrypted, listed without their text, gone after seven days.

An item is one file: a line of clear JSON that says what happened, then the item itself under
Fernet (AES-128-CBC and HMAC-SHA256). The key is a 0600 file beside the items.
"""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from crawlers.keys import create_once, private_folder, write_private
from domain.errors import BadInput, ConfigurationError, NotFound
from domain.time import Clock, as_utc
from text.urls import without_account

#: How long a rejected item may be looked at and replayed (architecture.md, retention).
EXPIRES_AFTER = timedelta(days=7)
#: An item is kept up to this size; beyond, only its beginning, and it can't be replayed.
MAX_BYTES = 1024 * 1024
_SUFFIX = ".item"


@dataclass(frozen=True, slots=True)
class Rejected:
    """What is known of a rejected item without opening it.

    Attributes:
        id: 32 hex digits of SHA-256 over source and content: the same item waits once.
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

    def __init__(self, folder: Path | str, clock: Clock) -> None:
        self._folder = private_folder(Path(folder))
        self._clock = clock
        self._fernet: Fernet | None = None

    def add(
        self, source: str, raw: bytes | str, error: BadInput, where: str = "", *, post_id: str = ""
    ) -> str:
        """Keep a rejected item and return its id; the same item twice keeps its first date."""
        content = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
        digest = hashlib.sha256(source.encode() + b"\x1f" + content).hexdigest()[:32]
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
        sealed = self._cipher().encrypt(content[:MAX_BYTES])
        write_private(path, json.dumps(head).encode("ascii") + b"\n" + sealed)
        return digest

    def list(self) -> builtins.list[Rejected]:
        """Return what waits, oldest first."""
        found = []
        for path in self._folder.glob(f"*{_SUFFIX}"):
            # An other process may have replayed or expired it since the listing.
            with contextlib.suppress(FileNotFoundError):
                found.append(_head(path))
        return sorted(found, key=lambda item: (item.rejected_at, item.id))

    def get(self, item_id: str) -> Rejected:
        """Return what is known of one item; `NotFound` when it does not wait here."""
        return _head(self._existing(item_id))

    def read(self, item_id: str) -> bytes:
        """Return the item itself, decrypted.

        Raises:
            NotFound: no such item.
            ConfigurationError: the key does not fit.
        """
        path = self._existing(item_id)
        sealed = path.read_bytes().partition(b"\n")[2]
        try:
            return self._cipher().decrypt(sealed)
        except InvalidToken as error:
            raise ConfigurationError(
                "a quarantined item can't be decrypted: its key was replaced, or the file changed",
                remedy="put the old quarantine.key back, or delete the item",
                where=item_id,
            ) from error

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
        deadline = self._clock() - EXPIRES_AFTER
        expired = [item for item in self.list() if item.rejected_at <= deadline]
        for item in expired:
            self.delete(item.id)
        return len(expired)

    def tombstone(self, post_ids: Iterable[str]) -> int:
        """Delete the items of deleted posts; return how many."""
        wanted = frozenset(post_ids)
        doomed = [item for item in self.list() if item.post_id in wanted]
        for item in doomed:
            self.delete(item.id)
        return len(doomed)

    def _cipher(self) -> Fernet:
        if self._fernet is None:
            path = self._folder / "quarantine.key"
            try:
                self._fernet = Fernet(create_once(path, Fernet.generate_key()))
            except ValueError as error:
                raise ConfigurationError(
                    "the quarantine's key is damaged",
                    remedy="restore it, or delete it together with the items it sealed",
                    where=str(path),
                ) from error
        return self._fernet

    def _path(self, item_id: str) -> Path:
        if len(item_id) != 32 or not all(sign in "0123456789abcdef" for sign in item_id):
            raise NotFound("this is not the id of a quarantined item", where=item_id[:64])
        return self._folder / f"{item_id}{_SUFFIX}"

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


def _without_account(where: str) -> str:
    if not where.startswith(("http://", "https://")):
        return where
    try:
        return without_account(where)
    except BadInput:
        return "a malformed link"

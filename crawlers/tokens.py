"""Authors become tokens: HMAC-SHA256 under a key that lives two days.

The key changes at midnight in Shanghai. Every author gets a token under today's and, while it
exists, under yesterday's key, so that "the same author within 24 hours" can be told across
midnight and nobody can be followed for longer. Older keys are overwritten and deleted: after that
not even we can turn a token back by trying ids.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import date, timedelta
from pathlib import Path

from crawlers.keys import create_once, destroy, private_folder
from domain.errors import ConfigurationError
from domain.time import SHANGHAI, Clock

_KEY_BYTES = 32
_ONE_DAY = timedelta(days=1)


class TokenKeys:
    """The keys of today and yesterday in `folder`, one 0600 file a day."""

    def __init__(self, folder: Path | str, clock: Clock) -> None:
        self._folder = private_folder(Path(folder))
        self._clock = clock
        self._day: date | None = None
        self._keys: tuple[bytes, ...] = ()

    def tokens(self, author_id: str, source: str) -> tuple[str, ...]:
        """Return the author's tokens, today's first; () for an unknown author.

        Args:
            author_id: the account's id at the source; never stored.
            source: name space of the id, so that equal ids of two sites don't meet.
        """
        if not author_id:
            return ()
        self._rotate()
        message = f"{source}\x1f{author_id}".encode("utf-8", "surrogatepass")
        return tuple(hmac.digest(key, message, "sha256").hex() for key in self._keys)

    def _rotate(self) -> None:
        today = self._clock().astimezone(SHANGHAI).date()
        if today == self._day:
            return
        self._destroy_before(today - _ONE_DAY)
        keys = [_checked(self._path(today), secrets.token_bytes(_KEY_BYTES))]
        yesterday = self._path(today - _ONE_DAY)
        if yesterday.exists():
            keys.append(_checked(yesterday, b""))
        self._keys, self._day = tuple(keys), today

    def _path(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.key"

    def _destroy_before(self, day: date) -> None:
        for path in self._folder.glob("*.key"):
            if path.stem < day.isoformat():
                destroy(path)


def _checked(path: Path, fresh: bytes) -> bytes:
    key = create_once(path, fresh)
    if len(key) != _KEY_BYTES:
        raise ConfigurationError(
            f"an author key holds {len(key)} bytes, not {_KEY_BYTES}",
            remedy="delete it; today's authors are then counted anew",
            where=str(path),
        )
    return key

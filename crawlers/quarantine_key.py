"""The key of the quarantine: one line a key, the first seals, all open.

A retired key carries the time of its retirement and goes when nothing it sealed can be left.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from crawlers.keys import create_once, write_private
from domain.errors import ConfigurationError
from domain.time import Clock, as_utc

NAME = "quarantine.key"


class QuarantineKey:
    """Seals and opens; the file is read once and made when something is first sealed.

    Args:
        life: how long a sealed item waits; a retired key outlives it by a day, because a process
            that began before the rotation goes on sealing with it.
    """

    def __init__(self, folder: Path, clock: Clock, life: timedelta) -> None:
        self._path = folder / NAME
        self._clock = clock
        self._life = life + timedelta(days=1)
        self._cipher: MultiFernet | None = None

    def seal(self, content: bytes) -> bytes:
        """Encrypt; raises `ConfigurationError` when the key is damaged or others may read it."""
        if self._cipher is None:
            self._cipher = self._read(create_once(self._path, Fernet.generate_key() + b"\n"))
        return self._cipher.encrypt(content)

    def open(self, sealed: bytes, where: str) -> bytes:
        """Decrypt; never makes a key.

        Raises:
            ConfigurationError: the key is gone, damaged, or another one sealed this.
        """
        if self._cipher is None:
            if not self._path.exists():
                raise ConfigurationError(
                    "the quarantine's key is gone: what it sealed can't be read by anybody",
                    remedy=f"put {NAME} back, or wait: the items go after seven days",
                    where=str(self._path),
                )
            self._cipher = self._read(create_once(self._path, b""))
        try:
            return self._cipher.decrypt(sealed)
        except InvalidToken as error:
            raise ConfigurationError(
                "a quarantined item can't be decrypted: its key was replaced, or the file changed",
                remedy=f"put the old {NAME} back, or delete the item",
                where=where,
            ) from error

    def rotate(self) -> None:
        """Seal with a new key from now on; older ones open what they sealed until that is gone."""
        now, kept = as_utc(self._clock()), []
        lines = create_once(self._path, Fernet.generate_key() + b"\n").split(b"\n")
        self._read(b"\n".join(lines))  # a damaged file is named, not overwritten
        for line in filter(None, lines):
            key, _, retired = line.partition(b" ")
            since = datetime.fromisoformat(retired.decode()) if retired else now
            if now - since <= self._life:
                kept.append(key + b" " + since.isoformat().encode())
        write_private(self._path, b"\n".join([Fernet.generate_key(), *kept]) + b"\n")
        self._cipher = None

    def _read(self, content: bytes) -> MultiFernet:
        try:
            keys = [Fernet(line.split(b" ")[0]) for line in content.split(b"\n") if line]
            return MultiFernet(keys)
        except ValueError as error:
            raise ConfigurationError(
                "the quarantine's key is damaged",
                remedy="restore it, or delete it together with the items it sealed",
                where=str(self._path),
            ) from error

"""How much of one source the quarantine keeps: a source gone mad must not fill the disk.

Up to the bound everything is kept. Beyond, what stays is a sample: the items whose content hash is
smallest, so every distinct item had the same chance, in whatever order they came. The rest is
counted by day and source.
"""

from __future__ import annotations

import fcntl
import os
from bisect import insort
from datetime import date, datetime, timedelta
from pathlib import Path

from domain.time import Clock, as_utc

#: Items and bytes kept of one source. A changed page breaks each of its items once; the busiest
#: source of the demonstration has 1,500 in a day. 1,000 sources at the bound are 64 GB.
MOST_ITEMS, MOST_BYTES = 1_000, 64 * 1024 * 1024
#: Digits of an item's id that stand for its source.
PREFIX = 8
ITEM, LEFT_OUT = ".item", ".left_out"
_DIGITS = 20


def _sealed(size: int) -> int:
    """About how large an item's file is: sealing takes four signs for three bytes, and the head."""
    return size * 4 // 3 + 600


class Bounds:
    """What is kept of each source in `folder`; one instance a process.

    Items that another process adds at the same time aren't seen; a source has one process.
    """

    def __init__(
        self, folder: Path, clock: Clock, items: int = MOST_ITEMS, size: int = MOST_BYTES
    ) -> None:
        self._folder, self._clock = folder, clock
        self._items, self._size = items, size
        self._held: dict[str, list[str]] = {}
        self._bytes: dict[str, int] = {}

    def admit(self, item_id: str, source: str, size: int) -> bool:
        """Whether to keep an item of `size` bytes; makes room for it when it is in the sample."""
        prefix = item_id[:PREFIX]
        held, size = self._of(prefix), _sealed(size)
        if not self._full(prefix, size):
            insort(held, item_id)
            self._bytes[prefix] += size
            return True
        while held and self._full(prefix, size):
            self._count(prefix, source)
            if item_id > held[-1]:
                return False
            self._evict(prefix)
            held = self._of(prefix)
        insort(held, item_id)
        self._bytes[prefix] += size
        return True

    def left_out(self) -> dict[str, int]:
        """source → items of the last days that weren't kept; sources without any are left out."""
        found: dict[str, int] = {}
        for path in self._folder.glob(f"*{LEFT_OUT}"):
            number, _, source = path.read_text(encoding="utf-8").partition(" ")
            if number.isdecimal():
                found[source] = found.get(source, 0) + int(number)
        return found

    def expire(self, before: datetime) -> None:
        """Forget the counts of days before `before`."""
        for path in self._folder.glob(f"*{LEFT_OUT}"):
            day = path.name.split(".")[1]
            if date.fromisoformat(day) < (before - timedelta(days=1)).date():
                path.unlink(missing_ok=True)

    def _of(self, prefix: str) -> list[str]:
        if prefix not in self._held:
            sizes: dict[str, int] = {}
            for path in self._folder.glob(f"{prefix}*{ITEM}"):
                try:
                    sizes[path.stem] = path.stat().st_size
                except FileNotFoundError:
                    continue  # replayed or expired since it was listed
            self._held[prefix], self._bytes[prefix] = sorted(sizes), sum(sizes.values())
        return self._held[prefix]

    def _full(self, prefix: str, size: int) -> bool:
        return len(self._held[prefix]) >= self._items or self._bytes[prefix] + size > self._size

    def _evict(self, prefix: str) -> None:
        path = self._folder / f"{self._held[prefix].pop()}{ITEM}"
        try:
            self._bytes[prefix] -= path.stat().st_size
            path.unlink()
        except FileNotFoundError:  # replayed, expired or deleted meanwhile: look again
            del self._held[prefix], self._bytes[prefix]
            self._of(prefix)

    def _count(self, prefix: str, source: str) -> None:
        """Add one to the day's count, in place: no file grows with what is left out."""
        path = self._folder / f"{prefix}.{as_utc(self._clock()):%Y-%m-%d}{LEFT_OUT}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            held = os.pread(descriptor, _DIGITS, 0)
            number = int(held) + 1 if held.isdigit() else 1
            line = f"{number:0{_DIGITS}d} {source}" if number == 1 else f"{number:0{_DIGITS}d}"
            os.pwrite(descriptor, line.encode(), 0)
        finally:
            os.close(descriptor)

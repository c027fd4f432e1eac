"""What robots.txt said during one run, host by host, for the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from domain.ledger import RobotsReading, RobotsVerdict
from domain.time import Clock

#: Forbidden places that are named; a site that forbids more forbids everything.
MOST_PATHS = 20
#: Longest part of an address that is named.
_LONGEST_PATH = 200
#: Stands for addresses that no declaration names.
ELSEWHERE = "其他路径"


@dataclass(slots=True)
class _Note:
    address: str
    fetched_at: datetime
    status: int | None = None
    unreachable: bool = False
    absent: bool = False
    detail: str = ""
    disallowed: list[str] = field(default_factory=list)


class RobotsNotes:
    """Notes by host.

    Args:
        clock: the run's.
        declared: addresses that the source's declaration names; the ledger names them anyway.
    """

    def __init__(self, clock: Clock, declared: Iterable[str] = ()) -> None:
        self._clock = clock
        self._notes: dict[str, _Note] = {}
        self._declared = {_host_and_path(url) for url in declared}
        self._folders = {(host, _top(path)) for host, path in self._declared if _top(path)}

    def answered(self, url: str, status: int) -> None:
        """robots.txt of `url`'s host answered with `status`."""
        note = self._note(url)
        note.status = status
        if status >= 500 or status == 429:
            note.unreachable = True
            note.detail = f"HTTP {status}：按 RFC 9309 视为全部不允许，恢复后自动再问"
        elif status >= 400:
            note.absent = True
            note.detail = f"HTTP {status}：没有 robots.txt，视为允许"

    def failed(self, url: str, error: Exception, *, refused: bool) -> None:
        """robots.txt of `url`'s host gave no answer.

        Args:
            refused: its redirect was refused or endless, which counts as no robots.txt.
        """
        note = self._note(url)
        if note.unreachable:
            return
        note.absent, note.unreachable = refused, not refused
        kind = type(error).__name__
        note.detail = (
            "重定向到其他主机或没有尽头，视为没有 robots.txt"
            if refused
            else f"没有答复（{kind}）：按 RFC 9309 视为全部不允许，恢复后自动再问"
        )

    def forbidden(self, url: str) -> None:
        """robots.txt forbids `url`."""
        note, place = self._note(url), self._place(url)
        if place not in note.disallowed and len(note.disallowed) < MOST_PATHS:
            note.disallowed.append(place)

    def readings(self) -> list[RobotsReading]:
        """One reading a host, in order of address."""
        return [_reading(note) for _, note in sorted(self._notes.items())]

    def _place(self, url: str) -> str:
        """A declared address whole, of one beside it the top folder, of any other nothing.

        A link may hold the number of an account or of a post, which the ledger would keep for years.
        """
        host, path = _host_and_path(url)
        if (host, path) in self._declared:
            return path[:_LONGEST_PATH]
        return (
            f"/{_top(path)[:_LONGEST_PATH]}/…" if (host, _top(path)) in self._folders else ELSEWHERE
        )

    def _note(self, url: str) -> _Note:
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}/robots.txt"
        return self._notes.setdefault(address, _Note(address, self._clock()))


def _host_and_path(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _top(path: str) -> str:
    """Folder at the top of a site in which a path lies; "" for what lies at the top itself."""
    top, deeper, _ = path.partition("?")[0].lstrip("/").partition("/")
    return top if deeper else ""


def _reading(note: _Note) -> RobotsReading:
    if note.unreachable:
        verdict = RobotsVerdict.UNREACHABLE
    elif note.disallowed:
        verdict = RobotsVerdict.DISALLOWED
    elif note.absent:
        verdict = RobotsVerdict.NO_FILE
    else:
        verdict = RobotsVerdict.ALLOWED
    return RobotsReading(
        address=note.address,
        verdict=verdict,
        fetched_at=note.fetched_at,
        status=note.status,
        disallowed=tuple(sorted(note.disallowed)),
        detail=note.detail,
    )

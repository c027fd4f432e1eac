"""A replay's own data folder: what it is of, and how far it has come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.errors import ConfigurationError

_ABOUT, _PROGRESS = "replay.json", "progress.json"
#: Files that only a live office has.
_LIVE = ("records.db", "index.db", "inbox", "private")


def is_replay(path: Path) -> bool:
    """Whether a folder is one of a replay."""
    return (path / _ABOUT).is_file()


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a replay lives. A kill leaves the last tick's mark, never half of one."""

    path: Path

    def claim(self, fingerprint: str) -> None:
        """Take an empty folder, or go on in one of the same replay.

        Raises:
            ConfigurationError: it holds another replay, or a live office's data.
        """
        about = self.path / _ABOUT
        if about.is_file():
            if json.loads(about.read_text(encoding="utf-8"))["fingerprint"] == fingerprint:
                return
            raise ConfigurationError(
                "the folder holds a replay of something else",
                remedy="give another one with --into, or delete it",
                where=str(self.path),
            )
        if any((self.path / name).exists() for name in _LIVE):
            raise ConfigurationError(
                "the folder holds a live office's data",
                remedy="a replay never goes there: give an empty folder with --into",
                where=str(self.path),
            )
        # A temporary name is what a kill right here left.
        if self.path.is_dir() and any(one.name[0] != "." for one in self.path.iterdir()):
            raise ConfigurationError(
                "the folder isn't empty and holds no replay",
                remedy="a replay never goes there: give an empty folder with --into",
                where=str(self.path),
            )
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._write(_ABOUT, {"fingerprint": fingerprint})

    @property
    def done_until(self) -> datetime | None:
        """End of the last tick that was finished; None before the first."""
        return self._moment("done_until")

    @property
    def begun_until(self) -> datetime | None:
        """End of the tick that was begun last, finished or not; None before the first."""
        return self._moment("begun_until")

    @property
    def finished(self) -> bool:
        """Whether the replay came to its end."""
        return bool(self._progress().get("finished"))

    def begin(self, until: datetime) -> None:
        """Note that the tick up to `until` begins."""
        self._write(_PROGRESS, self._progress() | {"begun_until": until.isoformat()})

    def mark(self, until: datetime) -> None:
        """Note that everything up to `until` is done."""
        self._write(_PROGRESS, {"begun_until": until.isoformat(), "done_until": until.isoformat()})

    def finish(self) -> None:
        """Note that all is done."""
        self._write(_PROGRESS, self._progress() | {"finished": True})

    def _moment(self, name: str) -> datetime | None:
        found = self._progress().get(name)
        return datetime.fromisoformat(str(found)) if found else None

    def _progress(self) -> dict[str, str | bool]:
        path = self.path / _PROGRESS
        found: dict[str, str | bool] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        return found

    def _write(self, name: str, content: object) -> None:
        temporary = self.path / f".{name}.tmp"
        temporary.write_text(json.dumps(content) + "\n", encoding="utf-8")
        temporary.replace(self.path / name)

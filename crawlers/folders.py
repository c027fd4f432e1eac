"""Where segments lie: a local folder by default, any fsspec URL (S3, OSS, HDFS) beyond.

Both kinds promise the same: a file appears under its final name whole or not at all, and `move`
can be repeated after any crash.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol, cast

import fsspec

from crawlers.keys import private_folder, sync_folder
from domain.errors import StoreFailure

#: Names that begin so are being written, or were when their writer was killed.
TEMPORARY = ".tmp-"


class Folder(Protocol):
    """Flat files under relative names such as ``pending/x.jsonl.zst``."""

    def names(self, part: str) -> list[str]: ...  # finished files in `part`, sorted
    def stale(self, part: str) -> list[str]: ...  # temporary ones in `part`
    def orphans(self, part: str) -> list[str]: ...  # of these, those whose writer is dead
    def exists(self, name: str) -> bool: ...
    def open(self, name: str) -> Any: ...  # a context manager giving a binary reader
    def writing(
        self, name: str
    ) -> Any: ...  # a context manager giving a writer; renames at its end
    def move(self, name: str, target: str) -> None: ...  # replaces `target`
    def delete(self, name: str) -> None: ...  # fine when gone already
    def touch(self, name: str, moment: datetime) -> None: ...  # set `modified`, where that can be
    def modified(self, name: str) -> datetime: ...  # UTC


def open_folder(url: str) -> Folder:
    """Return the folder behind a path or an fsspec URL."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return LocalFolder(Path(url))
    if scheme == "file":
        return LocalFolder(Path(rest))
    filesystem, root = fsspec.core.url_to_fs(url)
    return RemoteFolder(filesystem, str(root))


def _temporary_name(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_name(f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(6)}-{path.name}"))


def _alive(name: str) -> bool:
    """Whether the process that began this temporary file still runs here."""
    number = name.removeprefix(TEMPORARY).partition("-")[0]
    if not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class LocalFolder:
    """Files of this machine: fsync, then an atomic rename."""

    def __init__(self, root: Path) -> None:
        self._root = private_folder(root)

    def names(self, part: str) -> list[str]:
        return [name for name in self._all(part) if not name.startswith(".")]

    def stale(self, part: str) -> list[str]:
        return [name for name in self._all(part) if name.startswith(TEMPORARY)]

    def orphans(self, part: str) -> list[str]:
        return [name for name in self.stale(part) if not _alive(name)]

    def exists(self, name: str) -> bool:
        return (self._root / name).exists()

    def open(self, name: str) -> IO[bytes]:
        return (self._root / name).open("rb")

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        temporary, final = self._root / _temporary_name(name), self._root / name
        try:
            private_folder(final.parent)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(final)
            sync_folder(final.parent)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise StoreFailure(
                f"the inbox can't be written: {error.strerror}",
                remedy="make room or correct the permissions; the source is read again",
                where=str(final),
            ) from error

    def move(self, name: str, target: str) -> None:
        source, final = self._root / name, self._root / target
        private_folder(final.parent)
        source.replace(final)
        sync_folder(final.parent)
        sync_folder(source.parent)

    def delete(self, name: str) -> None:
        (self._root / name).unlink(missing_ok=True)

    def touch(self, name: str, moment: datetime) -> None:
        os.utime(self._root / name, (moment.timestamp(), moment.timestamp()))

    def modified(self, name: str) -> datetime:
        return datetime.fromtimestamp((self._root / name).stat().st_mtime, UTC)

    def _all(self, part: str) -> list[str]:
        folder = self._root / part
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


class RemoteFolder:
    """Files of an fsspec filesystem. An object store's copy is atomic, its rename is copy + delete;
    killed between the two, both names exist, which every caller treats as "not moved yet"."""

    def __init__(self, filesystem: Any, root: str) -> None:
        self._files = filesystem
        self._root = root.rstrip("/")

    def names(self, part: str) -> list[str]:
        return [name for name in self._all(part) if not name.startswith(".")]

    def stale(self, part: str) -> list[str]:
        return [name for name in self._all(part) if name.startswith(TEMPORARY)]

    def orphans(self, part: str) -> list[str]:
        """None: a writer on another machine can't be asked; housekeeping goes by age."""
        return []

    def exists(self, name: str) -> bool:
        return bool(self._files.exists(self._at(name)))

    def open(self, name: str) -> IO[bytes]:
        return cast("IO[bytes]", self._files.open(self._at(name), "rb"))

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        temporary = self._at(_temporary_name(name))
        self._files.makedirs(self._at(str(PurePosixPath(name).parent)), exist_ok=True)
        with self._files.open(temporary, "wb") as file:
            yield file
        self._files.mv(temporary, self._at(name))

    def move(self, name: str, target: str) -> None:
        self._files.makedirs(self._at(str(PurePosixPath(target).parent)), exist_ok=True)
        self._files.mv(self._at(name), self._at(target))

    def delete(self, name: str) -> None:
        if self.exists(name):
            self._files.rm_file(self._at(name))

    def touch(self, name: str, moment: datetime) -> None:
        """Nothing to do: the copy that `move` makes carries the time of the move."""

    def modified(self, name: str) -> datetime:
        moment: datetime = self._files.modified(self._at(name))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _all(self, part: str) -> list[str]:
        folder = self._at(part)
        if not self._files.exists(folder):
            return []
        self._files.invalidate_cache()
        return sorted(str(path).rsplit("/", 1)[-1] for path in self._files.ls(folder, detail=False))

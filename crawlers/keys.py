"""Secret files that several processes may want to create at the same instant."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from domain.errors import ConfigurationError

_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700


def private_folder(folder: Path) -> Path:
    """Create `folder` if need be, readable by its owner alone, and return it."""
    folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    return folder


def write_private(path: Path, content: bytes) -> None:
    """Write a 0600 file as a whole or not at all: temporary name, fsync, rename."""
    temporary = _write_temporary(path, content)
    temporary.replace(path)
    sync_folder(path.parent)


def create_once(path: Path, content: bytes) -> bytes:
    """Create the 0600 file `path`, or read what an other process put there first.

    The content is written under a temporary name and then linked, so nobody ever reads half a
    key, and of two processes exactly one wins.

    Raises:
        ConfigurationError: others than the owner may read the existing file.
    """
    if not path.exists():
        temporary = _write_temporary(path, content)
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass  # an other process was first; its key is the key
        finally:
            temporary.unlink()
        sync_folder(path.parent)
    if path.stat().st_mode & 0o077:
        raise ConfigurationError(
            "a secret key can be read by others",
            remedy=f"chmod 600 {path.name}, and delete the key if it may have been copied",
            where=str(path),
        )
    return path.read_bytes()


def destroy(path: Path) -> None:
    """Overwrite and delete a key; fine when it is gone already."""
    try:
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_temporary(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return temporary

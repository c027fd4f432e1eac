"""A private folder for one piece of work, gone afterwards even if the process is killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawlers.keys import private_folder
from domain.errors import StoreFailure


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A fresh folder within `folder`; what killed processes left there goes first.

    Raises:
        StoreFailure: disk full, no permission.
    """
    try:
        with _locked(private_folder(folder)):
            _sweep(folder)
            made = Path(tempfile.mkdtemp(dir=folder))
            # The system ends the lock of a process that dies, which is how others know.
            descriptor = os.open(made, os.O_RDONLY)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as error:
        raise _unusable(folder, error) from error
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.close(descriptor)


def sweep(folder: Path) -> int:
    """Remove folders in `folder` whose process is gone; how many.

    Raises:
        StoreFailure: no permission.
    """
    if not folder.exists():
        return 0
    try:
        with _locked(folder):
            return _sweep(folder)
    except OSError as error:
        raise _unusable(folder, error) from error


def _sweep(folder: Path) -> int:
    gone = 0
    for left in folder.glob("*"):
        try:
            descriptor = os.open(left, os.O_RDONLY)
        except FileNotFoundError:
            continue  # whoever worked in it has ended since
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue  # somebody is at work in it
        else:
            shutil.rmtree(left, ignore_errors=True)
            gone += 1
        finally:
            os.close(descriptor)
    return gone


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Nobody else makes or removes folders here meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _unusable(folder: Path, error: OSError) -> StoreFailure:
    return StoreFailure(
        f"a private folder can't be used: {error.strerror}",
        remedy="check free space and permissions of the data folder",
        where=str(folder),
    )

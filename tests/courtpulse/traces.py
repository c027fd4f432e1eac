"""Looks for words in every byte of a data folder: packed, zipped, sealed and in database pages."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import zstandard
from cryptography.fernet import Fernet, InvalidToken

_ZSTD = b"\x28\xb5\x2f\xfd"


def files_with(folder: Path, words: str) -> set[str]:
    """Paths, below `folder`, of files that hold `words` in any form a program of ours writes."""
    escaped = json.dumps(words)[1:-1].encode()
    forms = (words.encode(), words.encode("utf-16-le"), words.encode("gb18030"), escaped)
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(form in read for read in _readings(path) for form in forms)
    }


def _readings(path: Path) -> Iterator[bytes]:
    raw = path.read_bytes()
    yield raw
    if raw.startswith(_ZSTD):
        yield _unpacked(raw)
    if zipfile.is_zipfile(io.BytesIO(raw)):
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            for name in packed.namelist():
                yield packed.read(name)
    key = path.parent / "quarantine.key"
    if path.suffix == ".item" and key.exists():
        sealed = raw.partition(b"\n")[2]
        for line in key.read_bytes().splitlines():
            try:
                yield Fernet(line.split()[0]).decrypt(sealed)
            except InvalidToken:
                continue


def _unpacked(raw: bytes) -> bytes:
    """As much as can be had, also of a damaged frame."""
    unpacker, found = zstandard.ZstdDecompressor().decompressobj(), b""
    for start in range(0, len(raw), 64):
        try:
            found += unpacker.decompress(raw[start : start + 64])
        except zstandard.ZstdError:
            break
    return found

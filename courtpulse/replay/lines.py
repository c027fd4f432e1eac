"""JSONL of posts as a source gave them: redaction, tokens and checks are still before them.

One object a line with the fields of `crawlers.items.RawItem`; `source`, `text`, `published_at` and
`native_id` or `url` are needed. `fetched_at` says when a post arrived, else its publication does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from courtpulse.replay.arrivals import microsecond
from crawlers.items import RawItem
from domain.errors import BadInput
from domain.posts import Platform, PostKind
from domain.time import as_utc

_DEFAULTS: dict[str, Any] = {"native_id": "", "platform": Platform.NEWS, "kind": PostKind.POST}
#: A line is read whole: 100,000 characters of text as six-byte escapes, and room.
_MAX_LINE = 2 * 1024 * 1024


class Lines:
    """One file; see `courtpulse.replay.arrivals.Recording`. A place is a line's offset in bytes."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path
        self._file = path.open("rb")
        self._damage: list[tuple[str, bytes, BadInput]] = []

    def digest(self) -> str:
        """Of the file."""
        with self._path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def index(self) -> Iterator[tuple[int, int]]:
        """Reads the whole file once."""
        self._file.seek(0)
        number = place = 0
        while line := self._file.readline(_MAX_LINE):
            number += 1
            if line.strip():
                try:
                    yield microsecond(_item(line).fetched_at), place
                except BadInput as error:
                    self._damage.append((f"{self._path.name} line {number}", line, error))
            place = self._file.tell()

    def read(self, place: int) -> RawItem:
        """The item that begins at that offset."""
        self._file.seek(place)
        return _item(self._file.readline(_MAX_LINE))

    def damage(self) -> list[tuple[str, bytes, BadInput]]:
        """Lines that hold no post."""
        return self._damage


@cache
def _adapter() -> TypeAdapter[RawItem]:
    return TypeAdapter(RawItem)


def _item(line: bytes) -> RawItem:
    """The item of a line.

    Raises:
        BadInput: it is no JSON object, misses a field, or has one that is unknown or naive.
    """
    try:
        fields = json.loads(line)
        if not isinstance(fields, dict):
            raise BadInput("a line is not a JSON object", remedy="write one post a line")
        fields.setdefault("fetched_at", fields.get("published_at"))
        if unknown := sorted(fields.keys() - RawItem.__dataclass_fields__.keys()):
            raise BadInput(
                f"a line has the unknown key {unknown[0][:40]}",
                remedy="docs/replay.md lists the keys",
            )
        item = _adapter().validate_python({**_DEFAULTS, **fields})
        as_utc(item.published_at), as_utc(item.fetched_at)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"a line's {place} is not usable: {first['msg']}",
            remedy="docs/replay.md lists the keys",
        ) from error
    except (ValueError, OverflowError, RecursionError) as error:
        raise BadInput("a line is no JSON, or a time in it has no zone") from error
    return item

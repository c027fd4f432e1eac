"""Inputs for `bench.fuzz`: raw bytes half of the time, a damaged valid document the other half.

A fuzzer that flips bits seldom gets past a JSON scanner; one that only bends valid documents never
meets broken bytes. The first byte decides which of the two an input is.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

#: What stands in for a value: each has ended some parser somewhere.
HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, 2**64, 10**40, -(10**40), 0.5, 1e308, -1e308,
    float("nan"), float("inf"), "", " ", "\x00", "\ud800", "﻿", "‮", "0" * 400, "９" * 30,
    "=1+1", "null", "NaN", "1e999", [], {}, [[]], [None], {"": None}, "http://[::1", "//", "file:///",
    "https://a.example/" + "%" * 30, "1970-01-01", "0000-00-00", "9999-12-31T23:59:59+14:00",
    "Fri Nov 31 25:61:61 +9999 2026", "昨天 99:99", "<![CDATA[", "&#xD800;", "<!ENTITY a 'b'>",
    "（2026）浙99刑初" + "9" * 200 + "号", "(" * 300, "〔" * 60, "@" * 200, "1" * 4300 + "1",
)  # fmt: skip
_DEEP = 3_000


def nested(depth: int = _DEEP) -> list[Any]:
    """A list in a list in a list …, deeper than any recursion limit."""
    root: list[Any] = []
    for _ in range(depth):
        root = [root]
    return root


class Chooser:
    """Choices read off an input, byte by byte; an input that is used up chooses 0."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1."""
        if limit <= 1:
            return 0
        width = 1 if limit <= 256 else 2
        piece = self._data[self._position : self._position + width]
        self._position += width
        return int.from_bytes(piece, "little") % limit

    def one_of(self, values: Sequence[Any]) -> Any:
        """One of `values`."""
        return values[self.below(len(values))]

    def text(self) -> str:
        """Up to 60 bytes of the rest, as text with whatever signs they are."""
        end = self._position + self.below(60)
        piece, self._position = self._data[self._position : end], end
        return piece.decode("utf-8", "surrogateescape")

    def value(self) -> Any:
        """Something hostile, or some text."""
        return copy.deepcopy(self.one_of(HOSTILE)) if self.below(3) else self.text()

    @property
    def left(self) -> bool:
        """Whether there is input left."""
        return self._position < len(self._data)


def damaged(document: Any, chooser: Chooser) -> Any:
    """`document` with a few of its values replaced, removed or doubled."""
    holder = [json.loads(json.dumps(document))]
    for _ in range(1 + chooser.below(4)):
        _damage_once(holder, chooser)
    return holder[0]


def _damage_once(holder: list[Any], chooser: Chooser) -> None:
    place: Any = holder
    key: Any = 0
    while isinstance(place[key], dict | list) and place[key] and chooser.below(8):
        place, inner = place[key], place[key]
        key = (
            chooser.one_of(sorted(inner)) if isinstance(inner, dict) else chooser.below(len(inner))
        )
    act = chooser.below(8)
    if act == 0 and isinstance(place, dict):
        del place[key]
    elif act == 1 and isinstance(place, dict):
        place[chooser.text()] = chooser.value()
    elif act == 2 and isinstance(place, list) and place is not holder:
        place.extend([place[key]] * 3)
    else:
        place[key] = chooser.value()


def json_bytes(document: Any, chooser: Chooser) -> bytes:
    """`document` as JSON; now and then cut off, in another charset, or far too deep."""
    if chooser.below(60) == 1:
        return b"[" * _DEEP + b"]" * chooser.below(_DEEP)
    ascii_only = bool(chooser.below(2))
    content = json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    how = chooser.below(12)
    if how == 1:
        return content[: chooser.below(len(content) + 1)]
    if how == 2:
        return content.decode("utf-8", "replace").encode("gb18030", "replace")
    if how == 3:
        return b"\xef\xbb\xbf" + content
    return content


def document_input(samples: Sequence[Any]) -> Callable[[bytes], bytes]:
    """Raw bytes, or one of `samples` damaged and written as JSON."""

    def make(data: bytes) -> bytes:
        if not data or data[0] % 2 == 0:
            return data[1:]
        chooser = Chooser(data[1:])
        return json_bytes(damaged(chooser.one_of(samples), chooser), chooser)

    return make


def text_input(snippets: Sequence[str]) -> Callable[[bytes], str]:
    """Any text, or snippets of the parser's own grammar put together wrongly."""

    def make(data: bytes) -> str:
        if not data or data[0] % 2 == 0:
            return data[1:].decode("utf-8", "surrogateescape")
        chooser = Chooser(data[1:])
        parts = []
        while chooser.left and len(parts) < 40:
            parts.append(chooser.one_of(snippets) if chooser.below(4) else chooser.text())
        return "".join(parts)

    return make


def bytes_input(pages: Sequence[bytes], snippets: Sequence[bytes]) -> Callable[[bytes], bytes]:
    """Raw bytes, or a valid page with snippets written over it, or cut off."""

    def make(data: bytes) -> bytes:
        if not data or data[0] % 2 == 0:
            return data[1:]
        chooser = Chooser(data[1:])
        page = bytearray(chooser.one_of(pages))
        for _ in range(1 + chooser.below(5)):
            place = chooser.below(len(page) + 1)
            gone = chooser.below(40)
            page[place : place + gone] = chooser.one_of(snippets)
        return bytes(page[: chooser.below(len(page) + 1)] if chooser.below(6) == 1 else page)

    return make


#: The clock of every target.
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

"""Words from outside inside a robot's Markdown, and messages cut by bytes.

WeCom and DingTalk document no escape: a backslash is shown. So what could be read as markup, a
mention or a link becomes the full-width character that looks the same.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from domain.errors import NotifyFailure

_ALIKE = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in "*_`#<>[]()!~|\\@$&"})
_JOINER = "\u200d"


def neutral(words: str) -> str:
    """`words` on one line, with nothing in them that Markdown or a robot would act on."""
    visible = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") and sign != _JOINER else sign
        for sign in words
    )
    return " ".join(visible.split()).translate(_ALIKE)


def cut(text: str, limit: int) -> list[str]:
    """`text` in pieces of at most `limit` UTF-8 bytes, never inside a character as a reader sees it.

    Raises:
        ValueError: a single character is longer than `limit`.
    """
    pieces: list[str] = []
    while len(text.encode()) > limit:
        end = _fitting(text, limit)
        while end > 1 and _hangs_on(text, end):
            end -= 1
        if end <= 1 and _hangs_on(text, 1):
            end = _fitting(text, limit)  # a pile of marks longer than a message: cut it somewhere
        if end < 1:
            raise ValueError(f"a limit of {limit} bytes holds no character")
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text]


def messages(head: str, lines: Sequence[str], foot: str, limit: int, join: str = "\n") -> list[str]:
    """Messages of at most `limit` bytes, each with `head` (numbered when there are several).

    Lines stay whole where they fit; `foot` is never cut.

    Raises:
        NotifyFailure: head and foot leave no room for anything.
    """
    whole = join.join([head, *lines, foot])
    if len(whole.encode()) <= limit:
        return [whole]
    room = limit - len(f"{head}（99/99）{join}{join}{foot}".encode())
    if room < limit // 4:
        raise NotifyFailure(
            "title and link are too long for this channel", retryable=False,
            remedy="shorten the case's title or the address of the pages",
        )  # fmt: skip
    bodies: list[str] = []
    for piece in (piece for line in lines for piece in cut(line, room)):
        if bodies and len(f"{bodies[-1]}{join}{piece}".encode()) <= room:
            bodies[-1] = f"{bodies[-1]}{join}{piece}"
        else:
            bodies.append(piece)
    return [
        join.join([f"{head}（{number}/{len(bodies)}）", body, foot])
        for number, body in enumerate(bodies, 1)
    ]


def _fitting(text: str, limit: int) -> int:
    """How many leading characters fit."""
    return len(text.encode()[:limit].decode(errors="ignore"))


def _hangs_on(text: str, place: int) -> bool:
    """Whether the character at `place` belongs to the one before it."""
    if place >= len(text):
        return False
    return (
        unicodedata.category(text[place]) in ("Mn", "Me", "Mc")
        or text[place] == _JOINER
        or text[place - 1] == _JOINER
        or 0x1F3FB <= ord(text[place]) <= 0x1F3FF
    )

"""Mails as rows: one of an ``.eml``, many of an ``.mbox``. Attachments are not looked at.

The columns are always `COLUMNS`: a mapping names those it wants. ``Text`` is the first plain text,
else the first HTML as text, without what it quotes; ``From`` is the bare address (for the token),
``Name`` the name beside it, both of which a mapping redacts or ignores.
"""

from __future__ import annotations

import email
import email.errors
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import IO

from crawlers.column_mapping import Mapping
from crawlers.decoding import decode
from crawlers.senders import own_words
from crawlers.table_rows import BadRow, Progress, Row
from domain.errors import BadInput
from text.normalise import html_to_text

SUFFIXES = (".eml", ".mbox")
COLUMNS = ("Message-ID", "Date", "Subject", "From", "Name", "Text")
#: A letter with photographs is this large; a larger one is no letter.
MAX_MAIL = 30 * 1024 * 1024
_LONGEST_LINE = 1024 * 1024
_MOST_PARTS = 200
#: Half of a mailbox's mark between two mails; the other half is that a line before it is empty.
_MARK = b"From "
#: What the standard library's parser and decoders let through when a mail is not one.
_UNREADABLE = (
    ValueError, LookupError, TypeError, AttributeError, RecursionError, email.errors.MessageError,
)  # fmt: skip


def mail_rows(path: Path, mapping: Mapping, progress: Progress | None) -> Iterator[Row | BadRow]:
    """Yield the mails of `path`.

    Raises:
        BadInput: the mapping names columns that a mail doesn't have.
    """
    if unknown := sorted(mapping.required - set(COLUMNS)):
        raise BadInput(
            f"a mail has no {', '.join(unknown)}",
            remedy=f"mapping {mapping.name} may name {', '.join(COLUMNS)}",
            where=path.name,
        )
    total = path.stat().st_size
    with path.open("rb") as file:
        mails = _split(file) if path.suffix.lower() == ".mbox" else iter([_whole(file)])
        for number, content in enumerate(mails, 1):
            if progress is not None:
                progress(file.tell(), total)
            yield _row(number, content)


def _row(number: int, content: bytes | None) -> Row | BadRow:
    if content is None:
        return BadRow(number, b"", BadInput(f"the mail is larger than {MAX_MAIL} bytes"))
    try:
        mail = email.message_from_bytes(content)
        name, address = parseaddr(_header(mail, "From"))
        cells: dict[str, object] = {
            "Message-ID": _identity(mail, content),
            "Date": _moment(mail),
            "Subject": _header(mail, "Subject"),
            "From": address.lower(),
            "Name": name,
            "Text": own_words(_text(mail)),
        }
    except BadInput as error:
        return BadRow(number, b"", error)
    except _UNREADABLE as error:
        unread = BadInput(
            f"the mail can't be read: {type(error).__name__}", remedy="open it in a mail program"
        )
        return BadRow(number, b"", unread)
    return Row(number, cells, b"")


def _identity(mail: Message, content: bytes) -> str:
    """Stands for the Message-ID, which names the sender's host; for the content without one."""
    name = _header(mail, "Message-ID").encode("utf-8", "surrogatepass") or content
    return hashlib.sha256(name).hexdigest()


def _header(mail: Message, name: str) -> str:
    """A header's text; charsets that nobody knows, and lies about them, are seen through."""
    value = mail.get(name)
    if value is None:
        return ""
    parts = []
    for piece, charset in decode_header(value):
        if isinstance(piece, str):
            parts.append(piece)
        else:
            known = charset if charset and charset != "unknown-8bit" else ""
            parts.append(decode(piece, f"charset={known}"))
    return " ".join("".join(parts).split())


def _moment(mail: Message) -> datetime:
    value = _header(mail, "Date")
    try:
        moment = parsedate_to_datetime(value)
        # "-0000" is UTC by somebody who doesn't say where they are (RFC 5322, 3.3).
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except _UNREADABLE as error:
        raise BadInput(
            "the mail has no readable Date", remedy="export it with its header"
        ) from error


def _text(mail: Message) -> str:
    texts: dict[str, str] = {}
    for number, part in enumerate(mail.walk()):
        if number >= _MOST_PARTS:
            raise BadInput(f"the mail has more than {_MOST_PARTS} parts")
        kind = part.get_content_type()
        if part.is_multipart() or kind not in ("text/plain", "text/html") or kind in texts:
            continue
        if part.get_content_disposition() == "attachment" or part.get_filename():
            continue
        body = part.get_payload(decode=True)
        if isinstance(body, bytes):
            texts[kind] = decode(body, str(part.get("Content-Type", "")))
    return texts.get("text/plain") or html_to_text(texts.get("text/html", ""))


def _whole(file: IO[bytes]) -> bytes | None:
    content = file.read(MAX_MAIL + 1)
    return content if len(content) <= MAX_MAIL else None


def _split(file: IO[bytes]) -> Iterator[bytes | None]:
    """The mails of a mailbox; None for one that is too large."""
    lines: list[bytes] = []
    size, begun, after_empty = 0, False, True
    while line := file.readline(_LONGEST_LINE):
        if after_empty and line.startswith(_MARK):
            if begun:
                yield b"".join(lines) if size <= MAX_MAIL else None
            lines, size, begun, after_empty = [], 0, True, False
            continue
        after_empty = line in (b"\n", b"\r\n")
        begun = begun or not after_empty
        size += len(line)
        if size <= MAX_MAIL:
            lines.append(line[1:] if line.startswith(b">From ") else line)
    if begun:
        yield b"".join(lines) if size <= MAX_MAIL else None

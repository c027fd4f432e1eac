"""Write a weekly into a folder: checked first, then each file by rename."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path

from domain.errors import BadInput
from reports import docx as word
from reports import html, pdf
from reports.check import enforce, texts
from reports.model import WeeklyModel

#: What is written unless asked otherwise; "pdf" needs LibreOffice.
FORMATS = ("html", "docx")
_READABLE = 0o644


def write_weekly(
    model: WeeklyModel, folder: Path, formats: Sequence[str] = FORMATS
) -> dict[str, str]:
    """Format → path of what was written; "json" holds the frozen aggregates.

    Nothing is written unless every format passes its check; a reader never sees half a file.

    Raises:
        NotAllowed: the report breaks a rule (bare percentage, identifier, banned wording …).
        ConfigurationError: "pdf" without LibreOffice.
        BadInput: a format there is not.
    """
    enforce(texts(model))
    files: dict[str, bytes] = {}
    for name in formats:
        if name not in _MAKERS:
            raise BadInput(f"no report format {name!r}", remedy=f"use {', '.join(_MAKERS)}")
        files[name] = _MAKERS[name](model)
    files["json"] = json.dumps(model.aggregates, ensure_ascii=False, indent=1).encode()
    folder.mkdir(parents=True, exist_ok=True)
    stem = model.aggregates["id"]
    return {
        name: str(_replace(folder / f"{stem}.{name}", content)) for name, content in files.items()
    }


def html_texts(page: str) -> list[str]:
    """Texts of an HTML report by block, without styles and without the charts' axis numbers."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return [text for text in map(str.strip, reader.found) if text]


def _html(model: WeeklyModel) -> bytes:
    page = html.render(model)
    enforce(html_texts(page))
    return page.encode()


def _docx(model: WeeklyModel) -> bytes:
    document = word.render(model)
    enforce(word.texts(document))
    return document


def _pdf(model: WeeklyModel) -> bytes:
    return pdf.convert(_docx(model))


_MAKERS: dict[str, Callable[[WeeklyModel], bytes]] = {"html": _html, "docx": _docx, "pdf": _pdf}


def _replace(path: Path, content: bytes) -> Path:
    """Write beside, sync, rename: a killed program leaves the old file or the new one."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(_READABLE)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


class _Reader(HTMLParser):
    """Collects text; a block element begins a new entry, `style` and `svg` are passed over."""

    _BLOCKS = frozenset(
        ("p", "h1", "h2", "h3", "td", "th", "caption", "figure", "section", "title", "time", "span")
    )
    _SKIPPED = frozenset(("style", "svg"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = [""]
        self._skipping = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in self._SKIPPED:
            self._skipping += 1
        if tag in self._BLOCKS:
            self.found.append(dict(attributes).get("aria-label") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SKIPPED:
            self._skipping -= 1
        if tag in self._BLOCKS:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.found[-1] += data

"""Bytes of a page → text. Chinese sites name the wrong charset, or none, often enough."""

from __future__ import annotations

import codecs
import re

from domain.errors import BadInput

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(
    rb"<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*[\"']?([\w-]+)", re.IGNORECASE
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
#: gb18030 holds gbk and gb2312; sites that say gb2312 use characters beyond it.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030"}
#: Latin charsets are a server's default, never the truth of a Chinese page.
_NEVER = {"iso-8859-1", "latin-1", "latin1", "windows-1252", "us-ascii", "ascii"}
#: One broken sign in this many is the page's own fault and may be replaced.
_TOLERATED = 1000


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of an HTML or JSON body.

    UTF-8 goes first, whatever the header says: hardly any GBK text happens to be valid UTF-8,
    while UTF-8 text often happens to be valid GBK.

    Raises:
        BadInput: no charset fits.
    """
    for bom, charset in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(charset, "replace")
    named = _named(body, content_type)
    for charset in ("utf-8", *named, "gb18030"):
        try:
            return body.decode(charset)
        except UnicodeDecodeError:
            continue
    for charset in (*named, "utf-8", "gb18030"):
        text = body.decode(charset, "replace")
        if text.count("�") * _TOLERATED <= len(text):
            return text
    raise BadInput("no charset fits the bytes", remedy="look at the page in a browser")


def _named(body: bytes, content_type: str) -> list[str]:
    """Charsets that header and page name and Python knows, header first."""
    header = _HEADER.search(content_type)
    meta = _META.search(body[:4096])
    names = [header[1]] if header else []
    names += [meta[1].decode("ascii")] if meta else []
    usable = []
    for name in (_WIDER.get(name.lower(), name.lower()) for name in names):
        try:
            codecs.lookup(name)
        except LookupError:
            continue
        if name not in _NEVER and name not in usable:
            usable.append(name)
    return usable

"""Text from outside made plain: one form per character, nothing invisible, no markup."""

from __future__ import annotations

import re
import unicodedata

from lxml import etree

from domain.errors import BadInput

# Control characters, soft hyphen, zero-width and bidirectional marks, noncharacters, tag
# characters and lone surrogates: invisible, and a way to hide a word from a search or a redaction.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile("[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_LINE_EDGE = re.compile(" ?\n ?")
_EMPTY_LINES = re.compile("\n{3,}")

_LINK = re.compile(r"https?://[!-~]+|\b(?:t\.cn|url\.cn)/[!-~]+|网页链接", re.IGNORECASE)
_MENTION = re.compile(r"@[\w·\-]{1,30}")
_PLACEHOLDER = re.compile(r"〔[^〔〕\n]{1,8}〕")
_EMOTICON = re.compile(r"\[[^\W\d_]{1,8}\]")
_NOT_WORD = re.compile(r"[\W_]+")

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "fieldset", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option", "p", "pre",
    "section", "table", "tr", "ul",
))  # fmt: skip
_SILENT = frozenset(["head", "noscript", "script", "style", "template", "title"])
_MARKUP = re.compile(r"[<&]")


def clean(text: str) -> str:
    """Return `text` in NFC without invisible characters, trimmed, with runs of blanks collapsed.

    Line ends become ``\\n`` and at most one empty line stays between paragraphs. Cleaning twice
    changes nothing.
    """
    if not text:
        return ""
    text = _INVISIBLE.sub("", _LINE_END.sub("\n", text))
    text = _BLANKS.sub(" ", unicodedata.normalize("NFC", text))
    if "\n" in text:
        text = _EMPTY_LINES.sub("\n\n", _LINE_EDGE.sub("\n", text))
    return text.strip()


def visible(text: str) -> str:
    """`text` without invisible characters and lone surrogates: what a reader sees of it."""
    return _INVISIBLE.sub("", text)


def html_to_text(html: str) -> str:
    """Return the readable text of an HTML fragment or page, cleaned.

    Blocks end a line; scripts, styles and the head are left out; an image gives its ``alt``
    (Weibo writes emoticons so). No entity is loaded from anywhere.

    Raises:
        BadInput: nested so deeply that the parser would drop text.
    """
    source = _INVISIBLE.sub("", html)
    if not _MARKUP.search(source):
        return clean(source)
    # huge_tree: otherwise text nested deeper than 256 elements is dropped without a word.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    root = etree.fromstring(f"<div>{source}</div>".encode(), parser)
    if any(entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log):
        raise BadInput(
            "markup is nested deeper than 2048 elements",
            remedy="it is no page a person wrote; check what the source delivers",
        )
    return clean("".join(_pieces(root))) if root is not None else ""


def _pieces(root: etree._Element) -> list[str]:
    """Texts of the tree in reading order, with line breaks around blocks; no recursion."""
    pieces: list[str] = []
    silent = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        name = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            silent += name in _SILENT
            if not silent:
                pieces.append("\n" if name in _BLOCKS else "")
                pieces.append(element.get("alt") or "" if name == "img" else "")
                pieces.append(element.text or "")
            continue
        if event == "end":
            if not silent and name in _BLOCKS and name != "br":
                pieces.append("\n")
            silent -= name in _SILENT
        if not silent:
            pieces.append(element.tail or "")
    return pieces


def strip_for_similarity(text: str) -> str:
    """Return what two copies of a text have in common: NFKC, lower case, letters and digits only.

    Links, @mentions, bracketed emoticons and placeholders of the redaction are taken out.
    """
    text = unicodedata.normalize("NFKC", _PLACEHOLDER.sub(" ", text)).lower()
    for noise in (_LINK, _MENTION, _EMOTICON, _NOT_WORD):
        text = noise.sub("" if noise is _NOT_WORD else " ", text)
    return text

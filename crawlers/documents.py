"""JSON answers: from bytes to a document, from a document to fields, or a word why not.

What an interface answers is a page (a wall stands before it), no JSON, an error in JSON, or a
document. The first three blind the source (`SourceBlind`); a field that is missing or of the wrong
type costs the item (`BadInput`).
"""

from __future__ import annotations

import json
from typing import Any

from scrapy.http import Response

from crawlers.decoding import decode
from crawlers.failures import bad_body, blind_by_code, blind_by_page, captcha, login_page
from domain.errors import BadInput
from text.numbers import parse_count

_MOST_DIGITS = 20
_REMEDY = "compare it with the interface's documentation"


def read_document(response: Response, name: str) -> Any:
    """The JSON of an answer.

    Args:
        name: the source, for the error's place.

    Raises:
        SourceBlind: HTML (a login page, a captcha), or no JSON.
        BadInput: no charset fits the bytes.
    """
    header = response.headers.get("Content-Type")
    text = decode(response.body, header.decode("latin-1") if header else "").lstrip()
    if text.startswith("<"):
        raise blind_by_page(response.body, response.url) or login_page(name)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise bad_body("JSON 不完整", name) from error


def check_weibo(document: Any, name: str) -> None:
    """Raise `SourceBlind` for an error in the Weibo platform's forms (sources.md A and C)."""
    if not isinstance(document, dict):
        return
    code = whole(document.get("error_code"))
    if code is not None and code >= 0:
        raise blind_by_code(code, name)
    if str(document.get("ok")) == "-100":
        raise captcha(name) if "captcha" in str(document.get("url")) else login_page(name)
    if document.get("ok") == 0:
        raise bad_body("ok=0", name)


def check_weibo_body(body: bytes, name: str) -> None:
    """`check_weibo` for an answer with an error status: its code says more than the status does."""
    if not body.lstrip().startswith(b"{"):
        return
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return  # not the interface's own error: judged by its status
    check_weibo(document, name)


def whole(value: Any) -> int | None:
    """A total or cursor: a number, also as text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        # Python refuses to read thousands of digits; no total or cursor has more than twenty.
        return int(value) if len(value) <= _MOST_DIGITS else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def mapping(value: Any, name: str) -> dict[str, Any]:
    """An object, or `BadInput`."""
    if not isinstance(value, dict):
        raise wrong(name, "an object")
    return value


def string(value: Any, name: str) -> str:
    """A text, also an empty one, or `BadInput`."""
    if not isinstance(value, str):
        raise wrong(name, "a string")
    return value


def words(value: Any, name: str) -> str:
    """A text that isn't empty, or `BadInput`."""
    if not isinstance(value, str) or not value:
        raise wrong(name, "a text")
    return value


def number_text(value: Any, name: str) -> str:
    """An id: up to twenty decimal digits, given as a number or a text, or `BadInput`."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise wrong(name, "a number")
    digits = str(value)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 20):
        raise wrong(name, "a number")
    return digits


def tally(value: Any) -> int | None:
    """A count of likes and the like: a number, "1.2万", or None for what is left out.

    Raises:
        BadInput: neither.
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    return parse_count(words(value, "count"))


def wrong(name: str, wanted: str) -> BadInput:
    """The field `name` is not what the interface promises."""
    return BadInput(f"{name} is not {wanted}", remedy=_REMEDY)

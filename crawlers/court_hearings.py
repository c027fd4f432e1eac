"""One entry of a court's list of hearings (庭审公开, sources.md F), less the persons in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from crawlers.documents import mapping, number_text, words, wrong
from domain.errors import BadInput
from domain.seeds import ListedHearing
from text import case_numbers
from text.dates import parse_moment
from text.normalise import clean
from text.redaction import redact

#: The only fields looked at and, for a broken entry, kept. Title and judge name people.
FIELDS = ("caseNo", "courtName", "caseCause", "beginTime", "caseId")
_LONGEST = 100
#: A hearing is listed weeks ahead; `parse_moment` takes what lies ahead for a mistake.
_AHEAD = timedelta(days=366)
_DATED = re.compile(r"20\d\d\D.*|\d{13}|\d{10}")


def read_hearing(entry: Any, now: datetime, endpoint: str) -> ListedHearing | None:
    """Read one entry; None when the court hides digits of its number, which then names no case.

    Args:
        endpoint: address of the list; the hearing's page lies on the same host.

    Raises:
        BadInput: a field is missing or not what it should be.
    """
    fields = mapping(entry, "entry")
    parts = urlsplit(endpoint)
    page = number_text(fields.get("caseId"), "caseId")
    number = _case_number(words(fields.get("caseNo"), "caseNo"))
    if not number:
        return None
    return ListedHearing(
        number=number,
        court=_short(fields.get("courtName"), "courtName"),
        cause=_short(fields.get("caseCause") or "", "caseCause"),
        begins_at=_moment(fields.get("beginTime"), now),
        link=f"{parts.scheme}://{parts.netloc}/live/{page}",
    )


def without_persons(entry: Any) -> Any:
    """A broken entry for the quarantine: without title, judge and whatever else it holds."""
    if not isinstance(entry, dict):
        return None
    return {name: entry[name] for name in FIELDS if name in entry}


def _case_number(text: str) -> str:
    found = case_numbers.find(clean(text[:_LONGEST]))
    if len(found) != 1:
        raise wrong("caseNo", "one case number")
    return "" if found[0].masked else found[0].normal


def _short(value: Any, name: str) -> str:
    text = clean(value) if isinstance(value, str) else None
    if text is None or len(text) > _LONGEST:
        raise wrong(name, "a short text")
    return redact(text).text


def _moment(value: Any, now: datetime) -> datetime:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _DATED.fullmatch(text.strip()[:40]):
        raise wrong("beginTime", "a date with its year")
    try:
        ahead = now + _AHEAD
    except OverflowError as error:
        raise BadInput("the clock stands at the end of the calendar") from error
    return parse_moment(text, ahead).astimezone(UTC)

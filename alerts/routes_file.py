"""The routes file as it is written: shapes, and errors that name the place in the file.

YAML traps are closed: a key given twice is an error, and 18:00 without quotes (which YAML reads as
the number 1080) is understood.
"""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from alerts.notices import Kind
from domain.alerts import Level
from domain.duty import Days
from domain.errors import ConfigurationError
from text.strict_yaml import problem_of, read_yaml

_REMEDY = "see docs/routes.md"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WORDS = {
    "extra_forbidden": "isn't a key we know",
    "missing": "is missing",
    "string_pattern_mismatch": "isn't made of a–z, 0–9 and -, 48 at most",
    "too_short": "is empty",
    "dict_type": "isn't a mapping",
    "list_type": "isn't a list",
    "model_type": "isn't a mapping",
    "string_type": "isn't a word",
    "tuple_type": "isn't a list",
}


def _clock(value: object) -> object:
    """YAML 1.1 reads 18:00 as sixty-fold 1080."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1440:
        return time(*divmod(value, 60))
    return value


def _weekday(value: object) -> object:
    return _WEEKDAYS.index(value) if isinstance(value, str) and value in _WEEKDAYS else value


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
Names = Annotated[tuple[Name, ...], Field(min_length=1)]
ClockTime = Annotated[time, BeforeValidator(_clock)]
Weekday = Annotated[int, BeforeValidator(_weekday), Field(ge=0, le=6)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonEntry(_Entry):
    """Somebody who can be told."""

    name: str
    channels: Names


class HoursEntry(_Entry):
    """When something holds, Asia/Shanghai."""

    start: ClockTime = Field(time(0, 0), alias="from")
    end: ClockTime = Field(time(0, 0), alias="to")
    days: Days = Days.EVERY
    weekdays: tuple[Weekday, ...] = ()


class ShiftEntry(HoursEntry):
    """Who is on duty when."""

    name: Name
    people: Names
    first: date | None = None
    last: date | None = None


class RouteEntry(_Entry):
    """What goes to whom."""

    name: Name
    to: Names
    courts: tuple[str, ...] = ()
    min_level: Level = Level.BLUE
    topics: tuple[str, ...] = ()
    notices: tuple[Kind, ...] = ()
    hours: HoursEntry = HoursEntry()
    escalate: tuple[Names, ...] = ()


class RoutesFile(_Entry):
    """The whole file; channels are read by their kinds."""

    channels: dict[Name, dict[str, Any]] = Field(default_factory=dict)
    people: dict[Name, PersonEntry] = Field(default_factory=dict)
    shifts: tuple[ShiftEntry, ...] = ()
    routes: tuple[RouteEntry, ...] = ()
    otherwise: tuple[Name, ...] = ()


def read(path: Path) -> RoutesFile:
    """Read the file at `path`; names in it are not yet compared with each other.

    Raises:
        ConfigurationError: it can't be read, or says something we don't understand.
    """
    try:
        document = read_yaml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(
            f"the routes can't be read ({problem_of(error)})",
            remedy="it is a UTF-8 YAML file; see docs/routes.md", where=path.name,
        ) from error  # fmt: skip
    try:
        return RoutesFile.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"] if part != "[key]") or "the file"
        said = _WORDS.get(first["type"], first["msg"].lower())
        raise ConfigurationError(
            f"{place} {said}", remedy=_REMEDY, where=path.name
        ) from None  # the cause would show what stands in the file

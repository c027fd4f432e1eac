"""Settings of the policy: a YAML file over `defaults.yml`, checked as a whole before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from alerts.policy.safe_yaml import read_mapping
from alerts.workdays import Workdays
from domain.alerts import Fact, Level
from domain.errors import ConfigurationError
from domain.policy import ActKind
from domain.posts import Platform

_DEFAULTS = Path(__file__).with_name("defaults.yml")

Share = Annotated[int, Field(ge=1, le=100)]
Least = Annotated[int, Field(ge=1)]
Words = tuple[Annotated[str, Field(min_length=1)], ...]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CountLine(_Part):
    """A line that holds when a count reaches its least."""

    line: Literal["posts", "platforms", "media"]
    least: Least


class ShareLine(_Part):
    """The court-negative rate is at least `percent`, of at least `least` posts about the court."""

    line: Literal["court_negative"]
    percent: Share
    least: Least


class StarLine(_Part):
    """A fact that is enough alone."""

    star: Fact


Line = CountLine | ShareLine | StarLine


class Star(_Part):
    """How many de-duplicated posts carry a fact until it counts without a person's word."""

    percent: Share
    least: Least


class LevelTable(_Part):
    """The level table of practice.md §2."""

    lines_needed: Least
    star: Star
    yellow: tuple[Line, ...]
    orange: tuple[Line, ...]
    red: tuple[Line, ...]

    def rows(self) -> tuple[tuple[Level, Line], ...]:
        """Level and line, in the table's order."""
        parts = ((Level.YELLOW, self.yellow), (Level.ORANGE, self.orange), (Level.RED, self.red))
        return tuple((level, line) for level, lines in parts for line in lines)


class FlagWords(_Part):
    """How a fact is found in texts; see defaults.yml."""

    words: Words
    not_words: Words = ()
    near: Words = ()
    ages: bool = False
    sources: Words = ()


class Flags(_Part):
    """Words that deny, refute or ask, and those of each fact that texts are read for."""

    deny: Words
    refute: Words
    asks: Words
    minor: FlagWords
    death: FlagWords
    court_violence: FlagWords
    national_media: FlagWords

    def of(self) -> Mapping[Fact, FlagWords]:
        """Words by fact."""
        return {
            Fact.MINOR: self.minor,
            Fact.DEATH: self.death,
            Fact.COURT_VIOLENCE: self.court_violence,
            Fact.NATIONAL_MEDIA: self.national_media,
        }


class CourtEvent(_Part):
    """So many cases of one court within so many hours are one event."""

    cases: Annotated[int, Field(ge=2)]
    hours: Annotated[float, Field(gt=0, le=72)]


class HearingDay(_Part):
    """What a known hearing day adds to θ before anybody is told."""

    add: Annotated[float, Field(ge=0, le=45)]


class Mute(_Part):
    """What keeps an alert from being told."""

    court_event: CourtEvent
    hearing_day: HearingDay


class Escalation(_Part):
    """Minutes without an acknowledgement until the next people are told; 0 = never."""

    blue: Annotated[int, Field(ge=0)]
    yellow: Annotated[int, Field(ge=0)]
    orange: Annotated[int, Field(ge=0)]
    red: Annotated[int, Field(ge=0)]
    steps: Annotated[int, Field(ge=0, le=10)]

    def minutes(self, level: Level) -> int:
        """Minutes for `level`."""
        return {
            Level.BLUE: self.blue,
            Level.YELLOW: self.yellow,
            Level.ORANGE: self.orange,
            Level.RED: self.red,
        }[level]


class ClockRule(_Part):
    """One clock: a length in hours or working days, when it warns, what stops it, whom it binds."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,20}$")]
    zh: Annotated[str, Field(min_length=1)]
    hours: Annotated[float | None, Field(gt=0)] = None
    working_days: Annotated[int | None, Field(ge=1, le=60)] = None
    warn_minutes: Annotated[int, Field(ge=0)]
    met_by: Annotated[tuple[ActKind, ...], Field(min_length=1)]
    levels: tuple[Level, ...] = tuple(Level)
    platforms: tuple[Platform, ...] = ()
    source: str

    @model_validator(mode="after")
    def _one_length(self) -> ClockRule:
        if (self.hours is None) == (self.working_days is None):
            raise ValueError("a clock has either hours or working_days")
        return self


class Feedback(_Part):
    """What decisions add to a court's θ, and between which bounds the sum is held."""

    dismissed: Annotated[float, Field(ge=0, le=10)]
    confirmed: Annotated[float, Field(ge=-10, le=0)]
    least: Annotated[float, Field(ge=-20, le=0)]
    most: Annotated[float, Field(ge=0, le=20)]


class Calendar(_Part):
    """Days that the library's table lacks or has wrong."""

    holidays: tuple[date, ...] = ()
    working_days: tuple[date, ...] = ()


class PolicySettings(_Part):
    """Everything the policy may be told."""

    levels: LevelTable
    flags: Flags
    relapse_days: Annotated[int, Field(ge=1, le=90)]
    mute: Mute
    escalation: Escalation
    clocks: tuple[ClockRule, ...]
    feedback: Feedback
    calendar: Calendar

    @model_validator(mode="after")
    def _clock_ids(self) -> PolicySettings:
        names = [clock.id for clock in self.clocks]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two clocks are called {sorted(twice)[0]}")
        both = set(self.calendar.holidays) & set(self.calendar.working_days)
        if both:
            raise ValueError(f"{min(both)} is both a holiday and a working day")
        return self

    def workdays(self) -> Workdays:
        """The calendar with the days of the settings; they outweigh the library's."""
        return Workdays(
            {
                **dict.fromkeys(self.calendar.holidays, False),
                **dict.fromkeys(self.calendar.working_days, True),
            }
        )


def load_policy(path: Path | None = None) -> PolicySettings:
    """The defaults, and what the file at `path` says otherwise.

    Raises:
        ConfigurationError: the file can't be read or says something we don't understand; names
            the place in it.
    """
    where = path.name if path else _DEFAULTS.name
    document = read_mapping(_DEFAULTS)
    if path is not None:
        document = _merged(document, read_mapping(path))
    try:
        return PolicySettings.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigurationError(
            f"{place}: {first['msg']}",
            remedy="alerts/policy/defaults.yml shows the form with every default (docs/alerts.md)",
            where=where,
        ) from error


@cache
def default_policy() -> PolicySettings:
    """The defaults alone."""
    return load_policy()


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for key, value in over.items():
        known = merged.get(key)
        both = isinstance(known, Mapping) and isinstance(value, Mapping)
        merged[key] = _merged(known, value) if both else value  # type: ignore[arg-type]
    return merged

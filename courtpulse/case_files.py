"""Cases in a YAML file, as a court writes them down (docs/cases.md shows one)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from domain.cases import Case, Litigant, MatchFormula
from domain.errors import BadInput, ConfigurationError
from domain.openness import check_link
from domain.registry import CaseAct, KeyDateKind, Review
from nlp.linking import check
from records import Records
from text import case_numbers
from text.strict_yaml import read_yaml

#: Characters of the registry's text columns (records.models.CaseRow).
_LONGEST = {"id": 64, "title": 200, "court": 200, "cause": 200}


def read_cases(path: Path, now: datetime) -> list[Case]:
    """The cases of `path`; `watched_since` defaults to `now`.

    Raises:
        ConfigurationError: not YAML, an unknown key, a wrong case number, a link that isn't the
            court's, an unusable formula.
    """
    try:
        document = read_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "is not YAML in UTF-8", remedy=" ".join(str(error).split()), where=str(path)
        ) from error
    if not isinstance(document, list):
        raise ConfigurationError(
            "is not a list of cases", remedy="see docs/cases.md", where=str(path)
        )
    return [_case(entry, path, now) for entry in document]


def as_known(records: Records, case: Case) -> tuple[Case, CaseAct | None, str]:
    """A file's case with what came in here; what that is in its history, None for nothing new.

    A person's closing and archiving, accepted and refused hearings, and links outlive the file.
    """
    held = records.cases.some([case.id]).get(case.id)
    if held is None:
        return case, CaseAct.WATCHED, "由文件关注"
    days = [one for one in records.key_dates.of(case.id) if one.kind is KeyDateKind.HEARING]
    known = {review: {one.day for one in days if one.review is review} for review in Review}
    hearings = {*case.hearings, *known[Review.ACCEPTED]} - known[Review.REFUSED]
    case = replace(
        case, watched_since=min(case.watched_since, held.watched_since),
        hearings=tuple(sorted(hearings)), links=tuple(dict.fromkeys((*case.links, *held.links))),
        closed_at=held.closed_at, counted_until=held.counted_until, archived_at=held.archived_at,
    )  # fmt: skip
    return case, None if case == held else CaseAct.EDITED, "由文件改动"


def _case(entry: object, path: Path, now: datetime) -> Case:
    where = f"{path}: {entry.get('id', '?')}" if isinstance(entry, dict) else f"{path}: {entry!r}"
    if not isinstance(entry, dict):
        raise ConfigurationError("is not a mapping of keys", where=where)
    _refuse_unknown(entry, Case, where)
    _refuse_unknown(entry.get("formula"), MatchFormula, where)
    for litigant in entry.get("litigants") or ():
        _refuse_unknown(litigant, Litigant, where)
    try:
        case = _CASE.validate_python({"watched_since": now, **entry})
        numbers = tuple(case_numbers.normalise(number) for number in case.numbers)
        links = tuple(check_link(address) for address in case.links)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{place}: {first['msg']}", where=where) from error
    except BadInput as error:
        raise ConfigurationError(error.problem, remedy=error.remedy, where=where) from error
    case = replace(case, numbers=numbers, links=links)
    _refuse_long(case, where)
    check(case)
    return case


def _refuse_long(case: Case, where: str) -> None:
    """What the registry can't hold, before the first case of the file is written."""
    for name, most in _LONGEST.items():
        if (length := len(getattr(case, name))) > most:
            raise ConfigurationError(
                f"{name} has {length} characters, {most} at most",
                remedy="write it shorter; nothing of the file was taken",
                where=where[:200],
            )


def _refuse_unknown(entry: object, kind: type[Any], where: str) -> None:
    """A misspelt key would silently watch something else."""
    if not isinstance(entry, dict):
        return
    known = {field.name for field in fields(kind)}
    if unknown := sorted(set(map(str, entry)) - known):
        raise ConfigurationError(
            f"unknown key {unknown[0]}", remedy=f"known are {', '.join(sorted(known))}", where=where
        )


_CASE: TypeAdapter[Case] = TypeAdapter(Case)

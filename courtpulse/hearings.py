"""Listed hearings become proposals: a day of a case we know, or a case for the registry.

A day is proposed, never entered: a person accepts it (`courtpulse cases dates`, or the case's page),
and only then does it reach the alert policy. Of a hearing of a case nobody knows, nothing is kept,
unless it is before one of the courts that the declaration names: then the case is registered by its
number, court and cause, unwatched, so that somebody can begin to watch it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from crawlers.declared_seeds import HearingsSource
from domain.cases import Case
from domain.registry import CaseAct, KeyDateKind
from domain.seeds import ListedHearing
from domain.time import SHANGHAI
from records import Records
from records.key_dates import Day

log = structlog.get_logger()

#: Who proposes, on the page.
PROPOSER = "庭审公开采集"
_SOURCE = "庭审公开"


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a list of hearings led to; `unknown` hearings left nothing behind."""

    listed: int
    proposed: int
    registered: int
    unknown: int


def seed(
    records: Records, source: HearingsSource, hearings: Sequence[ListedHearing], now: datetime
) -> Seeded:
    """Propose the days of known cases, and register the cases of the courts named."""
    known = records.cases.by_numbers(hearing.number for hearing in hearings)
    registered = 0
    for hearing in hearings:
        if hearing.number not in known and hearing.court in source.courts:
            case_id = _id(hearing)
            # It is there already where a person gave it other numbers: theirs stay.
            if not records.cases.some([case_id]):
                _register(records, case_id, hearing, now)
                registered += 1
            known[hearing.number] = [case_id]
    days = [
        _day(case_id, hearing) for hearing in hearings for case_id in known.get(hearing.number, ())
    ]
    proposed = records.key_dates.propose(days, _SOURCE, PROPOSER) if days else []
    done = Seeded(
        listed=len(hearings),
        proposed=len(proposed),
        registered=registered,
        unknown=sum(hearing.number not in known for hearing in hearings),
    )
    log.info(
        "hearings", source=source.source, listed=done.listed, proposed=done.proposed,
        registered=done.registered, unknown=done.unknown,
    )  # fmt: skip
    return done


def _day(case_id: str, hearing: ListedHearing) -> Day:
    begins = hearing.begins_at.astimezone(SHANGHAI)
    note = f"{hearing.court} {begins:%H:%M} 开庭，{hearing.link}"
    return Day(case_id, KeyDateKind.HEARING, begins.date(), note)


def _id(hearing: ListedHearing) -> str:
    """The same number always makes the same case."""
    return f"hearing-{hashlib.sha256(hearing.number.encode()).hexdigest()[:16]}"


def _register(records: Records, case_id: str, hearing: ListedHearing, now: datetime) -> None:
    """A case of the registry that nobody watches yet."""
    case = Case(
        id=case_id,
        title=f"{hearing.cause or '案由未列'} {hearing.number}"[:80],
        court=hearing.court,
        watched_since=now,
        numbers=(hearing.number,),
        cause=hearing.cause,
        watched=False,
    )
    records.cases.save(case)
    records.cases.note(case.id, CaseAct.REGISTERED, PROPOSER, f"庭审公开列出 {hearing.number}", now)

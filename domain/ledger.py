"""The ledger of sources: what is read, on what footing, who answers for it, what robots.txt said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.time import SHANGHAI

#: A licence that ends within this time is said to be ending [D].
LICENCE_NOTICE = timedelta(days=30)


class RobotsVerdict(StrEnum):
    """What robots.txt of a host meant for the addresses we asked."""

    ALLOWED = "allowed"
    DISALLOWED = "disallowed"
    NO_FILE = "no_file"  # 4xx: everything is allowed, RFC 9309 §2.3.1.3
    UNREACHABLE = "unreachable"  # 5xx, 429, no answer: all is disallowed, §2.3.1.4
    GRANTED = "granted"  # not asked: an interface called under a written grant
    NOT_CRAWLED = "not_crawled"  # files laid in by people; nothing is fetched


#: Verdicts under which pages are fetched.
PERMITTED = frozenset({RobotsVerdict.ALLOWED, RobotsVerdict.NO_FILE, RobotsVerdict.GRANTED})


@dataclass(frozen=True, slots=True)
class RobotsReading:
    """What one fetch of robots.txt said.

    Attributes:
        address: the robots.txt asked; "" when none was.
        fetched_at: when, UTC; for GRANTED and NOT_CRAWLED when that was noted.
        status: HTTP status of the answer, None without one.
        disallowed: what we wanted and it forbids, at most twenty: declared addresses by their path,
            of links beside them the top folder, of others nothing, as they may hold an identifier.
        detail: one line for the press office.
    """

    address: str
    verdict: RobotsVerdict
    fetched_at: datetime
    status: int | None = None
    disallowed: tuple[str, ...] = ()
    detail: str = ""


class LicenceState(StrEnum):
    """Whether a licence holds."""

    NONE_NEEDED = "none"  # no licence is declared: public pages
    VALID = "valid"
    ENDING = "ending"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A source as its declaration footed it at some time.

    Attributes:
        basis: legal footing in words; license_ref: number of contract or grant, "" when public.
        license_until: last day of the licence, Shanghai; None when it names none.
        robots: "obey" or "granted".
        owner: who in the house answers for it.
        retention: how long its posts are kept; the housekeeping's own limit holds as well.
        credentials: what for → name of the environment variable. Never a value.
        declared_in: file name of the declaration.
    """

    source: str
    title: str
    platform: str
    kind: str
    basis: str
    owner: str
    license_ref: str = ""
    license_until: date | None = None
    robots: str = "obey"
    retention: timedelta = timedelta(days=180)
    sample_rate: float = 1.0
    credentials: dict[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    enabled: bool = True
    declared_in: str = ""


@dataclass(frozen=True, slots=True)
class LedgerVersion:
    """What the ledger said of a source from `since` on.

    Attributes:
        revision: 1 for the first of a source.
        made_by: the file that said so.
        changed: fields that differ from the revision before; empty for the first.
        entry: None when the declaration was taken away.
    """

    source: str
    revision: int
    since: datetime
    made_by: str
    changed: tuple[str, ...]
    entry: LedgerEntry | None


def licence_state(license_ref: str, until: date | None, now: datetime) -> LicenceState:
    """Whether the licence holds at `now`; its last day counts whole, in Shanghai."""
    if until is None:
        return LicenceState.VALID if license_ref else LicenceState.NONE_NEEDED
    today = now.astimezone(SHANGHAI).date()
    if today > until:
        return LicenceState.EXPIRED
    return LicenceState.ENDING if until - today <= LICENCE_NOTICE else LicenceState.VALID

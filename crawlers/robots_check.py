"""`courtpulse sources check`: what robots.txt says now of every address a source asks.

The same guard that a run goes through reads it, so a check and a run can't disagree. Light to
import: Scrapy lives in the child process only.
"""

from __future__ import annotations

from pathlib import Path

from crawlers.declarations import Declaration
from crawlers.declared import ImportSource
from crawlers.footing import unasked
from crawlers.jobs import Job, Places
from crawlers.run import error_of, spawn
from domain.ledger import RobotsReading
from domain.time import Clock, as_utc


def check_robots(
    declaration: Declaration, *, clock: Clock, data_dir: Path, contact: str = ""
) -> tuple[RobotsReading, ...]:
    """One reading a host; a single one without an address where robots.txt is not asked.

    Raises:
        CourtpulseError: an error of ours (a crash of the spider's process).
    """
    now = as_utc(clock())
    crawled = not isinstance(declaration, ImportSource)
    if (reading := unasked(declaration, now, crawled=crawled)) is not None:
        return (reading,)
    job = Job(
        declaration=declaration,
        places=Places.under(data_dir),
        now=now,
        window_start=now,
        window_end=now,
        covered_until=None,
        contact=contact,
        ask_robots=True,
    )
    outcome = spawn(job)
    if outcome.fault is not None:
        raise error_of(outcome.fault, declaration.source)
    return outcome.robots

"""What a replay is asked to do, and the fingerprint that tells two replays apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from courtpulse.settings import Settings

#: Grows with every change that makes the same input give other alerts on purpose.
FORM = 1
#: Posts in a segment unless asked otherwise; the ingest writes no larger ones.
SEGMENT = 2_000


@dataclass(frozen=True, slots=True)
class Plan:
    """Options of one replay.

    Attributes:
        inputs: files or folders (`courtpulse.replay.inputs`).
        into: data folder of the replay; None: one below the live data folder, named by what the
            replay is of.
        cases: YAML file of cases; None: the live registry, or for development streams a case each.
        speed: seconds of data a second; None: as fast as it goes.
        every: width of a tick; detection runs at most so often.
        batch: posts in a segment; changes nothing but files and speed.
        series: numbers of development streams to take; empty: all.
        policy, routes: files instead of the settings'; channels named in routes are only recorded.
        false_alerts, theta: budget or threshold instead of the settings'.
    """

    inputs: tuple[Path, ...]
    into: Path | None = None
    cases: Path | None = None
    speed: float | None = None
    every: timedelta = timedelta(minutes=5)
    batch: int = SEGMENT
    series: tuple[int, ...] = ()
    policy: Path | None = None
    routes: Path | None = None
    false_alerts: float | None = None
    theta: float | None = None


def settings_of(plan: Plan, live: Settings, folder: Path) -> Settings:
    """The live settings over `folder`, with what the plan asks for; stores and routes are its own."""
    return Settings(
        data=folder,
        store_url="",
        records_url="",
        inbox_url="",
        court=live.court,
        office=live.office,
        sources=live.sources,
        contact=live.contact,
        model=live.model,
        policy=plan.policy or live.policy,
        routes=plan.routes,
        false_alerts=plan.false_alerts or live.false_alerts,
        theta=plan.theta if plan.theta or plan.false_alerts else live.theta,
        segment_days=live.segment_days,
        post_days=live.post_days,
        # A message names the page's address; where pages are served now is not of the past.
        host="127.0.0.1",
        port=8000,
        log_format=live.log_format,
        log_level=live.log_level,
    )


def fingerprint(plan: Plan, settings: Settings, contents: Iterable[str]) -> str:
    """16 hex digits of everything that may change the alerts; speed and batch don't.

    Args:
        contents: a digest of each input and of the cases, sources and gaps taken from elsewhere.
    """
    document = {
        "form": FORM,
        "contents": list(contents),
        "every": plan.every.total_seconds(),
        "series": sorted(plan.series),
        "false_alerts": settings.false_alerts,
        "theta": settings.theta,
        "model": str(settings.model or ""),
        "files": [file_digest(path) for path in (settings.policy, settings.routes)],
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def file_digest(path: Path | None) -> str:
    """SHA-256 of a file; "" for none."""
    if path is None:
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""What is missing on this machine, and what to do about it. Looks, changes nothing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from courtpulse.settings import Settings
from domain.errors import CourtpulseError
from domain.time import SHANGHAI, system_clock

if TYPE_CHECKING:
    from alerts.workdays import Workdays

#: Month from which next year's public holidays are asked for.
_NEXT_YEAR_FROM = 11
_OPTIONAL = {
    "airflow": ("scheduling by Airflow", "install the airflow extra, or use courtpulse run"),
    "opensearchpy": ("index on OpenSearch", "install the opensearch extra"),
    "elasticsearch": ("index on Elasticsearch", "install the elasticsearch extra"),
    "psycopg": ("records on PostgreSQL", "install the postgres extra"),
    "torch": ("training and Hugging Face checkpoints", "install the torch extra"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `broken` means the service can't run as it is configured."""

    what: str
    ok: bool
    state: str
    remedy: str = ""
    broken: bool = False


def examine(settings: Settings) -> list[Finding]:
    """Look at everything, however much of it is broken."""
    return [finding for check in _CHECKS for finding in check(settings)]


def _python(_settings: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    ok = sys.version_info >= (3, 11)
    yield Finding("Python", ok, version, "" if ok else "install Python 3.11 or later", not ok)


def _folder(settings: Settings) -> Iterator[Finding]:
    folder = settings.folder
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    writable = os.access(existing, os.W_OK)
    yield Finding(
        f"data folder {folder}",
        writable,
        "writable" if writable else "not writable",
        "" if writable else "set COURTPULSE_DATA to a folder you may write",
        not writable,
    )
    free = shutil.disk_usage(existing).free / 2**30
    least = settings.least_free_mb / 1024
    roomy = free >= least
    yield Finding(
        "free disk space", roomy, f"{free:.1f} GiB",
        "" if roomy else f"intake pauses below {least:.1f} GiB: make room (docs/operations.md)",
        not roomy,
    )  # fmt: skip


def _index(settings: Settings) -> Iterator[Finding]:
    from index import open_store

    def count() -> str:
        from domain.protocols import Query

        store = open_store(settings.store)
        store.prepare()
        try:
            return f"{store.total(Query())} posts"
        finally:
            store.close()

    yield _attempt("index", count)


def _inbox(settings: Settings) -> Iterator[Finding]:
    from crawlers.inbox import Inbox

    inbox = Inbox(settings.inbox)
    damaged, waiting = inbox.damaged(), len(inbox.pending())
    oldest = inbox.oldest_pending()
    behind = int((system_clock() - oldest).total_seconds() // 60) if oldest else 0
    many = settings.waiting_segments
    yield Finding(
        "inbox", waiting < many, f"{waiting} segments wait, the oldest for {behind} minutes",
        "" if waiting < many else "intake is slowed until the index has caught up "
        "(docs/operations.md)",
    )  # fmt: skip
    if damaged:
        yield Finding(
            "damaged segments", False, f"{len(damaged)}: {damaged[0]} …",
            "their posts are not in the index: collect their sources again for that time", True,
        )  # fmt: skip


def _records(settings: Settings) -> Iterator[Finding]:
    from records import Records

    def count() -> str:
        records = Records.open(settings.records)
        try:
            return f"{len(records.cases.all())} watched cases"
        finally:
            records.close()

    yield _attempt("records", count)


def _sources(settings: Settings) -> Iterator[Finding]:
    from courtpulse.sources import declared

    try:
        sources = declared(settings.sources)
    except CourtpulseError as error:
        yield Finding("sources", False, str(error), error.remedy, True)
        return
    yield Finding(
        "sources", bool(sources), f"{len(sources)} enabled",
        "" if sources else "enable a declaration, or add one: courtpulse new source --help",
    )  # fmt: skip
    for source in sources.values():
        for name in source.credentials.values():
            given = bool(os.environ.get(name))
            yield Finding(
                f"credential of {source.source}", given, f"{name} {'set' if given else 'not set'}",
                "" if given else f"set {name} in the environment, or disable the source", not given,
            )  # fmt: skip


def _routes(settings: Settings) -> Iterator[Finding]:
    if settings.routes is None:
        yield Finding(
            "routes", False, "none: alerts are shown, nobody is called",
            "write a routes file and set COURTPULSE_ROUTES (docs/routes.md)",
        )  # fmt: skip
        return
    from alerts.open_routes import load_routes

    try:
        routing = load_routes(settings.routes)
    except CourtpulseError as error:
        yield Finding("routes", False, str(error), error.remedy, True)
        return
    known, used = len(routing.channels), len(routing.routes)
    yield Finding(
        "routes", bool(used), f"{used} routes over {known} channels",
        "" if used else "add a route: without one nobody is called",
    )  # fmt: skip
    holes = routing.roster.holes(system_clock()) if routing.roster.shifts else []
    if holes:
        first = holes[0][0].astimezone(SHANGHAI)
        yield Finding(
            "roster of the next 7 days", False,
            f"{len(holes)} stretches with nobody on duty, the first from {first:%m-%d %H:%M}",
            "add shifts; until then `otherwise` of the routes file is told",
        )  # fmt: skip


def _deliveries(settings: Settings) -> Iterator[Finding]:
    from records import Records

    try:
        records = Records.open(settings.records)
    except CourtpulseError:
        return  # said under "records"
    try:
        dead = records.deliveries.tally().get("dead", 0)
    finally:
        records.close()
    yield Finding(
        "undelivered notifications", not dead, f"{dead} given up",
        "courtpulse deliveries --dead says why, --resend tries them again" if dead else "",
    )  # fmt: skip


def _deleted(settings: Settings) -> Iterator[Finding]:
    from courtpulse.journal import NAME, Journal
    from records import Records

    try:
        records = Records.open(settings.records)
    except CourtpulseError:
        return  # said under "records"
    try:
        stones = {stone.post_id for stone in Journal(settings.folder / NAME).read()}
        forgotten = len(stones - records.deletions.buried(stones))
        pending = len(records.deletions.pending())
    finally:
        records.close()
    yield Finding(
        "deleted posts", not forgotten, f"{len(stones)} tombstones, {forgotten} unknown to the "
        "records" if forgotten else f"{len(stones)} tombstones, {pending} deletions pending",
        "the records were restored from a backup: courtpulse deletions replay" if forgotten else "",
        bool(forgotten),
    )  # fmt: skip


def _policy(settings: Settings) -> Iterator[Finding]:
    from alerts.policy.settings import load_policy

    yield _attempt("alert policy", lambda: f"{len(load_policy(settings.policy).clocks)} clocks")
    try:
        workdays = load_policy(settings.policy).workdays()
    except CourtpulseError:
        return  # said above
    yield from holidays(system_clock().astimezone(SHANGHAI).date(), workdays)


def holidays(today: date, workdays: Workdays) -> Iterator[Finding]:
    """Whether working days can be counted; from 1 November on, next year's too.

    The State Council names the days of a year in the November before.
    """
    from alerts.policy.clocks import year_known

    years = [today.year, *([today.year + 1] if today.month >= _NEXT_YEAR_FROM else [])]
    for year in years:
        known = year_known(workdays, year)
        yield Finding(
            f"public holidays of {year}", known, "known" if known else "holiday table missing",
            "" if known else "update chinesecalendar, or name the days under calendar: in the "
            "policy file (docs/alerts.md); until then Monday to Friday count as working days",
        )  # fmt: skip


def _model(settings: Settings) -> Iterator[Finding]:
    from nlp.encoder.hub import located
    from nlp.encoder.serving import NeuralAnnotator

    yield _attempt("model", lambda: NeuralAnnotator.load(located(settings.model)).name)


def _extras(_settings: Settings) -> Iterator[Finding]:
    for module, (purpose, remedy) in _OPTIONAL.items():
        there = importlib.util.find_spec(module) is not None
        yield Finding(purpose, there, "installed" if there else "absent", "" if there else remedy)


def _documents(_settings: Settings) -> Iterator[Finding]:
    office = shutil.which("soffice")
    yield Finding(
        "PDF of reports", bool(office), office or "absent", "" if office else "install LibreOffice"
    )
    fonts = _chinese_fonts()
    yield Finding(
        "Chinese fonts for charts", fonts, "found" if fonts else "absent",
        "" if fonts else "install Noto Sans CJK (Debian: fonts-noto-cjk)",
    )  # fmt: skip


def _ports(settings: Settings) -> Iterator[Finding]:
    for name, port in (("pages", settings.port), ("Airflow", settings.airflow_port)):
        free = port_is_free(port)
        yield Finding(
            f"port {port} for {name}", free, "free" if free else "in use",
            "" if free else "fine if courtpulse is running; else set another port",
        )  # fmt: skip


def port_is_free(port: int) -> bool:
    """Whether a server could bind to `port` on the loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _chinese_fonts() -> bool:
    if not (listing := shutil.which("fc-list")):
        return any(Path("/usr/share/fonts").rglob("*CJK*"))
    found = subprocess.run([listing, ":lang=zh-cn", "family"], capture_output=True, check=False)
    return bool(found.stdout.strip())


def _attempt(what: str, action: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, action())
    except CourtpulseError as error:
        return Finding(what, False, str(error), error.remedy, True)


_CHECKS = (
    _python, _folder, _index, _inbox, _records, _sources, _routes, _deliveries, _deleted, _policy, _model, _extras, _documents, _ports,
)  # fmt: skip

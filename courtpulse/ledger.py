"""The ledger as the program keeps it: which file foots a source, before every run and afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from crawlers.declarations import Declaration, load
from crawlers.declared import ImportSource
from crawlers.footing import stopped, unasked
from crawlers.robots_check import check_robots
from domain.errors import ConfigurationError, NotAllowed, NotFound
from domain.ledger import LedgerEntry, RobotsReading
from domain.sources import Gap, GapReason
from domain.time import SHANGHAI

if TYPE_CHECKING:
    from courtpulse.rooms import Rooms
    from crawlers.jobs import Outcome


def entry(declaration: Declaration) -> LedgerEntry:
    """What the ledger keeps of a declaration; credentials by name only."""
    return LedgerEntry(
        source=declaration.source,
        title=declaration.title,
        platform=declaration.platform.value,
        kind=declaration.kind,
        basis=declaration.basis,
        owner=declaration.owner,
        license_ref=declaration.license_ref,
        license_until=declaration.license_until,
        robots=declaration.robots,
        retention=declaration.retention,
        sample_rate=declaration.sample_rate,
        credentials=dict(declaration.credentials),
        addresses=declaration.addresses,
        enabled=declaration.enabled,
        declared_in=f"{declaration.source}.yml",
    )


def register(rooms: Rooms) -> None:
    """Tell the ledger of every declaration, disabled ones too.

    One that can't be read keeps what the ledger says of it: its next run opens the gap, and the
    other sources go on. A program that starts with a wrong one is stopped by `Rooms.sources`.
    """
    known = {one.source: one for one in rooms.records.ledger.entries()}
    entries: dict[str, LedgerEntry] = {}
    for path in sorted(path for folder in rooms.settings.sources for path in folder.glob("*.yml")):
        try:
            declaration = load(path)
        except ConfigurationError:
            if path.stem in known:
                entries.setdefault(path.stem, known[path.stem])
            continue
        entries.setdefault(path.stem, entry(declaration))
        crawled = not isinstance(declaration, ImportSource)
        reading = unasked(declaration, rooms.clock(), crawled=crawled)
        if declaration.enabled and reading is not None:
            rooms.records.robots.add(declaration.source, [reading])
    rooms.records.ledger.register(entries.values())


def footed(rooms: Rooms, declaration: Declaration) -> Declaration:
    """The declaration as its file has it now, written into the ledger before anything is fetched.

    A basis emptied while the program runs stops the source at its next run, with a gap.

    Raises:
        ConfigurationError: the file no longer foots the source; the gap is open.
        NotFound: the file is gone or disables the source; nothing of it runs any more.
    """
    path = _file_of(rooms, declaration.source)
    if path is None:
        rooms.sources.pop(declaration.source, None)
        raise NotFound(
            f"{declaration.source} is not declared any more",
            remedy="put its file back, or restart without it",
        )
    try:
        current = load(path)
    except ConfigurationError as error:
        _lost(rooms, declaration, error)
        raise
    if not current.enabled:
        rooms.sources.pop(declaration.source, None)
        rooms.records.ledger.note(entry(current))
        raise NotFound(f"{declaration.source} is disabled", remedy="set enabled: true to run it")
    rooms.sources[declaration.source] = current
    rooms.records.ledger.note(entry(current))
    return current


def telling(rooms: Rooms, declaration: Declaration) -> Callable[[Outcome], None]:
    """Keeps what a run learned of robots.txt."""

    def told(outcome: Outcome) -> None:
        reading = unasked(declaration, rooms.clock(), crawled=True)
        readings = outcome.robots if reading is None else (reading,)
        rooms.records.robots.add(declaration.source, readings)

    return told


def check(rooms: Rooms, declaration: Declaration) -> tuple[RobotsReading, ...]:
    """Ask robots.txt now, and keep the answer.

    Raises:
        CourtpulseError: the check could not be made.
    """
    readings = check_robots(
        declaration,
        clock=rooms.clock,
        data_dir=rooms.settings.folder,
        contact=rooms.settings.contact,
    )
    rooms.records.robots.add(declaration.source, readings)
    return readings


def refuse_unlicensed(rooms: Rooms, source: str) -> None:
    """Refuse a file imported by hand into a source whose licence has run out.

    Raises:
        NotAllowed: it has.
    """
    declaration = rooms.sources.get(source)
    blind = stopped(declaration, rooms.clock()) if declaration else None
    if declaration is not None and blind is not None:
        until = declaration.license_until
        raise NotAllowed(
            f"the licence of {source} ended on {until}",
            remedy="renew it and set license_until in the declaration",
            where=f"{source}.yml",
        )


def _file_of(rooms: Rooms, source: str) -> Path | None:
    paths = (folder / f"{source}.yml" for folder in rooms.settings.sources)
    return next((path for path in paths if path.is_file()), None)


def _lost(rooms: Rooms, declaration: Declaration, error: ConfigurationError) -> None:
    """Open the gap of a source whose file no longer foots it."""
    now = rooms.clock()
    basis = "basis" in error.problem or "owner" in error.problem
    runs = rooms.records.runs
    runs.open_gap(
        Gap(
            declaration.source,
            min(runs.last_covered(declaration.source) or now, now),
            None,
            GapReason.NO_BASIS if basis else GapReason.NOT_RUN,
            f"声明文件自 {now.astimezone(SHANGHAI):%m-%d %H:%M} 起不能使用："
            + ("采集依据或责任人缺失，已停止采集，请补全" if basis else "内容有误，请改正"),
        )
    )

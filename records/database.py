"""Opening the records: engine, schema, repositories."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from zlib import crc32

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import sessionmaker

from domain.errors import ConfigurationError, StoreFailure
from domain.time import Clock, system_clock
from records.acts import ActRecords
from records.alerts import AlertRecords
from records.candidates import CandidateRecords
from records.captures import CaptureRecords
from records.case_imports import CaseImportRecords
from records.case_states import CaseStates
from records.cases import CaseRecords
from records.cross_checks import CrossCheckRecords
from records.decisions import DecisionRecords
from records.deletions import DeletionRecords
from records.deliveries import DeliveryRecords
from records.exports import ExportRecords
from records.flags import FlagRecords
from records.hours import HourRecords
from records.key_dates import KeyDateRecords
from records.ledger import LedgerRecords
from records.marks import MarkRecords
from records.reports import ReportRecords
from records.robots import RobotsRecords
from records.runs import RunRecords
from records.silences import SilenceRecords
from records.source_changes import SourceChangeRecords
from records.steps import StepRecords
from records.wal import switch


class Records:
    """All repositories over one database.

    Attributes:
        cases, case_states, case_imports, key_dates, candidates, alerts, runs, deliveries, marks,
            reports, decisions, silences, flags, acts, steps, deletions, exports, ledger,
            robots, hours, source_changes, cross_checks, captures: one repository each.
    """

    def __init__(self, engine: Engine, clock: Clock = system_clock) -> None:
        self.engine = engine
        self.sessions = sessions = sessionmaker(engine, expire_on_commit=False)
        self.cases = CaseRecords(sessions)
        self.case_states = CaseStates(sessions, clock)
        self.case_imports = CaseImportRecords(sessions)
        self.key_dates = KeyDateRecords(sessions, clock)
        self.candidates = CandidateRecords(sessions, clock)
        self.alerts = AlertRecords(sessions, clock)
        self.runs = RunRecords(sessions, clock)
        self.deliveries = DeliveryRecords(sessions, clock)
        self.marks = MarkRecords(sessions)
        self.reports = ReportRecords(sessions)
        self.decisions = DecisionRecords(sessions)
        self.silences = SilenceRecords(sessions, clock)
        self.flags = FlagRecords(sessions, clock)
        self.acts = ActRecords(sessions, clock)
        self.steps = StepRecords(sessions, clock)
        self.ledger = LedgerRecords(sessions, clock)
        self.robots = RobotsRecords(sessions)
        self.hours = HourRecords(sessions)
        self.source_changes = SourceChangeRecords(sessions)
        self.deletions = DeletionRecords(sessions, clock)
        self.exports = ExportRecords(sessions, clock)
        self.cross_checks = CrossCheckRecords(sessions)
        self.captures = CaptureRecords(sessions)

    @classmethod
    def open(cls, url: str, clock: Clock = system_clock) -> Self:
        """Open the records at `url` and bring the schema up to date.

        Args:
            url: SQLAlchemy URL, e.g. ``sqlite:////var/lib/courtpulse/records.db`` or
                ``postgresql+psycopg://user@host/courtpulse``.

        Raises:
            ConfigurationError: the URL can't be read or its driver isn't installed.
            StoreFailure: the database doesn't answer.
        """
        engine = _engine(url)
        if engine.dialect.name == "sqlite" and engine.url.database:
            Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
        try:
            with _one_at_a_time(engine, "migration"):
                _migrate(engine)
        except OperationalError as error:
            raise _unanswered(engine) from error
        return cls(engine, clock)

    @classmethod
    def read(cls, url: str, clock: Clock = system_clock) -> Self:
        """Open the records at `url` to read them: nothing is made, migrated or written.

        Raises:
            ConfigurationError: as `open`; or there are no records, or they are of another version
                of the program.
            StoreFailure: the database doesn't answer.
        """
        engine = _reading_engine(url)
        try:
            with engine.connect() as connection:
                found = MigrationContext.configure(connection).get_current_revision()
        except OperationalError as error:
            raise _unanswered(engine) from error
        if found != (head := _script().get_current_head()):
            engine.dispose()
            raise ConfigurationError(
                f"the records are at version {found or 'none'}, this program reads {head}",
                remedy="any other command brings them up to date: courtpulse cases list",
                where=engine.url.render_as_string(hide_password=True),
            )
        return cls(engine, clock)

    @contextmanager
    def alone(self, task: str) -> Iterator[None]:
        """Wait until no thread or program over these records is at `task`, and keep others out.

        For reading and then writing what lies elsewhere, as linking a new case in the index does.
        """
        with _one_at_a_time(self.engine, task):
            yield

    @contextmanager
    def alone_now(self, task: str) -> Iterator[bool]:
        """Whether nobody else is at `task`, without waiting; if so, others are kept out.

        The lock goes with the process that holds it, however it ends.
        """
        with _one_at_a_time(self.engine, task, wait=False) as got:
            yield got

    def wipe(self) -> None:
        """Let nothing of what was deleted or replaced stay readable in the database's files.

        SQLite: freed pages are blanked already, the write-ahead log is emptied. PostgreSQL: dead
        rows are given up; its own log and its backups keep them as long as they are kept.

        Raises:
            StoreFailure: somebody reads all the time; try again.
        """
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.engine.dialect.name != "sqlite":
                connection.execute(text("VACUUM alerts, decisions"))
                return
            busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).first()
        if busy is not None and busy[0]:
            raise StoreFailure(
                "the records' log can't be emptied while they are read",
                remedy="the deletion is pending and is finished by the next round",
            )

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        engine = create_engine(make_url(url), pool_pre_ping=True)
    except (ArgumentError, ImportError) as error:
        raise ConfigurationError(
            "the records can't be opened",
            remedy="records_url is sqlite:///… or postgresql+psycopg://… (install the postgres extra)",
            where=url.split("@")[-1],
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_pragmas)
    return engine


def _reading_engine(url: str) -> Engine:
    """An engine whose connections refuse to write."""
    engine = _engine(url)
    if engine.dialect.name != "sqlite":
        return engine.execution_options(postgresql_readonly=True)
    path = engine.url.database
    if not path or not Path(path).is_file():
        raise ConfigurationError(
            "there are no records", remedy="add cases first: courtpulse cases add", where=path or ""
        )
    address = Path(path).absolute().as_uri()
    return create_engine(
        engine.url.set(database=address, query={"mode": "ro", "uri": "true"}),
        connect_args={"timeout": 30},
    )


def _unanswered(engine: Engine) -> StoreFailure:
    return StoreFailure(
        "the records database does not answer",
        remedy="check that it runs and that records_url is right",
        where=engine.url.render_as_string(hide_password=True),
    )


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    """WAL lets the pages read while a stage writes; 30 s is far beyond any write of ours.

    What is deleted or replaced is blanked: alerts and decisions hold wordings of posts.
    """
    cursor = connection.cursor()
    for pragma in ("busy_timeout=30000", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    switch(cursor)
    cursor.close()


@contextmanager
def _one_at_a_time(engine: Engine, task: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock named `task`, or say False; an in-memory SQLite has nobody to be kept out."""
    if engine.dialect.name != "sqlite":
        with _advisory_lock(engine, task, wait) as got:
            yield got
    elif engine.url.database:
        with _file_lock(Path(f"{engine.url.database}.{task}.lock"), wait) as got:
            yield got
    else:
        yield True


@contextmanager
def _file_lock(path: Path, wait: bool) -> Iterator[bool]:
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def _advisory_lock(engine: Engine, task: str, wait: bool) -> Iterator[bool]:
    key = {"key": crc32(f"courtpulse {task}".encode())}
    take = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        got = connection.execute(text(f"SELECT {take}(:key)"), key).scalar() is not False
        try:
            yield got
        finally:
            if got:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return configuration


def _script() -> ScriptDirectory:
    return ScriptDirectory.from_config(_configuration())


def _migrate(engine: Engine) -> None:
    configuration, head = _configuration(), _script().get_current_head()
    with engine.begin() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")

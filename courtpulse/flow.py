"""The flow: every step of the pipeline as one function, whoever calls it.

Airflow's tasks (`dags/`), `courtpulse run` and the tests call exactly these. Each step can be
killed and run again. Data passes between steps through the inbox, the index and the records,
never through the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from courtpulse.annotate import Annotate, StageReport
from courtpulse.evidence import EVIDENCE
from courtpulse.rooms import Rooms
from courtpulse.settings import Settings
from domain.deletion import DeletionReason
from domain.errors import CourtpulseError, NotFound
from domain.time import Clock, system_clock

if TYPE_CHECKING:
    from alerts.detection import DetectionReport
    from alerts.outbox import SendReport
    from alerts.policy.run import PolicyReport
    from courtpulse.candidates import CandidateReport
    from courtpulse.deletion import Eraser
    from courtpulse.drift import DriftReport
    from courtpulse.recheck import RecheckReport
    from courtpulse.watch import Watcher
    from crawlers.declarations import Declaration
    from crawlers.imports import ImportReport
    from crawlers.table_rows import Progress
    from domain.sources import SourceRun
    from records.reports import StoredReport

log = structlog.get_logger()

_TICK = timedelta(microseconds=1)
#: Segments a batch has at least; see `Flow.batches`.
_LEAST_BATCH = 8


class Flow:
    """The steps over one program's rooms."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms

    def register_sources(self) -> None:
        """Tell the records which sources are declared, so that a silent one is seen."""
        from courtpulse.ledger import register
        from courtpulse.sources import info

        self.rooms.records.runs.register([info(source) for source in self.rooms.sources.values()])
        register(self.rooms)

    def collect(self, source: str) -> SourceRun:
        """Run one source once: fetch, redact, write inbox segments, record run and gaps.

        Raises:
            NotFound: no source of that name is declared and enabled.
        """
        return self._collect(self._declared(source))

    def _declared(self, source: str) -> Declaration:
        if source not in self.rooms.sources:
            raise NotFound(
                f"no source {source!r}", remedy="courtpulse sources list shows the declared ones"
            )
        return self.rooms.sources[source]

    def _collect(self, declaration: Declaration) -> SourceRun:
        from courtpulse.drop_folder import collect_files
        from courtpulse.ledger import footed, telling
        from courtpulse.seeds import taking
        from courtpulse.told_deletions import carry_out
        from crawlers.declared import ImportSource
        from crawlers.run import collect

        rooms = self.rooms
        declaration = footed(rooms, declaration)
        if (instead := rooms.pressure.held_back(declaration)) is not None:
            return instead
        if isinstance(declaration, ImportSource):
            folder = rooms.settings.folder / "imports"
            return collect_files(
                declaration, folder, rooms.ingest(), rooms.records.runs, rooms.clock,
                rooms.records.deletions.buried,
            )  # fmt: skip
        run = collect(
            declaration,
            run_log=rooms.records.runs,
            clock=rooms.clock,
            data_dir=rooms.settings.folder,
            inbox=rooms.settings.inbox,
            sites=folder_of(declaration, rooms.settings.sources),
            contact=rooms.settings.contact,
            told=taking(rooms, declaration, telling(rooms, declaration)),
        )
        carry_out(self, declaration.source)
        return run

    def import_file(
        self,
        path: Path,
        mapping: Path | str,
        license_ref: str = "",
        progress: Progress | None = None,
    ) -> ImportReport:
        """Import a CSV, XLSX or JSONL file through a column mapping.

        Its rows belong to the declared source with that mapping, so that a file imported by hand
        and laid into `imports/` counts once; without one, to a source called like the mapping.

        Raises:
            ConfigurationError: no such mapping, an unknown key in it, no `license_ref`.
            BadInput: the file can't be read as a whole; single rows go to the quarantine.
            NotAllowed: the licence of its source has run out.
        """
        from courtpulse.file_import import import_file

        return import_file(self.rooms, path, mapping, license_ref, progress)

    def batches(self) -> list[list[str]]:
        """Pending segments in order, cut into at most `settings.batch` batches.

        A batch has at least eight segments if there are as many, because a task costs more to
        start (about 1 s) than eight usual segments cost to annotate.
        """
        pending = self.rooms.inbox.pending()
        size = max(_LEAST_BATCH, -(-len(pending) // self.rooms.settings.batch))
        return [pending[start : start + size] for start in range(0, len(pending), size)]

    def annotate(self, segments: Sequence[str]) -> StageReport:
        """Link, label and index `segments`, and commit them."""
        from courtpulse.families import begin
        from courtpulse.poison import carefully
        from crawlers.heap import settle
        from nlp.linking import Linker

        rooms = self.rooms
        begin(rooms)
        stage = Annotate(
            inbox=rooms.inbox,
            store=rooms.store,
            cases=rooms.records.cases.all,
            linker=Linker,
            annotator=rooms.annotator,
            authors=rooms.authors,
            clock=rooms.clock,
            lookalikes=rooms.lookalikes,
        )
        settle()
        report = carefully(rooms, segments, stage.run)
        self._mark_indexed()
        log.info("annotated", posts=report.posts, linked=report.linked, segments=report.segments)
        return report

    def _mark_indexed(self) -> None:
        """Note the instant before which everything fetched is indexed; see `alerts.lag`."""
        from alerts.lag import INDEXED

        now = self.rooms.clock()  # before the look: what comes meanwhile isn't indexed
        waiting = self.rooms.inbox.oldest_pending()
        self.rooms.records.marks.set(INDEXED, min(now, waiting - _TICK) if waiting else now)

    def detect(self) -> DetectionReport:
        """Score every watched case over the index and raise, extend or close alerts."""
        self.watcher().resume()
        self._mark_indexed()
        with self.rooms.records.alone(EVIDENCE):
            report = self.rooms.detection().run()
        log.info(
            "detected",
            raised=report.raised,
            grew=report.grew,
            closed=report.closed,
            held=report.held,
        )
        return report

    def decide(self) -> PolicyReport:
        """Decide on every open alert and every clock; nothing is sent."""
        with self.rooms.records.alone(EVIDENCE):
            report = self.rooms.policy().run()
        log.info("decided", told=report.told, muted=report.muted, clocks=report.clocks)
        return report

    def notify(self) -> SendReport:
        """Decide what is to be told, queue it for whoever the routes name, and send what is due."""
        from alerts.outbox import send_due
        from alerts.telling import tell
        from courtpulse.exports import enter_notifications
        from courtpulse.source_news import SourceNews

        self.decide()
        rooms, settings = self.rooms, self.rooms.settings
        address, now = f"http://{settings.host}:{settings.port}", rooms.clock()
        news = SourceNews(rooms)
        queued = tell(rooms.records, rooms.routing, address, now, news.notices(address))
        news.told()
        enter_notifications(rooms.records)
        report = send_due(rooms.records, rooms.routing, rooms.clock)
        log.info(
            "notified", queued=queued, sent=report.sent, failed=report.failed, dead=report.dead
        )
        return report

    def watcher(self) -> Watcher:
        """Starts watching cases; see `courtpulse.watch`."""
        from courtpulse.watch import Watcher

        rooms = self.rooms
        return Watcher(
            rooms.records, rooms.store, rooms.inbox, rooms.authors, rooms.clock,
            lambda: rooms.annotator,
        )  # fmt: skip

    def candidates(self) -> CandidateReport:
        """Propose cases that unlinked posts are suddenly about; people decide on them.

        Raises:
            StoreFailure: the index or the records don't answer; run again.
        """
        from courtpulse.candidates import find_candidates

        report = find_candidates(self.rooms)
        self.rooms.records.marks.set("candidates", self.rooms.clock())
        return report

    def candidates_hourly(self) -> None:
        """The same if the last time was an hour ago; for a loop without a scheduler."""
        last = self.rooms.records.marks.get("candidates")
        if last is None or self.rooms.clock() - last >= timedelta(hours=1):
            self.candidates()

    def drift(self, first_day: date | None = None) -> DriftReport | None:
        """Compare a week's posts with what the model was made from; None without a reference."""
        from courtpulse.drift import measure, reference_path
        from reports.period import Week

        if not reference_path(self.rooms).is_file():
            log.warning("no reference to compare the week with", model=self.rooms.annotator.name)
            return None
        week = Week.beginning(first_day) if first_day else Week.last_complete(self.rooms.clock())
        return measure(self.rooms, week)

    def report_weekly(self, first_day: date | None = None) -> StoredReport:
        """Make the weekly report of the seven days from `first_day` (default: last complete week)."""
        from courtpulse.weekly import make

        return make(self.rooms, first_day)

    def housekeep(self) -> dict[str, int]:
        """Delete what has outlived its retention; returns how much of each."""
        from courtpulse.drop_folder import delete_imported
        from courtpulse.families import complete
        from courtpulse.replay.copies import expire as expire_replays
        from courtpulse.retention import expire_records, expire_sources
        from courtpulse.told_deletions import carry_out_all

        rooms, now = self.rooms, self.rooms.clock()
        # Deciding over nothing still lets rows of authors die, on days without a single post.
        rooms.authors.decide([], now)
        self.eraser().finish_pending()
        carry_out_all(self)
        complete(rooms)
        kept_since = now - rooms.settings.segment_life
        done = {
            "segments": rooms.inbox.delete_older(kept_since),
            "imports": delete_imported(rooms.settings.folder / "imports", kept_since),
            "quarantine": rooms.quarantine.expire(),
            "replays": expire_replays(rooms.settings.folder, kept_since),
            "cases": len(rooms.records.case_states.expire()),
            "posts": rooms.store.delete_before(now - rooms.settings.post_life)
            + expire_sources(rooms, now),
            **expire_records(rooms, now),
            "lookalikes": rooms.lookalikes.expire(now),
        }
        log.info("housekeeping", **done)
        return done

    def housekeep_daily(self) -> None:
        """Housekeep and re-check if the last time was a day ago; for a loop without a scheduler."""
        rooms, now = self.rooms, self.rooms.clock()
        last = rooms.records.marks.get("housekeep")
        if last is None or now - last >= timedelta(days=1):
            self.housekeep()
            self.recheck()
            rooms.records.marks.set("housekeep", now)

    def recheck(
        self, sources: Sequence[str] | None = None, *, believe: bool = False
    ) -> RecheckReport:
        """Ask the sources which posts their authors deleted, and forget those; daily."""
        from courtpulse.recheck import recheck_all

        return recheck_all(self, sources, believe=believe)

    def forget(
        self,
        ids: Iterable[str],
        reason: DeletionReason = DeletionReason.ASKED,
        source: str = "",
    ) -> int:
        """Delete posts for good, wherever they lie; how many the index held.

        The one entry point of every deletion: re-check, delete events of a stream, requests.

        Args:
            source: of ids that no place knows any more, for the count record.

        Raises:
            StoreFailure: a place can't be written; the deletion is pending, the next round goes on.
        """
        return self.eraser().forget(ids, reason, source)

    def eraser(self) -> Eraser:
        """Deletes posts everywhere; see `courtpulse.deletion`."""
        from courtpulse.deletion import Eraser

        return Eraser(self.rooms)

    def run_once(self, sources: Sequence[str] | None = None) -> None:
        """The whole chain once, without Airflow. A source that fails doesn't hold up the others.

        Raises:
            NotFound: no source of such a name; nothing was started.
            ConfigurationError: the policy or routes file is wrong; nothing was started.
            CourtpulseError: a source failed; raised at the end, when the rest is done.
        """
        names = self.rooms.sources if sources is None else sources
        declarations = [self._declared(name) for name in names]
        self.rooms.read_anew()
        # A wrong policy or routes file stops us before anything is fetched.
        _ = self.rooms.policy_settings, self.rooms.routing
        self.register_sources()
        failed: list[CourtpulseError] = []
        for declaration in declarations:
            try:
                self._collect(declaration)
            except CourtpulseError as error:
                log.error("source failed", source=declaration.source, problem=error.problem)
                failed.append(error)
        for batch in self.batches():
            self.annotate(batch)
        self.detect()
        self.notify()
        if failed:
            raise failed[0]


def folder_of(declaration: Declaration, folders: Sequence[Path]) -> Path | None:
    """The folder a declaration came from: its own spider, if it has one, lies beside it."""
    name = f"{declaration.source}.yml"
    return next((folder for folder in folders if (folder / name).is_file()), None)


@contextmanager
def opened(settings: Settings | None = None, clock: Clock = system_clock) -> Iterator[Flow]:
    """A flow over the settings of the environment, closed at the end.

    Raises:
        ConfigurationError: a setting is wrong, or the data folder can't be written.
    """
    settings = settings or Settings.load()
    settings.make_folder()
    rooms = Rooms(settings, clock)
    try:
        yield Flow(rooms)
    finally:
        rooms.close()

"""What one spider run saw, failed at and left out; judged against `expect` when it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from crawlers.declarations import Declaration
from crawlers.failures import SourceBlind
from crawlers.pieces import Hole
from crawlers.state import SourceState
from crawlers.unfinished import Unfinished
from domain.completeness import Capture
from domain.errors import CourtpulseError
from domain.seeds import ListedHearing, Volume
from domain.sources import GapReason
from domain.time import SHANGHAI

#: Below this many items a run of rejected ones may be chance.
_FEW = 3


@dataclass(frozen=True, slots=True)
class Malformed:
    """An item that could not be read: goes to the quarantine, the rest goes on.

    Attributes:
        key: what the item is remembered by, so that it isn't rejected again at every poll.
        raw: the item as it came.
    """

    key: str
    raw: bytes | str
    problem: str
    remedy: str
    where: str


@dataclass(slots=True)
class Report:
    """A run's own record.

    Attributes:
        asked, answered: requests handed to Scrapy and those that came back, well or badly.
        seen: items the source delivered, known ones included; new, rejected: see `SourceRun`.
        blind: the first failure; it names the gap.
        covered_from: where a page limit cut the window short, the latest of several.
        unchanged: every address answered 304, or there was none to ask: an empty run is in order.
        fault: an error of ours, not of the source; the run is then given up without a commit.
        gone, present: what a re-check learned.
        hearings (by link), volumes: what was told that is no post.
        planned, holes, unfinished, captures, heard_until: see `Outcome`.
    """

    asked: int = 0
    answered: int = 0
    seen: int = 0
    new: int = 0
    rejected: int = 0
    unchanged: bool = False
    newest: datetime | None = None
    blind: SourceBlind | None = None
    covered_from: datetime | None = None
    fault: Exception | None = None
    segments: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    present: int = 0
    hearings: dict[str, ListedHearing] = field(default_factory=dict)
    volumes: list[Volume] = field(default_factory=list)
    planned: bool = False
    holes: list[Hole] = field(default_factory=list)
    unfinished: Unfinished = field(default_factory=Unfinished)
    captures: list[Capture] = field(default_factory=list)
    heard_until: datetime | None = None

    def fail(self, blind: SourceBlind) -> None:
        """Note a failure; the first one stays, because later ones often follow from it."""
        self.blind = self.blind or blind

    def cut_short(self, covered_from: datetime) -> None:
        """Note that nothing before `covered_from` could be reached."""
        if self.covered_from is None or covered_from > self.covered_from:
            self.covered_from = covered_from

    def note_published(self, moment: datetime) -> None:
        """Keep the newest time of publication."""
        if self.newest is None or moment > self.newest:
            self.newest = moment


def judge(report: Report, declaration: Declaration, state: SourceState, now: datetime) -> None:
    """Fail a run that looks well but isn't: too few, too many, too old, mostly unreadable.

    `state` already counts this run.
    """
    if report.blind is not None or report.fault is not None:
        return
    if report.answered < report.asked or not (report.asked or report.unchanged):
        report.fail(SourceBlind(GapReason.DOWN, "请求没有得到任何答复，请查看运行日志"))
        return
    for check in (_too_few, _too_many, _unreadable, _too_few_a_day, _too_old):
        blind = check(report, declaration, state, now)
        if blind is not None:
            report.fail(blind)
            return


def fault_of(error: Exception) -> tuple[str, str, str]:
    """Class name, problem and remedy of an error of ours, to travel to the parent process."""
    if isinstance(error, CourtpulseError):
        return type(error).__name__, error.problem, error.remedy
    if isinstance(error, OSError):
        return (
            "StoreFailure",
            f"{type(error).__name__}: {error.strerror}",
            ("check free space and permissions of the data folder"),
        )
    return "CourtpulseError", type(error).__name__, "see the log; this is a bug, please report it"


def _too_few(
    report: Report, declaration: Declaration, _state: SourceState, _now: datetime
) -> SourceBlind | None:
    least = declaration.expect.min_items
    if least is None:
        least = 1 if declaration.kind in ("feed", "site") else 0
    if report.unchanged or report.seen >= least:
        return None
    reason = GapReason.BLANK_PAGE if report.seen == 0 else GapReason.BELOW_EXPECTATION
    return SourceBlind(reason, f"本次 {report.seen} 条，应不少于 {least} 条，请核对来源")


def _too_many(
    report: Report, declaration: Declaration, _state: SourceState, _now: datetime
) -> SourceBlind | None:
    most = declaration.expect.max_items
    if most is None or report.seen <= most:
        return None
    return SourceBlind(
        GapReason.BAD_BODY, f"本次 {report.seen} 条，多于上限 {most} 条，页面可能已改版"
    )


def _unreadable(
    report: Report, _declaration: Declaration, _state: SourceState, _now: datetime
) -> SourceBlind | None:
    if report.rejected < _FEW or report.rejected <= report.new + len(report.hearings):
        return None
    return SourceBlind(
        GapReason.BAD_BODY,
        f"新条目 {report.new + report.rejected} 条中 {report.rejected} 条无法解析，页面可能已改版",
    )


def _too_few_a_day(
    _report: Report, declaration: Declaration, state: SourceState, now: datetime
) -> SourceBlind | None:
    least = declaration.expect.min_items_per_day
    if least is None or not state.day_is_full(now):
        return None
    count = sum(state.hours.values())
    if count >= least:
        return None
    return SourceBlind(
        GapReason.BELOW_EXPECTATION, f"近 24 小时 {count} 条，应不少于 {least} 条，请核对来源"
    )


def _too_old(
    _report: Report, declaration: Declaration, state: SourceState, now: datetime
) -> SourceBlind | None:
    longest = declaration.expect.max_silence
    since = state.newest or state.since
    if longest is None or not since:
        return None
    newest = datetime.fromisoformat(since)
    if now - newest <= longest:
        return None
    return SourceBlind(
        GapReason.BELOW_EXPECTATION,
        f"最新一条发布于 {newest.astimezone(SHANGHAI):%m-%d %H:%M}，静默过久，请核对来源",
    )

"""The weekly report from the rooms: made, kept with its aggregates, recomputed."""

from __future__ import annotations

from datetime import date

from courtpulse.drift import for_weekly
from courtpulse.exports import enter_report
from courtpulse.rooms import Rooms
from domain.time import SHANGHAI
from nlp.model_card import read_metrics
from records.reports import StoredReport
from reports.aggregates import Difference, Issue, ModelCard, keep
from reports.aggregates import recompute as recompute_aggregates
from reports.period import Week
from reports.weekly import build_weekly
from reports.write import FORMATS, write_weekly

#: What of the card a reader of the weekly needs.
_METRICS = {"joint_accuracy": "对象与态度均对", "court_negative_f1": "涉院负面 F1"}


def make(rooms: Rooms, first_day: date | None = None, *, pdf: bool = False) -> StoredReport:
    """Write the weekly of the seven days from `first_day` (default: the last complete week).

    Raises:
        NotAllowed: the report breaks a rule of practice.md §5; nothing was written.
        ConfigurationError: a PDF without LibreOffice.
    """
    week = Week.beginning(first_day) if first_day else Week.last_complete(rooms.clock())
    issue = Issue(
        number=_number(week),
        court=rooms.settings.court,
        issuer=f"{rooms.settings.court}{rooms.settings.office}",
    )
    model = build_weekly(
        rooms.store, rooms.records, rooms.topics, rooms.clock, issue, week=week,
        card=_card(rooms), drift=for_weekly(rooms, week), gist=rooms.questions.gist,
    )  # fmt: skip
    files = write_weekly(model, rooms.reports, (*FORMATS, "pdf") if pdf else FORMATS)
    enter_report(rooms.records, files, model.aggregates)
    return keep(rooms.records, model.aggregates, files)


def recompute(rooms: Rooms, report_id: str) -> list[Difference]:
    """Ask every stored query of a report again; empty when each number still stands."""
    return recompute_aggregates(rooms.store, rooms.records.reports.get(report_id).aggregates)


def _number(week: Week) -> int:
    """Number of the issue within its year: the week of the year in which it ends."""
    return week.until.astimezone(SHANGHAI).isocalendar().week


def _card(rooms: Rooms) -> ModelCard:
    measured = read_metrics(rooms.model / "card.md")
    return ModelCard(
        name=rooms.annotator.name,
        metrics={label: measured[key] for key, label in _METRICS.items()},
        measured_on="训练未见事件的公开文本，由语言模型标注",
    )

"""Frozen aggregates: every count a weekly uses, with the query that gave it, as plain JSON."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from domain.alerts import Alert, AlertState
from domain.annotation import Topic
from domain.cases import Case
from domain.errors import BadInput
from domain.protocols import Store
from domain.sources import Gap, GapReason, Health, SourceStatus
from domain.time import Clock
from records import Records
from records.codec import to_json
from records.coverage import post_gaps, post_statuses
from records.precision import Precision, precision
from records.reports import StoredReport
from reports import overlap
from reports.asked import WEEKS, episodes, queries
from reports.period import Week
from reports.queries import Asker, Cells, StoredQuery
from reports.source_hours import frozen

Aggregates = dict[str, Any]
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Issue:
    """What stands on the masthead and at the foot.

    Attributes:
        number: of the issue (第×期).
        court: the court the weekly is about.
        issuer: the unit that issues it (编发单位).
        report_to, send_to, hand_out: 报、送、发; "" leaves the line out.
    """

    number: int
    court: str
    issuer: str
    name: str = "舆情周报"
    report_to: str = ""
    send_to: str = ""
    hand_out: str = ""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of the model's quality, e.g. {"涉院负面 F1": 0.81}, and on what (`measured_on`)."""

    name: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    measured_on: str = ""


#: What a wording asks, in words that can't be searched for.
Gist = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored answer that the store doesn't give any more."""

    query: str
    stored: Any
    now: Any


def collect(
    store: Store,
    records: Records,
    topics: Mapping[str, Topic],
    clock: Clock,
    week: Week,
    issue: Issue,
    card: ModelCard | None = None,
    drift: Mapping[str, Any] | None = None,
    gist: Gist | None = None,
) -> Aggregates:
    """Everything the weekly of `week` says, counted now.

    Args:
        drift: how far the week's posts are from those the model was made from: posts,
            unknown_characters, and under `moved` for each field its psi, chance and change.
        gist: what a wording is about. Without it no focus question is kept: a wording is
            somebody's own and can be searched for (practice.md §5).

    Raises:
        StoreFailure: the index or the records can't be read.
    """
    alerts = records.alerts.between(week.since, week.until)
    cases = {case.id: case for case in records.cases.all(archived=True)}
    involved = sorted({alert.case_id for alert in alerts if alert.state != AlertState.DISMISSED})
    asker = Asker(store)
    oldest = week.earlier(WEEKS - 1)
    statuses = post_statuses(records)
    gaps = [*post_gaps(records, oldest.since, week.until), *_silent(statuses, oldest.since)]
    aggregates: Aggregates = {
        **_head(week, clock()),
        "issue": asdict(issue),
        "card": _card(card),
        "drift": dict(drift) if drift is not None else None,
        "topics": {topic.id: _topic(topic) for topic in topics.values()},
        "alerts": [_alert(alert, gist) for alert in alerts],
        "precision": _precision(precision(records, week.since, week.until)),
        "cases": {name: _case(cases[name]) for name in involved if name in cases},
        "sources": [_source(status) for status in statuses],
        "deleted": sum(records.deletions.tally(week.since, week.until).values()),
        "coverage": frozen(records, week),
        "overlap": overlap.frozen(records, week, statuses),
        "gaps": [to_json(gap) for gap in gaps if gap.start < week.until],
        "answers": [
            {**stored.to_json(), "cells": asker.ask(stored)}
            for stored in (*queries(week, involved), *episodes(alerts))
        ],
    }
    return {**aggregates, "digest": digest(aggregates)}


def _head(week: Week, now: datetime) -> Aggregates:
    return {
        "schema": SCHEMA,
        "kind": "weekly",
        "id": f"weekly-{week.first_day.isoformat()}",
        "since": week.since.isoformat(),
        "until": week.until.isoformat(),
        "created_at": now.isoformat(),
    }


def _source(status: SourceStatus) -> dict[str, Any]:
    names = ("source", "title", "platform", "sample_rate")
    return {name: getattr(status, name) for name in names}


def _precision(found: Precision) -> dict[str, float | None]:
    return {
        "confirmed": found.confirmed.k,
        "decided": found.confirmed.n,
        "undecided": found.undecided,
        "low": found.low,
        "high": found.high,
    }


def digest(aggregates: Aggregates) -> str:
    """SHA-256 over everything but the digest itself."""
    bare = {key: value for key, value in aggregates.items() if key != "digest"}
    text = json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_schema(aggregates: Aggregates) -> None:
    """Refuse what this version can't read.

    Raises:
        BadInput: another schema or kind.
    """
    if aggregates.get("schema") != SCHEMA or aggregates.get("kind") != "weekly":
        raise BadInput(
            "these aggregates are not of a weekly this version can read",
            remedy="make the report again while its posts are held",
            where=str(aggregates.get("id", "")),
        )


def recompute(store: Store, aggregates: Aggregates) -> list[Difference]:
    """Ask every stored query again; empty when each number still stands.

    Meaningful while the posts of the period are held: afterwards everything differs. The digest
    tells whether the aggregates themselves were touched.
    """
    check_schema(aggregates)
    differences = []
    if aggregates.get("digest") != (now := digest(aggregates)):
        differences.append(Difference("digest", aggregates.get("digest"), now))
    asker = Asker(store)
    for answer in aggregates["answers"]:
        cells = asker.ask(StoredQuery.from_json(answer))
        if cells != answer["cells"]:
            differences.append(Difference(answer["name"], answer["cells"], cells))
    return differences


def keep(records: Records, aggregates: Aggregates, files: Mapping[str, str]) -> StoredReport:
    """Store the report: its aggregates, and where its files lie."""
    report = StoredReport(
        id=aggregates["id"],
        kind=aggregates["kind"],
        since=datetime.fromisoformat(aggregates["since"]),
        until=datetime.fromisoformat(aggregates["until"]),
        created_at=datetime.fromisoformat(aggregates["created_at"]),
        aggregates=aggregates,
        files=dict(files),
    )
    records.reports.save(report)
    return report


def answers(aggregates: Aggregates) -> dict[str, Cells]:
    """Cells by name of the query."""
    return {answer["name"]: answer["cells"] for answer in aggregates["answers"]}


def _silent(statuses: Sequence[SourceStatus], since: datetime) -> list[Gap]:
    """Gaps nobody recorded, because nothing ran: a source that is late, or that never ran."""
    return [
        Gap(
            status.source,
            status.blind_since if status.blind_since is not None else since,
            None,
            GapReason.NOT_RUN,
        )
        for status in statuses
        if status.health in (Health.LATE, Health.UNKNOWN)
    ]


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        "zh": topic.zh,
        "group": topic.group,
        "articles": list(topic.articles),
        "owner_dept": topic.owner_dept,
    }


def _alert(alert: Alert, gist: Gist | None) -> dict[str, Any]:
    """The alert without ids and words of its posts: a report points at no single post."""
    document = to_json(alert)
    document["why"]["evidence"] = []
    document["why"]["narratives"] = []  # verbatim; no page of a report shows them
    asked = alert.why.questions if gist is not None else ()
    document["why"]["questions"] = [[gist(words), posts] for words, posts in asked if gist]
    document["why"]["question_texts"] = list(alert.why.question_texts) if asked else []
    return document


def _case(case: Case) -> dict[str, Any]:
    """What a report may say of a case: no litigant, no formula."""
    return {
        "title": case.title,
        "court": case.court,
        "numbers": list(case.numbers),
        "stage": case.stage.value,
    }


def _card(card: ModelCard | None) -> dict[str, Any] | None:
    if card is None:
        return None
    return {"name": card.name, "metrics": dict(card.metrics), "measured_on": card.measured_on}

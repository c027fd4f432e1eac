"""The weekly comparison of posts with what the model was made from: measured, kept, put in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from courtpulse.rooms import Rooms
from domain.annotation import AnnotatedPost
from domain.errors import ConfigurationError
from domain.protocols import Query, Store
from nlp import drift
from records.reports import StoredReport
from reports.period import Week

KIND = "drift"
#: Newest posts of a day that are compared: 700 a day give chance an index below .01.
_A_DAY = 700
#: File of a model folder that says what its texts looked like.
REFERENCE = "drift.json"


@dataclass(frozen=True, slots=True)
class DriftReport:
    """A week compared.

    Attributes:
        posts: compared ones; `other_models` more were labelled by another model.
        unknown_characters: share of characters that did not occur in training.
        moved: by field: index, what chance reaches, and none, some or much.
    """

    since: str
    until: str
    model: str
    posts: int
    other_models: int
    unknown_characters: float
    moved: list[dict[str, Any]]


def reference_path(rooms: Rooms) -> Path:
    """Where the reference of the model lies: in its folder."""
    return rooms.model / REFERENCE


def measure(rooms: Rooms, week: Week) -> DriftReport:
    """Compare the posts of `week` and keep the result.

    Raises:
        ConfigurationError: the model came without a reference, or it is damaged.
    """
    known = drift.Reference.load(reference_path(rooms))
    posts = list(_sample(rooms.store, week))
    own = [post for post in posts if post.annotation.model == known.model]
    texts = [post.post.full_text for post in own]
    moved = drift.compare(known, [post.annotation for post in own], texts)
    report = DriftReport(
        since=week.since.isoformat(),
        until=week.until.isoformat(),
        model=known.model,
        posts=len(own),
        other_models=len(posts) - len(own),
        unknown_characters=round(drift.unknown_rate(texts, known.characters), 6),
        moved=drift.to_json(moved),
    )
    rooms.records.reports.save(
        StoredReport(
            f"{KIND}-{week.first_day.isoformat()}",
            KIND,
            week.since,
            week.until,
            rooms.clock(),
            asdict(report),
        )
    )
    return report


def for_weekly(rooms: Rooms, week: Week) -> dict[str, Any] | None:
    """What the weekly says of the model; None when the model came without a reference."""
    if not reference_path(rooms).is_file():
        return None
    return asdict(measure(rooms, week))


def learn(rooms: Rooms, texts: Path, out: Path) -> drift.Reference:
    """Label the texts of a JSONL file and write them down as what the model was made from.

    Raises:
        BadInput: the file can't be read, or a line is no object with a text.
        ConfigurationError: the file holds too few texts.
    """
    from nlp.corpus import read_texts

    readings = read_texts(texts)
    if len(readings) < drift.LEAST_POSTS:
        raise ConfigurationError(
            f"{len(readings)} texts are too few", remedy="give a thousand or more", where=str(texts)
        )
    annotator = rooms.annotator
    known = drift.reference(
        annotator.annotate(readings), [one.text for one in readings], annotator.name
    )
    known.save(out)
    return known


def _sample(store: Store, week: Week) -> Iterator[AnnotatedPost]:
    for day in range(7):
        since = week.since + timedelta(days=day)
        query = Query(since=since, until=min(since + timedelta(days=1), week.until))
        yield from store.search(query, limit=_A_DAY).posts
